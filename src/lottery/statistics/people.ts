/** Who has opened a campaign and who drew when, and the row that whoever changes it holds. */
import { In } from 'typeorm';
import { LotteryCampaignVisitor } from '../../../entities/lottery/LotteryCampaignVisitor.ts';
import type { LotteryDayDrawn } from '../../../entities/lottery/LotteryDayDrawn.ts';
import { LotteryStatisticsCursor } from '../../../entities/lottery/LotteryStatisticsCursor.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { drawnKey, type KnownPeople, type Visitor } from './tally.ts';

/** Locks it, first of all that belongs to the statistics of a campaign; a new one is made when it is needed first. */
export async function lockCursor(
  tx: Tx,
  campaignId: number,
  nowMs: number,
): Promise<LotteryStatisticsCursor> {
  const which = { where: { campaign_id: campaignId } };
  const [known] = await tx.lock(LotteryStatisticsCursor, which);
  if (known !== undefined) return known;
  const cursor = {
    campaign_id: campaignId,
    draw_no: 0,
    visitors: 0,
    winners: 0,
    updated_at: new Date(nowMs),
  };
  // Another node that makes it as well fails, and does its work again.
  await insertOne(tx, LotteryStatisticsCursor, cursor);
  return cursor;
}

/** Where statements go: a transaction, or a reader outside of one. */
export interface Asking {
  manager: Tx['manager'];
  query<Row>(sql: string, parameters: unknown[]): Promise<Row[]>;
}

export function outside(database: Database): Asking {
  return {
    manager: database.currentReader,
    query: (sql, parameters) => database.readCurrent(sql, parameters),
  };
}

export async function readVisitors(
  { manager }: Asking,
  campaignId: number,
  userIds: readonly number[],
): Promise<Map<number, Visitor>> {
  if (userIds.length === 0) return new Map();
  const rows = await manager.findBy(LotteryCampaignVisitor, {
    campaign_id: campaignId,
    user_id: In(userIds),
  });
  return new Map(
    rows.map(({ user_id: userId, first_seen_at, first_day, has_won }) => [
      userId,
      { first_seen_at, first_day, has_won },
    ]),
  );
}

type Drawn = Omit<LotteryDayDrawn, 'campaign_id'>;

/** People that one statement looks up: SQLite binds no more than some tens of thousands of values. */
const PER_STATEMENT = 5000;

/** What is stored of the people who drew in some periods. */
export async function readPeople(
  asking: Asking,
  campaignId: number,
  drawn: readonly Drawn[],
): Promise<KnownPeople> {
  const userIds = [...new Set(drawn.map(({ user_id: userId }) => userId))];
  const [visitors, found] = await Promise.all([
    inParts(userIds, (part) => readVisitors(asking, campaignId, part)),
    inParts(drawn, (part) => readDrawn(asking, campaignId, part)),
  ]);
  return {
    visitors: new Map(visitors.flatMap((part) => [...part])),
    drawn: new Set(found.flat().map(drawnKey)),
  };
}

async function readDrawn(asking: Asking, campaignId: number, drawn: readonly Drawn[]): Promise<Drawn[]> {
  return asking.query<Drawn>(
    `SELECT period, starts, user_id FROM lottery_days_drawn
     WHERE (campaign_id, period, starts, user_id) IN (?)`,
    [drawn.map(({ period, starts, user_id: userId }) => [campaignId, period, starts, userId])],
  );
}

async function inParts<Item, Result>(
  items: readonly Item[],
  read: (part: Item[]) => Promise<Result>,
): Promise<Result[]> {
  const parts: Promise<Result>[] = [];
  for (let from = 0; from < items.length; from += PER_STATEMENT)
    parts.push(read(items.slice(from, from + PER_STATEMENT)));
  return Promise.all(parts);
}
