import assert from 'node:assert/strict';
import { beforeEach, it } from 'mocha';
import { AdminAuditLog } from '../../entities/admin/AdminAuditLog.ts';
import { endOfBusinessDay } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { readAccount } from '../../src/points/account.ts';
import { expireAll, readEndings } from '../../src/points/expiry.ts';
import { post, postOne } from '../../src/points/ledger.ts';
import { previewRedating, redate, type RedatedLots } from '../../src/points/redating.ts';
import { remindAll } from '../../src/points/reminders.ts';
import { assertBooksBalance } from '../lottery/scene.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser, createUsers } from '../support/factories.ts';
import { countStatements } from '../support/statements.ts';

const ZONE = 'Asia/Shanghai';
const START_MS = Date.parse('2026-03-01T04:00:00.000Z');
const DAY_MS = 86_400_000;
const TABLES = [
  'points_lots',
  'points_lot_uses',
  'points_transactions',
  'user_points_accounts',
  'business_events',
  'admin_audit_logs',
];

forEachDatabase('points that are given another end', (open) => {
  let database: Database;
  let clock: TestClock;
  let userId: number;
  // Of its own for each test: the lots of everybody are given other ends.
  beforeEach(async function () {
    this.timeout(60_000);
    database = await open();
    clock = new TestClock(START_MS);
    userId = await createUser(database);
  });
  afterEach(() => assertBooksBalance(database));

  const endOf = (days: number) => endOfBusinessDay(START_MS + days * DAY_MS, ZONE);
  const move = (amountHundredths: number, days?: number, type = amountHundredths > 0 ? 'earn' : 'consume') =>
    database.retryingTransaction((tx) =>
      postOne(
        tx,
        {
          userId,
          type,
          amountHundredths,
          source: 'test',
          reason: 'r',
          relatedId: null,
          expiresAtMs: days === undefined ? null : endOf(days),
        },
        clock.nowMs(),
      ),
    );
  const redatingOf = (days: number, fromType?: string) => ({ days, fromType, graceDays: 7, timezone: ZONE });
  const preview = (days: number, fromType?: string) =>
    previewRedating({ database, clock }, redatingOf(days, fromType));
  const apply = async (days: number, fromType?: string) =>
    redate({ database, clock }, redatingOf(days, fromType), await preview(days, fromType));
  const figures = ({ all, byDay, byMonth }: RedatedLots) => ({
    all: Object.values(all),
    byDay: [...byDay].map(([day, sum]) => [day, ...Object.values(sum)]).sort(),
    byMonth: [...byMonth].map(([month, sum]) => [month, ...Object.values(sum)]).sort(),
  });
  /** By the day after the start through which they may be spent. */
  const endings = async () => {
    const found = await readEndings(database, userId, { nowMs: clock.nowMs(), untilMs: endOf(4000) });
    return found.map(({ lastMs, amountHundredths }) => [
      Math.round((lastMs + 1 - endOf(0)) / DAY_MS),
      amountHundredths,
    ]);
  };
  const dump = async () => {
    const rows = [];
    for (const table of TABLES) rows.push(await database.readCurrent(`SELECT * FROM ${table}`));
    return JSON.stringify(rows);
  };
  const logged = () => database.currentReader.find(AdminAuditLog, { order: { audit_id: 'ASC' } });

  it('RP-8 the preview tells which lots would end when, and writes nothing', async () => {
    await move(100_00);
    await move(50_00, 300, 'check_in');
    await move(-30_50);
    clock.advance(20 * DAY_MS);
    await move(7_00);
    userId = await createUser(database);
    await move(1_00);
    const before = await dump();
    assert.deepEqual(figures(await preview(30)), {
      all: [4, 2, 127_50],
      byDay: [
        ['2026-03-31', 2, 1, 119_50],
        ['2026-04-20', 2, 2, 8_00],
      ],
      byMonth: [
        ['2026-03', 2, 1, 119_50],
        ['2026-04', 2, 2, 8_00],
      ],
    });
    assert.deepEqual(figures(await preview(30, 'check_in')).all, [1, 1, 19_50]);
    assert.equal(await dump(), before);
  });

  it('RP-8 with the preview’s figures lots end so many days after they came, and one line of the log says so', async () => {
    await move(100);
    await move(40, 300);
    clock.advance(3 * DAY_MS);
    await move(7);
    const seen = await preview(60);
    assert.deepEqual(figures(await apply(60)), figures(seen));
    assert.deepEqual(await endings(), [
      [60, 140],
      [63, 7],
    ]);
    const [line, ...more] = await logged();
    assert.deepEqual(more, []);
    const { actor_id, action, target_type, target_id, state_before, state_after, request_id } = line!;
    assert.deepEqual(
      [actor_id, action, target_type, target_id, state_before, request_id],
      [0, 'points.redate', 'points_lots', 'all', null, 'points:redate'],
    );
    assert.deepEqual(state_after, {
      days: 60,
      from_type: null,
      not_before: '2026-03-11',
      lots: 3,
      users: 1,
      points: 1.47,
    });
    clock.set(endOf(60));
    await expireAll({ database, clock });
    assert.equal((await readAccount(database, userId)).availableHundredths, 7);
  });

  it('RP-8 done again it changes nothing and writes down nothing, on a later day as well', async () => {
    await move(100);
    await move(100, 2000);
    clock.advance(30 * DAY_MS);
    await move(50);
    await apply(20);
    const ends = await endings();
    assert.deepEqual(ends, [
      [37, 200],
      [50, 50],
    ]);
    for (const days of [0, 1, 4]) {
      clock.advance(days * DAY_MS);
      assert.deepEqual(figures(await apply(20)).all, [0, 0, 0]);
      assert.deepEqual(await endings(), ends);
    }
    assert.equal((await logged()).length, 1);
  });

  it('RP-8 no end lies in the past or is nearer than the days of grace, but where it was', async () => {
    await move(100);
    await move(10, 42);
    await move(20, 200);
    clock.advance(40 * DAY_MS);
    await apply(5);
    assert.deepEqual(await endings(), [
      [42, 10],
      [47, 120],
    ]);
  });

  it('RP-8 what has ended does not come back to life, whether it is expired or not', async () => {
    await move(100, 3);
    await move(100, 4);
    clock.set(endOf(3));
    await expireAll({ database, clock });
    clock.set(endOf(4));
    assert.deepEqual(figures(await preview(365)).all, [0, 0, 0]);
    assert.deepEqual(figures(await apply(365)).all, [0, 0, 0]);
    await move(5);
    await apply(365);
    assert.deepEqual(await endings(), [[370, 5]]);
  });

  it('RP-8 only lots of the type that is asked for', async () => {
    await move(100);
    await move(50, undefined, 'check_in');
    await apply(30, 'check_in');
    assert.deepEqual(await endings(), [[30, 50]]);
    assert.equal((await logged())[0]!.target_id, 'check_in');
  });

  it('RP-8 RP-1 what was spent before was taken by the ends of then, what is spent after by those of now', async () => {
    await move(100, 100, 'check_in');
    await move(100, 200);
    await move(-30);
    await apply(50, 'earn');
    await move(-30);
    assert.deepEqual(await endings(), [
      [50, 70],
      [100, 70],
    ]);
  });

  it('P-6 users are told of the ends that are there now', async () => {
    const services = { database, clock, config: { pointsReminderDays: 7, businessTimezone: ZONE } };
    const told = async () => {
      const rows = await database.readCurrent<{ event_data: string }>(
        `SELECT event_data FROM business_events WHERE event_type = 'points:expiring' AND user_id = ? ORDER BY event_id`,
        [userId],
      );
      return rows.map(({ event_data: text }) => Date.parse(JSON.parse(text).expires_at) + 1);
    };
    await move(100, 5);
    await remindAll(services);
    await apply(30);
    await remindAll(services);
    assert.deepEqual(await told(), [endOf(5)]);
    clock.set(endOf(25));
    await remindAll(services);
    assert.deepEqual(await told(), [endOf(5), endOf(30)]);
  });

  const give = (users: readonly number[], times = 1) =>
    database.retryingTransaction((tx) =>
      post(
        tx,
        Array.from({ length: times }, () => users)
          .flat()
          .map((id) => ({
            userId: id,
            type: 'earn',
            amountHundredths: 100,
            source: 'test',
            reason: 'r',
            relatedId: null,
          })),
        clock.nowMs(),
      ),
    );
  const withoutEnd = async () => {
    const [row] = await database.readCurrent<{ count: number | string }>(
      'SELECT COUNT(*) AS count FROM points_lots WHERE expires_at IS NULL',
    );
    return Number(row!.count);
  };

  it('RP-8 broken off between batches, it is begun anew and does the rest, while users spend', async () => {
    const users = await createUsers(database, 130);
    await give(users);
    const seen = await preview(30);
    assert.equal(seen.all.users, 130);
    let asked = 0;
    const untilKilled = () => {
      // It is asked for each user that is looked at.
      asked += 1;
      if (asked > 120) throw new Error('killed');
      return clock.nowMs();
    };
    const spending = users.slice(0, 5).map((id) => {
      userId = id;
      return move(-10);
    });
    const killed = redate({ database, clock: { nowMs: untilKilled } }, redatingOf(30), seen);
    await assert.rejects(killed, /killed/);
    await Promise.all(spending);
    const left = await withoutEnd();
    assert.ok(left > 0 && left < 130, `${left} left`);
    await apply(30);
    assert.equal(await withoutEnd(), 0);
    const lines = await logged();
    assert.deepEqual(
      lines.map(({ state_after: after }) => (after as { lots: number }).lots),
      [130, left],
    );
  });

  it('DB-6 the statements of a batch do not grow with its users and lots', async () => {
    const counted = async (users: readonly number[], times: number) => {
      await give(users, times);
      const seen = await preview(30);
      const statements = countStatements(database);
      await redate({ database, clock }, redatingOf(30), seen);
      return statements.take();
    };
    // All of them are one batch, and none had a lot that ends.
    const [first, ...others] = await createUsers(database, 40);
    assert.equal(await counted([first!], 1), await counted(others, 5));
  });
});
