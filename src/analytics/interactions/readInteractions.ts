/** What tastes are learned from, for whoever learns them and for whoever names a past action. */
import { In } from 'typeorm';
import { AnalyticsInteraction, type ItemType } from '../../../entities/analytics/AnalyticsInteraction.ts';
import { findUncounted } from '../../identity/people/counted.ts';
import type { Database } from '../../platform/database/transaction.ts';

export { ITEM_TYPES, type ItemType } from '../../../entities/analytics/AnalyticsInteraction.ts';

export interface Interaction {
  userId: number;
  itemType: ItemType;
  itemId: number;
  entries: number;
  firstAtMs: number;
  lastAtMs: number;
}

type Reading = Pick<Database, 'currentReader'>;

/** Of one person, what they last had to do with first. */
export async function readOwnInteractions(
  { currentReader }: Reading,
  userId: number,
  most: number,
): Promise<Interaction[]> {
  const rows = await currentReader.find(AnalyticsInteraction, {
    where: { user_id: userId },
    order: { last_at: 'DESC', item_type: 'ASC', item_id: 'ASC' },
    take: most,
  });
  return rows.map(interactionOf);
}

/** People of one page. Nobody has to do with so many things that theirs would not fit into memory. */
export interface InteractionPage {
  interactions: Interaction[];
  /** Of the next page; undefined: there is none. */
  after: number | undefined;
}

/** Of all people whom reports are about (RS-3), so many of them at a time, in the order of their ids. */
export async function readInteractionPage(
  { currentReader }: Reading,
  { after, people }: { after: number; people: number },
): Promise<InteractionPage> {
  const found = await currentReader
    .createQueryBuilder(AnalyticsInteraction, 'of')
    .select('of.user_id', 'user_id')
    .distinct()
    .where('of.user_id > :after', { after })
    .orderBy('of.user_id')
    .limit(people)
    .getRawMany<{ user_id: number }>();
  const userIds = found.map(({ user_id: userId }) => Number(userId));
  const last = userIds.at(-1);
  if (last === undefined) return { interactions: [], after: undefined };
  const uncounted = await findUncounted(currentReader, userIds);
  const counted = userIds.filter((userId) => !uncounted.has(userId));
  const rows =
    counted.length === 0
      ? []
      : await currentReader.find(AnalyticsInteraction, {
          where: { user_id: In(counted) },
          order: { user_id: 'ASC', item_type: 'ASC', item_id: 'ASC' },
        });
  return {
    interactions: rows.map(interactionOf),
    after: userIds.length < people ? undefined : last,
  };
}

function interactionOf(row: AnalyticsInteraction): Interaction {
  return {
    userId: row.user_id,
    itemType: row.item_type,
    itemId: row.item_id,
    entries: row.entries,
    firstAtMs: row.first_at.getTime(),
    lastAtMs: row.last_at.getTime(),
  };
}
