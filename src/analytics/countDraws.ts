/** Draws, as they are counted of their people: by the fold of the statistics, which reads each of them once. */
import type { Tx } from '../platform/database/transaction.ts';
import { addInteractions } from './interactions/countInteractions.ts';
import { holdOwners } from './owners.ts';
import type { Counting, Done } from './profileRows.ts';
import { addDeeds } from './profiles.ts';

/** What somebody has drawn of a campaign in an hour of the restaurants. */
export interface DrawsOfHour {
  userId: number;
  draws: number;
  freeDraws: number;
  firstMs: number;
  lastMs: number;
}

/** By the transaction that counts these draws as counted. */
export async function countDrawsOfPeople(
  tx: Tx,
  { campaignId, hours }: { campaignId: number; hours: readonly DrawsOfHour[] },
  counting: Counting,
): Promise<void> {
  const ownerOf = await holdOwners(
    tx,
    hours.map(({ userId }) => userId),
  );
  const theirs = hours.flatMap((hour) => {
    const userId = ownerOf(hour.userId);
    return userId === undefined ? [] : [{ ...hour, userId }];
  });
  await addInteractions(
    tx,
    theirs.map(({ userId, draws, firstMs, lastMs }) => ({
      ...{ user_id: userId, item_type: 'campaign', item_id: campaignId, entries: draws },
      ...{ first_at: new Date(firstMs), last_at: new Date(lastMs) },
    })),
  );
  await addDeeds(tx, theirs.flatMap(deedsOf), counting);
}

export function deedsOf({ userId, draws, freeDraws, firstMs, lastMs }: DrawsOfHour): Done[] {
  return [
    { userId, deed: { draws, free_draws: freeDraws, isOwn: true }, atMs: firstMs },
    { userId, deed: { isOwn: true }, atMs: lastMs },
  ];
}
