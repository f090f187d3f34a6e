/** The lists of people that operators keep, as one person finds themself on them. */
import { z } from 'zod';
import { BlacklistedDiner } from '../../entities/lottery/BlacklistedDiner.ts';
import { UserSegment } from '../../entities/lottery/UserSegment.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { timeShape } from '../platform/shapes.ts';

export const personalListsShape = z.object({
  segments: z.array(z.string()),
  blacklisting: z.object({ reason: z.string(), created_at: timeShape }).nullable(),
});

/** No more than there are segments. */
export async function readPersonalLists(
  { reader }: Pick<Database, 'reader'>,
  userId: number,
): Promise<z.output<typeof personalListsShape>> {
  const [segments, blacklisted] = await Promise.all([
    reader.find(UserSegment, { where: { user_id: userId }, order: { segment: 'ASC' } }),
    reader.findOneBy(BlacklistedDiner, { user_id: userId }),
  ]);
  return {
    segments: segments.map(({ segment }) => segment),
    blacklisting: blacklisted && {
      reason: blacklisted.reason,
      created_at: blacklisted.created_at.toISOString(),
    },
  };
}

/** Takes somebody who leaves off all of them. */
export async function leaveLists(tx: Tx, userId: number): Promise<void> {
  await tx.manager.delete(UserSegment, { user_id: userId });
  await tx.manager.delete(BlacklistedDiner, { user_id: userId });
}
