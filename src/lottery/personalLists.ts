/** The lists of people that operators keep, as one person finds themself on them. */
import { In } from 'typeorm';
import { z } from 'zod';
import { BlacklistedDiner } from '../../entities/lottery/BlacklistedDiner.ts';
import { UserSegment } from '../../entities/lottery/UserSegment.ts';
import { insertAll } from '../platform/database/bulk.ts';
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

/** Who was on one of them by an account that ends is on it by the other one: nobody draws again by a merge. */
export async function carryLists(
  tx: Tx,
  { fromUserId, intoUserId }: { fromUserId: number; intoUserId: number },
): Promise<void> {
  const both = { user_id: In([fromUserId, intoUserId]) };
  const [blacklisted, segments] = await Promise.all([
    tx.lock(BlacklistedDiner, { where: both, order: { user_id: 'ASC' } }),
    tx.manager.findBy(UserSegment, both),
  ]);
  const known = blacklisted.find(({ user_id: userId }) => userId === fromUserId);
  if (known !== undefined && blacklisted.length === 1)
    await insertAll(tx, BlacklistedDiner, [{ ...known, user_id: intoUserId }]);
  const has = (userId: number) => segments.filter((row) => row.user_id === userId).map((row) => row.segment);
  const had = new Set(has(intoUserId));
  const more = has(fromUserId).filter((segment) => !had.has(segment));
  await insertAll(
    tx,
    UserSegment,
    more.map((segment) => ({ segment, user_id: intoUserId })),
  );
}

/** Takes somebody who leaves off all of them. */
export async function leaveLists(tx: Tx, userId: number): Promise<void> {
  await tx.manager.delete(UserSegment, { user_id: userId });
  await tx.manager.delete(BlacklistedDiner, { user_id: userId });
}
