/*
 * Counts the rows of the ledger by business day and type, behind them and never in their transactions.
 *
 * The cursor says up to which row all are counted; it moves in the transaction that counts, which holds it. So each row is counted once:
 * whoever dies before COMMIT has counted nothing, and whoever finds the cursor moved on has been overtaken by another node.
 *
 * The key of a row is given when it is inserted, and rows become visible when their transactions commit, in any order (RE-1). So on
 * MariaDB the cursor goes no further than a key that this node has known for longer than any statement is waited for: whoever has been
 * given a lower one has inserted its row by now. And rows are read under a lock, which waits for those whose transaction has not
 * ended, however long that takes. On SQLite one transaction writes at a time: there a key is settled as soon as it is seen.
 */
import { PointsDay } from '../../../entities/points/PointsDay.ts';
import { PointsDayCursor } from '../../../entities/points/PointsDayCursor.ts';
import { startOfBusinessDay, type Clock } from '../../platform/clock.ts';
import { insertOne, upsertAll } from '../../platform/database/bulk.ts';
import { fromSqlPoints, fromSqlTime } from '../../platform/database/sqlValues.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import type { Logger } from '../../platform/logger.ts';
import { pauseUntil, repeating } from '../../platform/repeating.ts';
import { noteDiners } from '../../reports/diners.ts';
import { isOwnDeed } from '../transactionTypes.ts';

export interface CountingServices {
  database: Database;
  clock: Clock;
  businessTimezone: string;
}

const CURSOR = { cursor_id: 1 };
/** Rows of one transaction. */
const BATCH = 5000;
/** Between two transactions: whoever writes to the ledger comes in between. */
const PAUSE_MS = 20;
/** Twice what a statement is waited for, and more. */
export const SETTLED_MS = 30_000;
/** Days begin at quarters of an hour in every time zone. */
const QUARTER_MS = 900_000;

/** Every node does it; each row is counted once. */
export function keepCountingDays(services: CountingServices & { logger: Logger }): () => void {
  const days = new LedgerDays(services);
  const problem = 'the ledger could not be counted by days';
  return repeating(services.logger, problem, (stopping) => days.count(stopping));
}

export class LedgerDays {
  /** Keys that were the last, the oldest first, and when this node saw them. */
  private seen: { id: number; atMs: number }[] = [];
  private settledId = 0;

  constructor(private readonly services: CountingServices) {}

  /** All that is settled, in batches. */
  async count(stopping?: AbortSignal): Promise<void> {
    await this.look();
    while (stopping?.aborted !== true) {
      const after = await readCursor(this.services.database);
      if (after >= this.settledId) return;
      await countBatch(this.services, { after, to: this.settledId });
      await pauseUntil(stopping, PAUSE_MS);
    }
  }

  private async look(): Promise<void> {
    const { database, clock } = this.services;
    const [row] = await database.readCurrent<{ last: number | string | null }>(
      'SELECT MAX(transaction_id) AS last FROM points_transactions',
    );
    const id = Number(row?.last ?? 0);
    const nowMs = clock.monotonicMs();
    if (id > (this.seen.at(-1)?.id ?? this.settledId)) this.seen.push({ id, atMs: nowMs });
    const settledMs = database.dialect === 'sqlite' ? 0 : SETTLED_MS;
    while (this.seen[0] !== undefined && nowMs - this.seen[0].atMs >= settledMs)
      this.settledId = this.seen.shift()!.id;
  }
}

interface Row {
  transaction_id: number;
  user_id: number;
  transaction_type: string;
  amount: number | string;
  created_at: Date | string;
}

export interface LedgerRange {
  after: number;
  /** No further than this. */
  to: number;
}

/** Counts what comes after a row, if nobody has. @returns whether it did */
export async function countBatch(services: CountingServices, range: LedgerRange): Promise<boolean> {
  const { database } = services;
  // Outside of the transaction, which holds up all others on SQLite.
  const read =
    database.dialect === 'sqlite'
      ? await readRows((sql, parameters) => database.readCurrent(sql, parameters), range)
      : undefined;
  return database.retryingTransaction(async (tx) => {
    const cursor = await lockCursor(tx);
    if (cursor !== range.after) return false;
    const query = (sql: string, parameters: unknown[]) =>
      tx.query<Row>(`${sql} LOCK IN SHARE MODE`, parameters);
    const rows = read ?? (await readRows(query, range));
    const { sums, diners } = tallied(rows, services.businessTimezone, (timeMs) => tx.dayOf(timeMs));
    await noteDiners(tx, diners);
    const transaction_id = rows.length < BATCH ? range.to : rows.at(-1)!.transaction_id;
    await upsertAll(tx, PointsDay, sums, {
      income: ({ stored, given }) => `ROUND(${stored('income')} + ${given('income')}, 2)`,
      expense: ({ stored, given }) => `ROUND(${stored('expense')} + ${given('expense')}, 2)`,
      entries: ({ stored, given }) => `${stored('entries')} + ${given('entries')}`,
    });
    await tx.manager.update(PointsDayCursor, CURSOR, { transaction_id });
    return true;
  });
}

function readRows(
  query: (sql: string, parameters: unknown[]) => Promise<Row[]>,
  { after, to }: LedgerRange,
): Promise<Row[]> {
  return query(
    `SELECT transaction_id, user_id, transaction_type, amount, created_at FROM points_transactions
     WHERE transaction_id > ? AND transaction_id <= ? ORDER BY transaction_id LIMIT ${BATCH}`,
    [after, to],
  );
}

/** A row belongs to the day of its own time, whatever the order is in which clocks had it (TIME-1). */
function tallied(rows: readonly Row[], timezone: string, dayOf: (timeMs: number) => string) {
  const days = new Map<number, string>();
  const sums = new Map<string, PointsDay>();
  const diners = new Map<string, Set<number>>();
  for (const row of rows) {
    const quarter = Math.floor(fromSqlTime(row.created_at) / QUARTER_MS);
    const day = days.get(quarter) ?? dayOf(quarter * QUARTER_MS);
    days.set(quarter, day);
    const type = row.transaction_type;
    const key = `${day} ${type}`;
    const sum = sums.get(key) ?? { day, transaction_type: type, income: 0, expense: 0, entries: 0 };
    const amount = fromSqlPoints(row.amount);
    sum.income += Math.max(amount, 0);
    sum.expense += Math.max(-amount, 0);
    sum.entries += 1;
    sums.set(key, sum);
    if (isOwnDeed(type)) diners.set(day, (diners.get(day) ?? new Set()).add(Number(row.user_id)));
  }
  return {
    sums: [...sums.values()],
    diners: [...diners].map(([day, userIds]) => ({
      day,
      userIds,
      startMs: startOfBusinessDay(day, timezone),
    })),
  };
}

async function readCursor({ currentReader }: Database): Promise<number> {
  return (await currentReader.findOneBy(PointsDayCursor, CURSOR))?.transaction_id ?? 0;
}

async function lockCursor(tx: Tx): Promise<number> {
  const [row] = await tx.lock(PointsDayCursor, { where: CURSOR });
  if (row !== undefined) return row.transaction_id;
  // Of two nodes that begin at once the second does its work again.
  await insertOne(tx, PointsDayCursor, { ...CURSOR, transaction_id: 0 });
  return 0;
}

/** All is counted anew from the first row, by whoever counts next. */
export async function startDaysAnew(tx: Tx): Promise<void> {
  await lockCursor(tx);
  await tx.manager.createQueryBuilder().delete().from(PointsDay).execute();
  await tx.manager.update(PointsDayCursor, CURSOR, { transaction_id: 0 });
}

/** Rows from before this moment are counted: up to the first one that is not. */
export async function daysCountedToMs({
  database,
  clock,
}: Omit<CountingServices, 'businessTimezone'>): Promise<number> {
  // After the moment that is told, or a row could come in between.
  const nowMs = clock.nowMs();
  const after = await readCursor(database);
  const [next] = await database.readCurrent<{ created_at: Date | string }>(
    'SELECT created_at FROM points_transactions WHERE transaction_id > ? ORDER BY transaction_id LIMIT 1',
    [after],
  );
  return next === undefined ? nowMs : Math.min(nowMs, fromSqlTime(next.created_at));
}
