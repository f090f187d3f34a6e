import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { User } from '../../entities/identity/User.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { give, giveForBirthdays } from '../../src/points/gifts.ts';
import { checkIn } from '../../src/points/checkIn/checkIn.ts';
import { seedRules } from '../../src/points/rules/ruleBook.ts';
import { grantPolicyOf } from '../../src/points/settings.ts';
import { AppError } from '../../src/platform/errors.ts';
import { assertBooksBalance } from '../lottery/scene.ts';
import { dataOf } from '../identity/serveRoutes.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { logger, POINTS_CONFIG, servePoints } from './servedPoints.ts';

const STAFF = 1_000_000;
const DAY_MS = 86_400_000;
const START_MS = Date.parse('2026-03-01T04:00:00.000Z');
const POLICY = { ...grantPolicyOf(POINTS_CONFIG), cap: 7, logger };

forEachDatabase('check-ins, tasks and gifts', (open) => {
  const served = servePoints(open, 1_000_000_000);
  const { clock, tokenOf } = served;
  let database: Database;
  let userId: number;
  let keys = 0;
  before(async () => {
    database = served.database;
    await database.transaction((tx) => seedRules(tx, true, clock.nowMs()));
  });
  beforeEach(async () => {
    clock.set(START_MS);
    userId = await createUser(database);
  });
  afterEach(() => assertBooksBalance(database));

  const get = async (path: string) => dataOf(await served.call('GET', path, { token: tokenOf(userId) }));
  const check = (key?: string) =>
    served.call('POST', '/points/check-in', {
      token: tokenOf(userId),
      body: {},
      ...(key !== undefined && { key }),
    });
  const claim = (taskId: number, key?: string) =>
    served.call('POST', `/points/tasks/${taskId}/claim`, {
      token: tokenOf(userId),
      body: {},
      ...(key !== undefined && { key }),
    });
  const pay = async (amount: number) =>
    dataOf(
      await served.call('POST', '/points/pay', {
        token: tokenOf(STAFF, 'staff'),
        body: { user_id: userId, bill_no: `E-${process.pid}-${++keys}`, bill_amount: amount },
        key: `k${keys}`,
      }),
    );
  const typesOf = async () =>
    (await get('/points/transactions?limit=100')).items.map((row: { type: string }) => row.type) as string[];

  it('P-7 a streak multiplies up to its cap, and begins anew after a day without; the calendar has it all', async () => {
    clock.set(Date.parse('2026-03-02T04:00:00.000Z'));
    const points: number[] = [];
    for (let day = 0; day < 9; day++) {
      const done = dataOf(await check());
      assert.deepEqual([done.streak, done.multiplier], [day + 1, Math.min(day + 1, 7)]);
      points.push(done.points);
      clock.advance(DAY_MS);
    }
    assert.deepEqual(points, [10, 20, 30, 40, 50, 60, 70, 70, 70]);
    assert.deepEqual((await get('/points/check-in')).streak, 9);
    clock.advance(DAY_MS);
    assert.deepEqual((await get('/points/check-in')).streak, 0);
    assert.equal(dataOf(await check()).points, 10);
    const march = await get('/points/check-in?month=2026-03');
    assert.equal(march.days.length, 10);
    assert.deepEqual([march.days[8].date, march.days[8].streak, march.days[9].streak], ['2026-03-10', 9, 1]);
    assert.deepEqual([march.streak, march.checked_in_today], [1, true]);
    assert.deepEqual((await get('/points/check-in?month=2026-02')).days, []);
  });

  it('P-7 half a month and a whole one bring a bonus of their own, in rows of their own', async () => {
    const bonuses: [string, number][] = [];
    for (let day = 1; day <= 31; day++) {
      const { date, month_bonus } = dataOf(await check());
      if (month_bonus > 0) bonuses.push([date, month_bonus]);
      clock.advance(DAY_MS);
    }
    assert.deepEqual(bonuses, [
      ['2026-03-15', 100],
      ['2026-03-31', 300],
    ]);
    assert.equal((await typesOf()).filter((type) => type === 'check_in_month').length, 2);
  });

  it('RP-12 one check-in a day, under twenty clicks at once, at the last and the first millisecond of it', async () => {
    clock.set(Date.parse('2026-03-01T15:59:59.999Z'));
    const clicks = await Promise.all(Array.from({ length: 20 }, () => check()));
    assert.equal(clicks.filter(({ code }) => code === 'OK').length, 1);
    assert.equal(clicks.filter(({ code }) => code === 'CONFLICT').length, 19);
    assert.equal((await get('/points/account')).total_points, 10);
    clock.advance(1);
    const next = dataOf(await check('again'));
    assert.deepEqual([next.date, next.streak, next.points], ['2026-03-02', 2, 20]);
    assert.deepEqual(dataOf(await check('again')), next);
    // A clock that is set back gives no second one.
    clock.step(-3_600_000);
    assert.equal((await check()).code, 'CONFLICT');
    clock.step(7_200_000);
    assert.equal((await check()).code, 'CONFLICT');
    assert.equal((await get('/points/account')).total_points, 30);
  });

  it('RP-12 another time zone breaks no streak and gives no second check-in, in either direction', async () => {
    const zones = { shanghai: 8, newYork: -5 };
    const dayIn = (hours: number) => (timeMs: number) =>
      new Date(timeMs + hours * 3_600_000).toISOString().slice(0, 10);
    const checkedIn = (at: string, hours: number) =>
      database.transaction(async (tx) => {
        const inZone = Object.create(tx, { dayOf: { value: dayIn(hours) } }) as typeof tx;
        try {
          return (await checkIn(inZone, userId, POLICY, Date.parse(at))).streak;
        } catch (error) {
          if (error instanceof AppError && error.code === 'CONFLICT') return 0;
          throw error;
        }
      });
    // From Shanghai, where it is tomorrow already, to New York.
    assert.equal(await checkedIn('2026-03-10T00:00:00Z', zones.shanghai), 1);
    assert.equal(await checkedIn('2026-03-10T01:00:00Z', zones.newYork), 0);
    assert.equal(await checkedIn('2026-03-10T06:00:00Z', zones.newYork), 0);
    assert.equal(await checkedIn('2026-03-11T06:00:00Z', zones.newYork), 2);
    // And back: noon of the next day in Shanghai is the evening that has been checked in for.
    assert.equal(await checkedIn('2026-03-12T04:30:00Z', zones.newYork), 0);
    assert.equal(await checkedIn('2026-03-13T03:00:00Z', zones.newYork), 3);
    assert.equal(await checkedIn('2026-03-13T04:00:00Z', zones.shanghai), 0);
    assert.equal(await checkedIn('2026-03-14T04:00:00Z', zones.shanghai), 4);
  });

  it('RP-13 a holiday brings its bonus, a day worked in its place and a year that nobody knows bring none', async () => {
    clock.set(Date.parse('2026-10-01T04:00:00.000Z'));
    const holiday = dataOf(await check());
    assert.deepEqual([holiday.points, holiday.holiday_bonus], [10, 20]);
    assert.ok((await typesOf()).includes('check_in_holiday'));
    // A Saturday that is worked.
    clock.set(Date.parse('2026-10-10T04:00:00.000Z'));
    assert.equal(dataOf(await check()).holiday_bonus, 0);
    clock.set(Date.parse('2031-10-01T04:00:00.000Z'));
    assert.equal(dataOf(await check()).holiday_bonus, 0);
    const alarms = await database.read(
      "SELECT event_id FROM business_events WHERE event_type = 'calendar:holidays_missing'",
    );
    assert.equal(alarms.length, 1);
  });

  interface Shown {
    task_id: number;
    metric: string;
    period: string;
    kind: string;
    progress: number;
    goal: number;
    reward: number;
    status: string;
  }
  const tasks = async () => (await get('/points/tasks')).items as Shown[];
  const taskOf = async (metric: string, period: string) =>
    (await tasks()).find((task) => task.metric === metric && task.period === period)!;

  it('P-8 a task is claimed once in each of its periods, when it is done, under ten clicks at once', async () => {
    clock.set(Date.parse('2026-03-02T04:00:00.000Z'));
    const { task_id } = await taskOf('check_ins', 'week');
    for (let day = 0; day < 2; day++) {
      dataOf(await check());
      assert.equal((await claim(task_id)).code, 'CONFLICT');
      clock.advance(DAY_MS);
    }
    dataOf(await check());
    const done = await taskOf('check_ins', 'week');
    assert.deepEqual([done.progress, done.goal, done.reward, done.status], [3, 3, 20, 'claimable']);
    const clicks = await Promise.all(Array.from({ length: 10 }, () => claim(task_id)));
    assert.equal(clicks.filter(({ code }) => code === 'OK').length, 1);
    assert.equal(clicks.filter(({ code }) => code === 'CONFLICT').length, 9);
    assert.equal((await taskOf('check_ins', 'week')).status, 'claimed');
    assert.equal((await typesOf()).filter((type) => type === 'task').length, 1);
    // Monday: another week.
    clock.set(Date.parse('2026-03-08T16:00:00.000Z'));
    const next = await taskOf('check_ins', 'week');
    assert.deepEqual([next.progress, next.status], [0, 'open']);
    assert.equal((await claim(2_000_000_000)).code, 'NOT_FOUND');
  });

  it('P-8 a dynamic task is there for whom its condition holds, and counts what refunds have left', async () => {
    assert.equal(await taskOf('spend', 'month'), undefined);
    const given = await served.call('POST', '/points/earn', {
      token: tokenOf(STAFF, 'staff'),
      body: { user_id: userId, amount: 20_000, reason: 'r', source: 'test' },
      key: `k${++keys}`,
    });
    dataOf(given);
    const task = await taskOf('spend', 'month');
    assert.deepEqual([task.kind, task.progress, task.reward], ['dynamic', 0, 100]);
    await pay(150);
    await pay(50);
    assert.deepEqual((await taskOf('spend', 'month')).status, 'claimable');
    dataOf(
      await served.call('POST', `/points/pay/E-${process.pid}-${keys}/refund`, {
        token: tokenOf(STAFF, 'staff'),
        body: { amount: 0.01 },
      }),
    );
    const after = await taskOf('spend', 'month');
    assert.deepEqual([after.progress, after.status], [19_999, 'open']);
    assert.equal((await claim(task.task_id)).code, 'CONFLICT');
  });

  it('P-11 the first login and a birthday are given for once, however often and wherever they are found', async () => {
    const first = () =>
      database.retryingTransaction((tx) =>
        give(tx, { userId, type: 'first_login', year: 0, facts: {} }, POLICY, clock.nowMs()),
      );
    await Promise.all([first(), first(), first()]);
    assert.equal((await get('/points/account')).total_points, 100);
    const born = async (birthday: string) =>
      database.transaction((tx) =>
        tx.manager.update(User, { user_id: userId }, { birthday, birthday_month_day: birthday.slice(5) }),
      );
    const look = () => giveForBirthdays({ database, clock, config: POINTS_CONFIG });
    const gifts = async () => (await typesOf()).filter((type) => type === 'birthday').length;
    await born('1990-03-05');
    clock.set(Date.parse('2026-03-04T15:59:59.999Z'));
    await look();
    assert.equal(await gifts(), 0);
    clock.advance(1);
    await Promise.all([look(), look()]);
    assert.equal(await gifts(), 1);
    clock.advance(365 * DAY_MS + 3 * DAY_MS);
    await look();
    assert.equal(await gifts(), 2);
    // No node has looked for more days than it looks back.
    clock.advance(366 * DAY_MS + DAY_MS);
    await look();
    assert.equal(await gifts(), 2);
  });

  it('P-11 who was born on a leap day has a birthday in every year', async () => {
    await database.transaction((tx) =>
      tx.manager.update(User, { user_id: userId }, { birthday: '2000-02-29', birthday_month_day: '02-29' }),
    );
    const look = () => giveForBirthdays({ database, clock, config: POINTS_CONFIG });
    const gifts = async () => (await typesOf()).filter((type) => type === 'birthday').length;
    clock.set(Date.parse('2027-02-28T04:00:00.000Z'));
    await look();
    assert.equal(await gifts(), 1);
    clock.set(Date.parse('2028-02-28T04:00:00.000Z'));
    await look();
    assert.equal(await gifts(), 1);
    clock.advance(DAY_MS);
    await look();
    assert.equal(await gifts(), 2);
  });
});
