/** What somebody has sent, for themself. */
import { z } from 'zod';
import { ImageResource } from '../../entities/images/ImageResource.ts';
import type { Database } from '../platform/database/transaction.ts';
import { newest, newestOf } from '../platform/shapes.ts';
import { toView } from './images.ts';
import { ownImageShape } from './messages.ts';

export const exportedImagesShape = z.object({ images: newestOf(ownImageShape) });

/** Newest first. */
export async function exportImages(
  { reader }: Pick<Database, 'reader'>,
  userId: number,
  limit: number,
): Promise<z.output<typeof exportedImagesShape>> {
  const rows = await reader.find(ImageResource, {
    where: { user_id: userId },
    order: { created_at: 'DESC', image_id: 'DESC' },
    take: limit + 1,
  });
  const images = rows.map((row) => ({ ...toView(row), created_at: row.created_at.toISOString() }));
  return { images: newest(images, limit) };
}
