/** What has changed, for those who are here and look at it (C-8): told of once the transaction has committed, and kept nowhere. */
import { z } from 'zod';
import type { Tx } from './database/transaction.ts';

export const SYNC_ENTITIES = [
  'user',
  'points',
  'campaign',
  'stock',
  'leaderboard',
  'order',
  'review',
  'chat',
] as const;

/** Whom a change concerns. */
export type SyncAudience =
  | { userIds: readonly number[] }
  /** Whoever may decide about it, or work with it. */
  | { permission: string }
  /** Who has opened a campaign, or drawn in it. */
  | { guestsOf: number }
  | { all: true };

export const syncShape = z.object({
  to: z.union([
    z.strictObject({ userIds: z.array(z.int()) }),
    z.strictObject({ permission: z.string() }),
    z.strictObject({ guestsOf: z.int() }),
    z.strictObject({ all: z.literal(true) }),
  ]),
  entity: z.enum(SYNC_ENTITIES),
  /** Of a person's own: 0, which stands for each. */
  id: z.int(),
  /** What is new of it; null: whoever hears of it looks at it. */
  change: z.record(z.string(), z.unknown()).nullable(),
});

export interface Sync {
  to: SyncAudience;
  entity: (typeof SYNC_ENTITIES)[number];
  id: number;
  change: Record<string, unknown> | null;
}

const PREFIX = 'sync:';

/** Of the people themselves: of each by their own id. */
export function tellPeople(
  tx: Pick<Tx, 'topics'>,
  userIds: readonly number[],
  { entity, change }: Pick<Sync, 'entity' | 'change'>,
): void {
  if (userIds.length > 0) tellSync(tx, { to: { userIds }, entity, id: 0, change });
}

export function tellSync(tx: Pick<Tx, 'topics'>, sync: Sync): void {
  tx.topics.add(`${PREFIX}${JSON.stringify(sync)}`);
}

export function syncsOf(topics: ReadonlySet<string>): Sync[] {
  return [...topics]
    .filter((topic) => topic.startsWith(PREFIX))
    .map((topic) => JSON.parse(topic.slice(PREFIX.length)) as Sync);
}
