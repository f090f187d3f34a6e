/** What diners have had to do with, made anew from the books: of an installation that is older than the counting of it. */
import { MoreThan } from 'typeorm';
import type { AnalyticsInteraction, ItemType } from '../../entities/analytics/AnalyticsInteraction.ts';
import { User } from '../../entities/identity/User.ts';
import { replaceInteractions } from '../analytics/interactions/personalInteractions.ts';
import { closedAmongHeld } from '../identity/people/isActive.ts';
import { packedOfUsers } from '../lottery/archive/packedDraws.ts';
import { fromSqlTime } from '../platform/database/sqlValues.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { findPredecessors } from '../points/mergeAccounts.ts';
import { COUNTED_DRAWS } from './sql.ts';

/** People of one transaction, which holds their rows. */
const BATCH = 50;

/** Of each type: its item, how often and when, of some people. A level that was reached is nothing that anybody could look for. */
const BOOKS: Record<ItemType, string> = {
  campaign: `SELECT d.user_id, d.campaign_id AS item_id, COUNT(*) AS entries, MIN(d.draw_time) AS first_at,
    MAX(d.draw_time) AS last_at FROM ${COUNTED_DRAWS} WHERE d.user_id IN (?) GROUP BY d.user_id, d.campaign_id`,
  product: `SELECT user_id, product_id AS item_id, COUNT(*) AS entries, MIN(created_at) AS first_at, MAX(created_at) AS last_at
    FROM product_exchanges WHERE user_id IN (?) GROUP BY user_id, product_id`,
  way: `SELECT user_id, rule_id AS item_id, COUNT(*) AS entries, MIN(created_at) AS first_at, MAX(created_at) AS last_at
    FROM points_transactions WHERE user_id IN (?) AND rule_id IS NOT NULL AND amount > 0 AND transaction_type <> 'level_up'
    GROUP BY user_id, rule_id`,
  // When it was bought is not kept: the last change of what is bought is when it was, or soon after.
  offer: `SELECT buyer_id AS user_id, product_id AS item_id, COUNT(*) AS entries, MIN(updated_at) AS first_at,
    MAX(updated_at) AS last_at FROM trade_records WHERE buyer_id IN (?) GROUP BY buyer_id, product_id`,
};

interface Row {
  user_id: number;
  item_id: number;
  entries: number | string;
  first_at: Date | string;
  last_at: Date | string;
}

/**
 * A few people at a time, beside the running service. An event that is handled meanwhile may count once more, which moves no taste:
 * whoever wants it exact does it while no event waits.
 * @returns how many people there were
 */
export async function rebuildInteractions(database: Database): Promise<number> {
  let after = 0;
  let count = 0;
  for (;;) {
    const people = await database.currentReader.find(User, {
      select: { user_id: true },
      where: { user_id: MoreThan(after) },
      order: { user_id: 'ASC' },
      take: BATCH,
    });
    const userIds = people.map(({ user_id: userId }) => userId);
    if (userIds.length === 0) return count;
    await database.retryingTransaction((tx) => rebuildOf(tx, userIds));
    count += userIds.length;
    after = userIds.at(-1)!;
  }
}

async function rebuildOf(tx: Tx, userIds: readonly number[]): Promise<void> {
  const closed = await closedAmongHeld(tx, userIds);
  const open = userIds.filter((userId) => !closed.has(userId));
  const survivors = await predecessorsOf(tx, open);
  const owners = [...open, ...survivors.keys()];
  const rows: AnalyticsInteraction[] = [];
  for (const [type, sql] of Object.entries(BOOKS) as [ItemType, string][]) {
    if (owners.length === 0) break;
    const found = await tx.query<Row>(sql, [owners]);
    const packed = type === 'campaign' ? await packedDraws(tx, owners) : [];
    rows.push(...[...found, ...packed].map((row) => interactionOf(type, row, survivors)));
  }
  await replaceInteractions(tx, userIds, rows);
}

/** As draws that are rows, of campaigns that are over. */
async function packedDraws(tx: Tx, userIds: readonly number[]): Promise<Row[]> {
  const draws = await packedOfUsers(tx.manager, { userIds, fromMs: 0, toMs: Infinity });
  const ofCampaign = Map.groupBy(draws, (draw) => `${draw.user_id}:${draw.campaign_id}`);
  return [...ofCampaign.values()].map((theirs) => {
    const times = theirs.map((draw) => draw.draw_time.getTime());
    return {
      user_id: theirs[0]!.user_id,
      item_id: theirs[0]!.campaign_id,
      entries: theirs.length,
      first_at: new Date(Math.min(...times)),
      last_at: new Date(Math.max(...times)),
    };
  });
}

/** Who stays, by each account that was merged into theirs: what was done with it stayed where it happened. */
async function predecessorsOf(tx: Tx, userIds: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const found = await findPredecessors(tx.manager, userIds);
  return new Map(found.map(({ userId, survivorId }) => [userId, survivorId]));
}

function interactionOf(
  item_type: ItemType,
  row: Row,
  survivors: ReadonlyMap<number, number>,
): AnalyticsInteraction {
  const userId = Number(row.user_id);
  return {
    user_id: survivors.get(userId) ?? userId,
    item_type,
    item_id: Number(row.item_id),
    entries: Number(row.entries),
    first_at: new Date(fromSqlTime(row.first_at)),
    last_at: new Date(fromSqlTime(row.last_at)),
  };
}
