/** What somebody has said of what they were recommended, and of the product, for themself. */
import { z } from 'zod';
import { FEEDBACK_KINDS, SmartFeedback } from '../../entities/smart/SmartFeedback.ts';
import type { Database } from '../platform/database/transaction.ts';
import { newest, newestOf, rowIdShape, timeShape } from '../platform/shapes.ts';

export const exportedFeedbackShape = z.object({
  feedback: newestOf(
    z.object({
      kind: z.enum(FEEDBACK_KINDS),
      item_type: z.string().nullable(),
      item_id: rowIdShape.nullable(),
      satisfaction: z.int().nullable(),
      text: z.string().nullable(),
      created_at: timeShape,
    }),
  ),
});

/** Newest first. */
export async function exportFeedback(
  { reader }: Pick<Database, 'reader'>,
  userId: number,
  limit: number,
): Promise<z.output<typeof exportedFeedbackShape>> {
  const rows = await reader.find(SmartFeedback, {
    where: { user_id: userId },
    order: { feedback_id: 'DESC' },
    take: limit + 1,
  });
  const feedback = rows.map(({ kind, item_type, item_id, satisfaction, text, created_at }) => ({
    ...{ kind, item_type, item_id, satisfaction, text },
    created_at: created_at.toISOString(),
  }));
  return { feedback: newest(feedback, limit) };
}
