import type { Clock } from '../platform/clock.ts';
import { BucketObjects } from './bucketObjects.ts';
import { DiskObjects } from './diskObjects.ts';
import type { Objects } from './objects.ts';
import type { ImageConfig } from './settings.ts';

/** As the settings say. Nothing is asked or made yet: a server that gets no picture needs none of it. */
export async function openObjects(
  { imagesFolder, imagesBucket }: ImageConfig,
  clock: Clock,
): Promise<Objects> {
  return imagesBucket === undefined ? new DiskObjects(imagesFolder) : BucketObjects.of(imagesBucket, clock);
}
