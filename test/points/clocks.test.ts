import assert from 'node:assert/strict';
import { DateTime } from 'luxon';
import { after, before, describe, it } from 'mocha';
import { BusinessEvent } from '../../entities/platform/BusinessEvent.ts';
import { PointsTransaction } from '../../entities/points/PointsTransaction.ts';
import { audit } from '../../src/books/audit.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { AppError } from '../../src/platform/errors.ts';
import { expireAll, readEndings } from '../../src/points/expiry.ts';
import { postOne } from '../../src/points/ledger.ts';
import { remindAll } from '../../src/points/reminders.ts';
import { lifetimeEnd, reversalPolicyOf } from '../../src/points/settings.ts';
import { readDays, readRanking } from '../../src/points/statistics/readSums.ts';
import { rebuildSums } from '../../src/points/statistics/rebuild.ts';
import { PERIODS } from '../../src/points/statistics/periods.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { POINTS_CONFIG } from './servedPoints.ts';

const HOUR_MS = 3_600_000;
const ZONES = ['Asia/Shanghai', 'America/New_York', 'Europe/Berlin'];

/** Wall time in the zone; of two moments with the same one the earlier. */
const msOf = (zone: string, time: string) => DateTime.fromISO(time, { zone }).toMillis();
const wallOf = (zone: string, timeMs: number) =>
  DateTime.fromMillis(timeMs, { zone }).toFormat("yyyy-MM-dd'T'HH:mm:ss.SSS");

describe('ends of points by the calendar', () => {
  const CASES: [from: string, days: number, lastDay: string][] = [
    ['2028-02-28T23:59:59.999', 1, '2028-02-29'],
    ['2027-02-28T23:59:59.999', 1, '2027-03-01'],
    ['2028-02-29T00:00:00.000', 1, '2028-03-01'],
    ['2028-02-29T00:00:00.000', 365, '2029-02-28'],
    ['2026-12-31T23:59:59.999', 1, '2027-01-01'],
    ['2026-12-31T00:00:00.000', 365, '2027-12-31'],
    ['2026-01-31T12:00:00.000', 28, '2026-02-28'],
    // New York's days of 23 and of 25 hours, then Berlin's.
    ['2026-03-07T23:30:00.000', 1, '2026-03-08'],
    ['2026-03-08T00:00:00.000', 30, '2026-04-07'],
    ['2026-11-01T00:30:00.000', 1, '2026-11-02'],
    ['2026-10-31T23:59:59.999', 7, '2026-11-07'],
    ['2026-03-28T23:30:00.000', 1, '2026-03-29'],
    ['2026-10-25T00:30:00.000', 1, '2026-10-26'],
  ];
  for (const zone of ZONES)
    it(`RP-8 P-6 what lives for some days lives through the last of them, whatever its hours, in ${zone}`, () => {
      const ends = (end: (from: number, days: number) => number | null) =>
        CASES.map(([from, days]) => wallOf(zone, end(msOf(zone, from), days)! - 1));
      const expected = CASES.map(([, , lastDay]) => `${lastDay}T23:59:59.999`);
      assert.deepEqual(
        ends((from, days) => lifetimeEnd({ pointsLifetimeDays: days, businessTimezone: zone }, from)),
        expected,
      );
      const graced = (from: number, pointsGraceDays: number) =>
        reversalPolicyOf({ ...POINTS_CONFIG, pointsGraceDays, businessTimezone: zone }).graceEndMs!(from);
      assert.deepEqual(ends(graced), expected);
    });

  it('P-6 a lifetime of 0 days is for ever', () => {
    assert.equal(lifetimeEnd({ pointsLifetimeDays: 0, businessTimezone: 'Asia/Shanghai' }, 0), null);
  });
});

/** Three days that follow each other, and of the first two the first days of their weeks and months. */
interface Midnight {
  days: [string, string, string];
  weeks: [string, string];
  months: [string, string];
}

const MIDNIGHTS: Record<string, Midnight> = {
  'a month': {
    days: ['2026-09-30', '2026-10-01', '2026-10-02'],
    weeks: ['2026-09-28', '2026-09-28'],
    months: ['2026-09-01', '2026-10-01'],
  },
  'a year': {
    days: ['2026-12-31', '2027-01-01', '2027-01-02'],
    weeks: ['2026-12-28', '2026-12-28'],
    months: ['2026-12-01', '2027-01-01'],
  },
  'a February of 28 days': {
    days: ['2027-02-28', '2027-03-01', '2027-03-02'],
    weeks: ['2027-02-22', '2027-03-01'],
    months: ['2027-02-01', '2027-03-01'],
  },
  'the day before a leap day': {
    days: ['2028-02-28', '2028-02-29', '2028-03-01'],
    weeks: ['2028-02-28', '2028-02-28'],
    months: ['2028-02-01', '2028-02-01'],
  },
  'a leap day': {
    days: ['2028-02-29', '2028-03-01', '2028-03-02'],
    weeks: ['2028-02-28', '2028-02-28'],
    months: ['2028-02-01', '2028-03-01'],
  },
  'the day before New York’s day of 23 hours': {
    days: ['2026-03-07', '2026-03-08', '2026-03-09'],
    weeks: ['2026-03-02', '2026-03-02'],
    months: ['2026-03-01', '2026-03-01'],
  },
  'the day before New York’s day of 25 hours': {
    days: ['2026-10-31', '2026-11-01', '2026-11-02'],
    weeks: ['2026-10-26', '2026-10-26'],
    months: ['2026-10-01', '2026-11-01'],
  },
  'Berlin’s day of 23 hours': {
    days: ['2026-03-29', '2026-03-30', '2026-03-31'],
    weeks: ['2026-03-23', '2026-03-30'],
    months: ['2026-03-01', '2026-03-01'],
  },
  'Berlin’s day of 25 hours': {
    days: ['2026-10-25', '2026-10-26', '2026-10-27'],
    weeks: ['2026-10-19', '2026-10-26'],
    months: ['2026-10-01', '2026-10-01'],
  },
};

for (const zone of ZONES)
  forEachDatabase(`points over midnight in ${zone}`, (_open, openUrl) => {
    let database: Database;
    let clock: TestClock;
    let url: string;
    let userId: number;
    before(async () => {
      url = await openUrl();
      const sources = await openDataSources({ url, replicaUrls: [], poolSize: 8 });
      database = new Database(sources, { timezone: zone });
    });
    after(() => database?.close());
    beforeEach(async () => {
      clock = new TestClock();
      userId = await createUser(database);
    });
    afterEach(async () => {
      const lines: string[] = [];
      await audit({ databaseUrl: url, seedKey: undefined }, (line) => lines.push(line));
      assert.equal(lines[0], 'books balance', lines.join('\n'));
    });

    const move = (amountHundredths: number, given: { source?: string; days?: number } = {}) =>
      database.retryingTransaction((tx) => {
        const { source = 'test', days = 0 } = given;
        const lifetime = { pointsLifetimeDays: days, businessTimezone: zone };
        return postOne(
          tx,
          {
            userId,
            type: amountHundredths > 0 ? 'earn' : 'consume',
            amountHundredths,
            source,
            reason: 'r',
            relatedId: null,
            expiresAtMs: lifetimeEnd(lifetime, clock.nowMs()),
          },
          clock.nowMs(),
        );
      });
    const isRefused = (amount: number) =>
      assert.rejects(
        move(-amount),
        (e: unknown) => e instanceof AppError && e.code === 'POINTS_INSUFFICIENT',
      );
    /** Each on two nodes. */
    const jobs = async () => {
      const config = { pointsReminderDays: 1, businessTimezone: zone };
      const services = { database, clock, config };
      await Promise.all([expireAll(services), expireAll(services)]);
      await Promise.all([remindAll(services), remindAll(services)]);
    };
    const reminders = async () => {
      const where = { event_type: 'points:expiring', user_id: userId };
      const events = await database.currentReader.find(BusinessEvent, { where });
      return events.map(({ event_data: text }) => {
        const { amount, expires_at } = JSON.parse(text);
        return [amount, wallOf(zone, Date.parse(expires_at))];
      });
    };
    const expired = async () => {
      const where = { transaction_type: 'expire', user_id: userId };
      const rows = await database.currentReader.find(PointsTransaction, { where });
      return rows.map(({ amount }) => amount);
    };
    const days = async () => {
      const sums = await readDays(database, userId, { from: '2000-01-01', to: '2100-01-01' });
      return sums.map((sum) => [sum.day, sum.source, sum.incomeHundredths, sum.expenseHundredths]);
    };
    const earnedIn = async (starts: readonly string[]) => {
      const asked = PERIODS.map((period, at) => ({ period, starts: starts[at]!, limit: 1, userId }));
      const rankings = await Promise.all(asked.map((query) => readRanking(database, query)));
      return rankings.map(({ mine }) => mine.earnedHundredths);
    };

    for (const [name, midnight] of Object.entries(MIDNIGHTS))
      it(`RP-8 P-6 P-12 RP-14 lots, reminders, sums and places over the end of ${name}`, async () => {
        const [day, next, third] = midnight.days;
        const midnightMs = msOf(zone, `${next}T00:00:00.000`);
        const endMs = msOf(zone, `${third}T00:00:00.000`);
        clock.set(midnightMs - 1);
        await move(100, { days: 1 });
        assert.deepEqual(await readEndings(database, userId, { nowMs: clock.nowMs(), untilMs: endMs }), [
          { lastMs: endMs - 1, amountHundredths: 100 },
        ]);
        await jobs();
        assert.deepEqual(await reminders(), []);
        clock.advance(1);
        await move(7);
        await jobs();
        const told = [[1, `${next}T23:59:59.999`]];
        assert.deepEqual(await reminders(), told);
        const periods = [midnight.days, midnight.weeks, midnight.months];
        const earned = (alone: number) => periods.map(([first, second]) => (first === second ? 107 : alone));
        assert.deepEqual(await earnedIn(periods.map(([first]) => first)), earned(100));
        assert.deepEqual(await earnedIn(periods.map(([, second]) => second)), earned(7));
        clock.set(endMs - 1);
        await move(-30);
        await jobs();
        assert.deepEqual(await expired(), []);
        clock.advance(1);
        await isRefused(78);
        await jobs();
        await jobs();
        assert.deepEqual([await expired(), await reminders()], [[-70], told]);
        const expected = [
          [day, 'test', 100, 0],
          [next, 'test', 7, 30],
          [third, 'expiry', 0, 70],
        ];
        assert.deepEqual(await days(), expected);
        await rebuildSums(database);
        assert.deepEqual(await days(), expected);
      });

    it('RP-8 RO-9 set back over an end, nothing comes back to life and nothing ends twice', async () => {
      const endMs = msOf(zone, '2026-11-02T00:00:00.000');
      clock.set(msOf(zone, '2026-10-31T12:00:00.000'));
      await move(100, { days: 1 });
      await move(5);
      clock.set(endMs);
      await jobs();
      assert.deepEqual(await expired(), [-100]);
      clock.step(-HOUR_MS);
      await jobs();
      await isRefused(6);
      await move(-2);
      clock.advance(HOUR_MS);
      await jobs();
      await move(-1);
      assert.deepEqual([await expired(), await reminders()], [[-100], []]);
      assert.deepEqual(await days(), [
        ['2026-10-31', 'test', 105, 0],
        ['2026-11-01', 'test', 0, 2],
        ['2026-11-02', 'expiry', 0, 100],
        ['2026-11-02', 'test', 0, 1],
      ]);
    });

    it('RP-8 RO-9 set forward over an end and back, all happens once and sums are of the days that the clock said', async () => {
      const endMs = msOf(zone, '2028-03-01T00:00:00.000');
      clock.set(msOf(zone, '2028-02-28T09:00:00.000'));
      await move(100, { days: 1 });
      clock.set(endMs - HOUR_MS / 2);
      await jobs();
      await move(20, { days: 1 });
      clock.step(HOUR_MS);
      await jobs();
      await move(3);
      clock.step(-HOUR_MS);
      await jobs();
      await isRefused(24);
      await move(-20);
      clock.advance(HOUR_MS);
      await jobs();
      assert.deepEqual(await expired(), [-100]);
      assert.deepEqual(await reminders(), [
        [1, '2028-02-29T23:59:59.999'],
        [0.2, '2028-03-01T23:59:59.999'],
      ]);
      assert.deepEqual(await days(), [
        ['2028-02-28', 'test', 100, 0],
        ['2028-02-29', 'test', 20, 20],
        ['2028-03-01', 'expiry', 0, 100],
        ['2028-03-01', 'test', 3, 0],
      ]);
    });
  });
