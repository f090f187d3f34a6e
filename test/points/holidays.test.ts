import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import type { Database } from '../../src/platform/database/transaction.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { holidayOf } from '../../src/points/holidays/holidays.ts';
import { holidayAskedFor, lookAhead } from '../../src/points/holidays/missingHolidays.ts';
import { dataOf } from '../identity/serveRoutes.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase, urlOf } from '../support/databases.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database as OtherNode } from '../../src/platform/database/transaction.ts';
import { servePoints } from './servedPoints.ts';

const ADMIN = 1_000_000;

forEachDatabase('holidays', (open) => {
  const served = servePoints(open);
  let database: Database;
  let lines: string[];
  before(() => {
    database = served.database;
  });
  beforeEach(async () => {
    lines = [];
    await database.transaction(async (tx) => {
      for (const table of ['holiday_days', 'holiday_alarms', 'business_events', 'admin_audit_logs'])
        await tx.execute(`DELETE FROM ${table}`);
    });
  });

  const logger = createLogger('error', { write: (line) => void lines.push(line) });
  const token = served.tokenOf(ADMIN, 'admin');
  const kind = (day: string) => holidayOf(database.currentReader, day);
  const read = (year: number) => served.call('GET', `/admin/holidays/${year}`, { token });
  const enter = (year: number, days: object[]) =>
    served.call('PUT', `/admin/holidays/${year}`, { token, body: { days } });
  const askedFor = (day: string) =>
    database.retryingTransaction((tx) =>
      holidayAskedFor({ logger }, tx, day, Date.parse(`${day}T04:00:00Z`)),
    );
  const look = (at: string, of: Database = database) =>
    lookAhead({
      database: of,
      clock: new TestClock(Date.parse(at)),
      logger,
      config: { businessTimezone: 'Asia/Shanghai' },
    });
  const alarms = async () =>
    (
      await database.read<{ event_data: string }>(
        `SELECT event_data FROM business_events WHERE event_type = 'calendar:holidays_missing' ORDER BY event_id`,
      )
    ).map(({ event_data: data }) => JSON.parse(data).year as number);

  it('RP-13 a holiday has its name, a make-up workday is a workday, and other days go by the week', async () => {
    assert.deepEqual(await kind('2026-10-01'), { kind: 'holiday', name: '国庆节' });
    // A Saturday and a Sunday that were worked, and ones that were not.
    assert.deepEqual(await kind('2026-02-14'), { kind: 'workday' });
    assert.deepEqual(await kind('2026-09-20'), { kind: 'workday' });
    assert.deepEqual(await kind('2026-11-28'), { kind: 'weekend' });
    assert.deepEqual(await kind('2026-11-29'), { kind: 'weekend' });
    assert.deepEqual(await kind('2026-11-30'), { kind: 'workday' });
    assert.deepEqual(await kind('2004-10-01'), { kind: 'holiday', name: '国庆节' });
  });

  it('RP-13 of a year without holidays nothing is said, not even that a Monday is worked', async () => {
    for (const day of ['2027-01-01', '2027-10-01', '2027-11-29', '2027-11-28', '2003-05-01'])
      assert.deepEqual(await kind(day), { kind: 'unknown' }, day);
    assert.deepEqual(dataOf(await read(2027)), { year: 2027, source: 'none', days: [] });
  });

  it('RP-13 what the administration enters counts before the library, at once, until it is taken back', async () => {
    const days = [
      { date: '2027-10-01', kind: 'holiday', name: '国庆' },
      { date: '2027-01-02', kind: 'workday', name: '元旦' },
    ];
    const inOrder = { year: 2027, source: 'table', days: days.toReversed() };
    assert.deepEqual(dataOf(await enter(2027, days)), inOrder);
    assert.deepEqual(dataOf(await read(2027)), inOrder);
    assert.deepEqual(await kind('2027-10-01'), { kind: 'holiday', name: '国庆' });
    assert.deepEqual(await kind('2027-01-02'), { kind: 'workday' });
    assert.deepEqual(await kind('2027-01-03'), { kind: 'weekend' });
    assert.deepEqual(await kind('2027-02-06'), { kind: 'weekend' });
    assert.deepEqual(await kind('2028-10-01'), { kind: 'unknown' });
    assert.equal(dataOf(await enter(2027, [])).source, 'none');

    assert.equal(dataOf(await read(2026)).source, 'library');
    await enter(2026, [{ date: '2026-11-30', kind: 'holiday', name: '店庆' }]);
    assert.deepEqual(await kind('2026-11-30'), { kind: 'holiday', name: '店庆' });
    assert.deepEqual(await kind('2026-10-01'), { kind: 'workday' });
    assert.deepEqual(await kind('2025-10-01'), { kind: 'holiday', name: '国庆节' });
    assert.equal(dataOf(await enter(2026, [])).source, 'library');
    const [row] = await database.read<{ actor_id: number; target_id: string }>(
      `SELECT actor_id, target_id FROM admin_audit_logs WHERE action = 'holidays.enter'`,
    );
    assert.deepEqual({ ...row }, { actor_id: ADMIN, target_id: '2027' });
  });

  it('RP-13 days of another year, twice the same, of no calendar or too many are refused, and nothing changes', async () => {
    const day = { date: '2027-10-01', kind: 'holiday', name: '国庆' };
    await enter(2027, [day]);
    const many = Array.from({ length: 101 }, (_, i) => ({
      ...day,
      date: new Date(Date.UTC(2027, 0, 1 + i)).toISOString().slice(0, 10),
    }));
    const bad = [
      [{ ...day, date: '2026-10-01' }],
      [day, day],
      [{ ...day, date: '2027-02-29' }],
      [{ ...day, kind: 'weekend' }],
      [{ ...day, name: '' }],
      [{ ...day, name: 'x'.repeat(33) }],
      [{ ...day, more: 1 }],
      many,
    ];
    for (const days of bad) {
      const { status, code } = await enter(2027, days);
      assert.deepEqual([status, code], [400, 'VALIDATION_FAILED'], JSON.stringify(days).slice(0, 80));
    }
    assert.deepEqual(dataOf(await read(2027)).days, [day]);
    assert.equal((await enter(2027, many.slice(0, 100))).code, 'OK');
    assert.equal((await read(1999)).code, 'VALIDATION_FAILED');
  });

  it('A-9 who may not write rules enters none', async () => {
    for (const role of ['user', 'staff'] as const) {
      const mine = { token: served.tokenOf(ADMIN, role) };
      assert.equal((await served.call('GET', '/admin/holidays/2027', mine)).code, 'FORBIDDEN');
      const put = await served.call('PUT', '/admin/holidays/2027', { ...mine, body: { days: [] } });
      assert.equal(put.code, 'FORBIDDEN');
    }
  });

  it('RP-13 a check-in in a year without holidays tells the administration, once, whoever else comes', async () => {
    assert.equal((await askedFor('2026-11-29')).kind, 'weekend');
    assert.deepEqual(await alarms(), []);
    const kinds = await Promise.all(Array.from({ length: 8 }, () => askedFor('2027-06-01')));
    assert.deepEqual(new Set(kinds.map(({ kind: told }) => told)), new Set(['unknown']));
    await askedFor('2027-06-02');
    assert.deepEqual(await alarms(), [2027]);
    await askedFor('2028-01-01');
    assert.deepEqual(await alarms(), [2027, 2028]);
    const logged = lines.map((line) => JSON.parse(line));
    assert.ok(logged.every(({ level }) => level === 50));
    assert.deepEqual(new Set(logged.map(({ year }) => year)), new Set([2027, 2028]));
  });

  it('RP-13 in the last quarter the coming year is looked at, by any number of nodes, and told of once', async () => {
    const second = new OtherNode(
      await openDataSources({ url: urlOf(database), replicaUrls: [], poolSize: 2 }),
    );
    try {
      // 23:59 on September 30 in the restaurant, and the minute after.
      await look('2026-09-30T15:59:00Z');
      assert.deepEqual(await alarms(), []);
      await Promise.all([look('2026-09-30T16:00:00Z'), look('2026-09-30T16:00:00Z', second)]);
      await look('2026-12-31T03:00:00Z', second);
      assert.deepEqual(await alarms(), [2027]);
      await askedFor('2027-01-01');
      assert.deepEqual(await alarms(), [2027]);
      await enter(2028, [{ date: '2028-10-01', kind: 'holiday', name: '国庆' }]);
      await look('2027-12-01T00:00:00Z');
      assert.deepEqual(await alarms(), [2027]);
    } finally {
      await second.close();
    }
  });
});
