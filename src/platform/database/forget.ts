import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import { whenFree } from './namedLock.ts';
import { readNowMs } from './sharedClock.ts';
import { fromSqlTime, sqlTime } from './sqlValues.ts';
import { forUpdate, type Database, type Tx } from './transaction.ts';

/** Which rows of one table are forgotten. All names are of this program, never of a caller. */
export interface Rule {
  table: string;
  /** The columns of the primary key. */
  key: readonly string[];
  /** When the row was done with, or made. */
  column: string;
  days: number;
  /** What else must hold. Each `?` in it is the time from which rows are kept. */
  condition?: string;
  /** Tables that go with a row, by the same key. */
  with?: readonly string[];
  /**
   * `key`: keys grow with the time, so the old rows are the first ones. `time`: an index on the column finds them.
   */
  walk: 'key' | 'time';
}

export interface ForgettingSettings {
  /** Rows of one transaction. */
  batch: number;
  /** Between two transactions, so that others come in between. */
  pauseMs: number;
  everyMs: number;
  /** Nothing younger is forgotten, whatever its rule says (RO-6). */
  holdDays: number;
}

const SETTINGS: ForgettingSettings = { batch: 500, pauseMs: 100, everyMs: 3_600_000, holdDays: 0 };
const DAY_MS = 86_400_000;
const LOCK = 'kaijiang:forgetting';

interface Services {
  database: Database;
  clock: Clock;
  logger: Logger;
}

/*
 * Deletes what its rule no longer keeps, by primary key and in small transactions, on one node at a time.
 *
 * States: created → running (waiting ⇄ passing) → stopped. A pass goes through the rules in their order, and each table from
 * its oldest rows on. It is broken off between two transactions by `stop`, by an error, or by another node's pass; the next
 * one begins anew, as nothing is remembered from one to the next.
 */
export class Forgetting {
  private readonly settings: ForgettingSettings;
  private readonly ending = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(
    private readonly services: Services,
    private readonly rules: readonly Rule[],
    settings: Partial<ForgettingSettings> = {},
  ) {
    this.settings = { ...SETTINGS, ...settings };
  }

  start(): void {
    if (this.loop !== undefined) throw new Error('It is started once');
    this.loop = this.run();
  }

  /** Resolves when the transaction that runs has ended. */
  async stop(): Promise<void> {
    this.ending.abort();
    await this.loop;
  }

  /** One pass. Returns how many rows of which table went. */
  async pass(): Promise<Map<string, number>> {
    const forgotten = new Map<string, number>();
    const nowMs = await this.nowMs();
    for (const rule of this.rules) {
      const count = await this.apply(rule, nowMs - Math.max(rule.days, this.settings.holdDays) * DAY_MS);
      if (count > 0) forgotten.set(rule.table, count + (forgotten.get(rule.table) ?? 0));
      if (this.ending.signal.aborted) break;
    }
    return forgotten;
  }

  private async run(): Promise<void> {
    // Nodes that start together do not pass together, and a start has other work first.
    await this.rest(this.settings.everyMs * (0.1 + Math.random() / 10));
    while (!this.ending.signal.aborted) {
      try {
        const forgotten = await this.pass();
        if (forgotten.size > 0) this.services.logger.info(Object.fromEntries(forgotten), 'forgot old rows');
      } catch (error) {
        this.services.logger.warn({ err: error }, 'old rows could not be forgotten');
      }
      await this.rest(this.settings.everyMs);
    }
  }

  /**
   * The earlier of this node's time and the database's: what one clock that is ahead takes for old may be of today, and what
   * is deleted does not come back.
   */
  private async nowMs(): Promise<number> {
    const { database, clock } = this.services;
    if (database.dialect === 'sqlite') return clock.nowMs();
    return Math.min(clock.nowMs(), await readNowMs(database));
  }

  private async apply(rule: Rule, untilMs: number): Promise<number> {
    let count = 0;
    let after: Key | undefined;
    while (!this.ending.signal.aborted) {
      const found = await this.look(rule, untilMs, after);
      if (found.keys.length > 0) {
        const gone = await this.services.database.retryingTransaction((tx) =>
          whenFree(tx, LOCK, () => forget(tx, rule, { keys: found.keys, untilMs })),
        );
        // Another node passes.
        if (gone === undefined) break;
        count += gone;
      }
      if (found.isLast) break;
      after = found.after;
      await this.rest(this.settings.pauseMs);
    }
    return count;
  }

  /** The next rows that are old enough, and whether they are the last ones. */
  private async look(rule: Rule, untilMs: number, after: Key | undefined) {
    const { database } = this.services;
    const { batch } = this.settings;
    const { table, key, column, walk } = rule;
    const columns = key.join(', ');
    if (walk === 'time') {
      const { sql, parameters } = conditionOf(rule, untilMs);
      const rows = await database.readCurrent<Row>(
        `SELECT ${columns} FROM ${table} WHERE ${sql} ORDER BY ${column} LIMIT ${batch}`,
        parameters,
      );
      return { keys: rows.map((row) => keyOf(row, key)), isLast: rows.length < batch, after: undefined };
    }
    const rows = await database.readCurrent<Row>(
      `SELECT ${columns}, ${column} AS time_ FROM ${table} ${after === undefined ? '' : `WHERE ${columns} > ?`}
       ORDER BY ${columns} LIMIT ${batch}`,
      after === undefined ? [] : after,
    );
    const old = rows.filter((row) => fromSqlTime(row['time_'] as Date | string) < untilMs);
    const last = rows.at(-1);
    return {
      keys: old.map((row) => keyOf(row, key)),
      // One that is old behind many that are young waits for a later pass.
      isLast: rows.length < batch || old.length === 0,
      after: last && keyOf(last, key),
    };
  }

  private async rest(durationMs: number): Promise<void> {
    await sleep(durationMs, undefined, { signal: this.ending.signal, ref: false }).catch(() => undefined);
  }
}

type Row = Record<string, unknown>;
type Key = unknown[];

function keyOf(row: Row, key: readonly string[]): Key {
  return key.map((column) => row[column]);
}

/** The condition is asked again, under a lock: a row may have come to life since it was looked at. */
async function forget(
  tx: Tx,
  rule: Rule,
  { keys, untilMs }: { keys: Key[]; untilMs: number },
): Promise<number> {
  const { table, key, with: others = [] } = rule;
  const { sql, parameters } = conditionOf(rule, untilMs);
  const among = conditionOn(key);
  const rows = await tx.query<Row>(
    `SELECT ${key.join(', ')} FROM ${table} WHERE ${among} AND ${sql}${forUpdate(tx)}`,
    [listOf(keys), ...parameters],
  );
  if (rows.length === 0) return 0;
  const sure = listOf(rows.map((row) => keyOf(row, key)));
  for (const other of others) await tx.execute(`DELETE FROM ${other} WHERE ${among}`, [sure]);
  return tx.execute(`DELETE FROM ${table} WHERE ${among}`, [sure]);
}

function conditionOn(key: readonly string[]): string {
  return key.length === 1 ? `${key[0]} IN (?)` : `(${key.join(', ')}) IN (?)`;
}

/** A list of values, or of rows where the key has several columns. */
function listOf(keys: Key[]): unknown[] {
  return keys[0]?.length === 1 ? keys.flat() : keys;
}

function conditionOf({ column, condition }: Rule, untilMs: number): { sql: string; parameters: string[] } {
  const until = sqlTime(untilMs);
  const more = condition === undefined ? '' : ` AND (${condition})`;
  const count = condition?.split('?').length ?? 1;
  return { sql: `${column} < ?${more}`, parameters: Array.from({ length: count }, () => until) };
}
