/** Points that come, go and are taken back without a route, in the days after the start of a `TestClock`. */
import { endOfBusinessDay } from '../../src/platform/clock.ts';
import type { Database, Tx } from '../../src/platform/database/transaction.ts';
import { readEndings } from '../../src/points/expiry.ts';
import { postOne } from '../../src/points/ledger.ts';
import { levelsOf } from '../../src/points/levels.ts';
import { reverse, type ReversalPolicy } from '../../src/points/reversal.ts';
import { transfer } from '../../src/points/transfers/transfer.ts';
import type { TestClock } from '../support/clock.ts';

export const ZONE = 'Asia/Shanghai';
export const START_MS = Date.parse('2026-03-01T04:00:00.000Z');
export const DAY_MS = 86_400_000;

const levels = levelsOf([0], 'amount / 100');
export const GRACE: ReversalPolicy = {
  levels,
  allowsDebt: true,
  graceEndMs: (nowMs) => endOfBusinessDay(nowMs + 7 * DAY_MS, ZONE),
};
/** Debts, and no days of grace. */
export const OWING: ReversalPolicy = { ...GRACE, graceEndMs: undefined };
export const STRICT: ReversalPolicy = { ...OWING, allowsDebt: false };

/** Of the day that is so many after the start. */
export const endOf = (days: number) => endOfBusinessDay(START_MS + days * DAY_MS, ZONE);

/** @param on asked at each call: suites have another clock for each test */
export function byHand(on: () => { database: Database; clock: TestClock }) {
  const run = <T>(work: (tx: Tx, nowMs: number) => Promise<T>) => {
    const { database, clock } = on();
    return database.retryingTransaction((tx) => work(tx, clock.nowMs()));
  };
  const post = (
    userId: number,
    type: string,
    amountHundredths: number,
    expiresAtMs: number | null = null,
  ) => {
    const words = { source: 'test', reason: 'r', relatedId: null };
    return run((tx, nowMs) => postOne(tx, { ...words, userId, type, amountHundredths, expiresAtMs }, nowMs));
  };
  return {
    run,
    post,
    earn: (userId: number, amount: number, days?: number) =>
      post(userId, 'earn', amount, days === undefined ? null : endOf(days)),
    spend: (userId: number, amount: number) => post(userId, 'consume', -amount),
    back: (transactionId: number, amountHundredths?: number, policy = GRACE) => {
      const reversing = { transactionId, amountHundredths, reason: 'r', source: 'test' };
      return run((tx, nowMs) => reverse(tx, { ...reversing, type: 'rollback' }, policy, nowMs));
    },
    give: (fromUserId: number, toUserId: number, amountHundredths: number, reviewHundredths = 1e9) => {
      const policy = { perDayHundredths: 1e9, reviewHundredths };
      const given = { fromUserId, toUserId, amountHundredths, message: null };
      return run((tx, nowMs) => transfer(tx, given, policy, nowMs));
    },
    /** By the day after the start through which they may be spent. */
    endings: async (userId: number) => {
      const { database, clock } = on();
      const found = await readEndings(database, userId, { nowMs: clock.nowMs(), untilMs: endOf(3650) });
      return found.map(({ lastMs, amountHundredths }) => [
        Math.round((lastMs + 1 - endOf(0)) / DAY_MS),
        amountHundredths,
      ]);
    },
  };
}
