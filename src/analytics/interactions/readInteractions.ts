/** What tastes are learned from, for whoever learns them and for whoever names a past action. */
import { In, type EntityManager } from 'typeorm';
import { AnalyticsInteraction, type ItemType } from '../../../entities/analytics/AnalyticsInteraction.ts';
import { findUncounted } from '../../identity/people/counted.ts';
import { fromSqlTime } from '../../platform/database/sqlValues.ts';
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
  const rows = counted.length === 0 ? [] : await readRows(currentReader, counted);
  return {
    interactions: rows.map(countedOf),
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

interface RawRow {
  user_id: number;
  item_type: ItemType;
  item_id: number;
  entries: number;
  first_at: Date | string;
  last_at: Date | string;
}

/** By the hundred thousand, which as entities cost this thread ten times as much. */
function readRows(manager: EntityManager, userIds: readonly number[]): Promise<RawRow[]> {
  return manager
    .createQueryBuilder()
    .select('i.user_id', 'user_id')
    .addSelect('i.item_type', 'item_type')
    .addSelect('i.item_id', 'item_id')
    .addSelect('i.entries', 'entries')
    .addSelect('i.first_at', 'first_at')
    .addSelect('i.last_at', 'last_at')
    .from(AnalyticsInteraction, 'i')
    .where({ user_id: In([...userIds]) })
    .orderBy('i.user_id')
    .addOrderBy('i.item_type')
    .addOrderBy('i.item_id')
    .getRawMany<RawRow>();
}

function countedOf(row: RawRow): Interaction {
  return {
    userId: row.user_id,
    itemType: row.item_type,
    itemId: row.item_id,
    entries: row.entries,
    firstAtMs: fromSqlTime(row.first_at),
    lastAtMs: fromSqlTime(row.last_at),
  };
}
