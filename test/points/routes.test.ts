import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import type { Database } from '../../src/platform/database/transaction.ts';
import type { Role } from '../../entities/identity/User.ts';
import { assertBooksBalance } from '../lottery/scene.ts';
import { dataOf } from '../identity/serveRoutes.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { servePoints } from './servedPoints.ts';

forEachDatabase('points routes', (open) => {
  const served = servePoints(open);
  const { clock, tokenOf } = served;
  let database: Database;
  before(() => {
    database = served.database;
  });
  const consume = (userId: number, body: object, key?: string) =>
    served.call('POST', '/points/consume', {
      token: tokenOf(userId),
      body,
      ...(key === undefined ? {} : { key }),
    });
  const account = async (userId: number) =>
    dataOf(await served.call('GET', '/points/account', { token: tokenOf(userId) }));
  const eventsOf = (userId: number) =>
    database.read<{ event_type: string; event_data: string }>(
      'SELECT event_type, event_data FROM business_events WHERE user_id = ? ORDER BY event_id',
      [userId],
    );

  it('P-1 a new account is empty and of level 1', async () => {
    const userId = await createUser(database);
    assert.deepEqual(await account(userId), {
      user_id: userId,
      total_points: 0,
      available_points: 0,
      frozen_points: 0,
      debt_points: 0,
      level: 1,
      experience_points: 0,
      history_total_points: 0,
      pending_points: 0,
    });
  });

  it('P-2 transactions come newest first, in pages, filtered by type and time', async () => {
    const userId = await createUser(database, { points: 100_00 });
    const times: string[] = [];
    for (let index = 1; index <= 5; index++) {
      clock.advance(60_000);
      times.push(new Date(clock.nowMs()).toISOString());
      const body = { amount: index, reason: `dish ${index}`, related_id: `order-${index}` };
      dataOf(await consume(userId, body, `page-${index}`));
    }
    const token = tokenOf(userId);
    const list = async (query: Record<string, string>) =>
      dataOf(await served.call('GET', `/points/transactions?${new URLSearchParams(query)}`, { token }));
    const column = (items: Record<string, unknown>[], name: string) => items.map((item) => item[name]);
    const spent = await list({ type: 'consume', page: '2', limit: '2' });
    assert.equal(spent.total, 5);
    assert.deepEqual(column(spent.items, 'amount'), [-3, -2]);
    assert.deepEqual(
      { ...spent.items[0], transaction_id: 0 },
      {
        transaction_id: 0,
        type: 'consume',
        amount: -3,
        balance_before: 97,
        balance_after: 94,
        status: 'completed',
        source: 'customer',
        reason: 'dish 3',
        related_id: 'order-3',
        rule_id: null,
        rule_version: null,
        created_at: times[2],
      },
    );
    const between = await list({ type: 'consume', start_time: times[1]!, end_time: times[3]! });
    assert.deepEqual(column(between.items, 'created_at'), [times[3], times[2], times[1]]);
    assert.equal((await list({ type: 'nothing' })).total, 0);
    for (const query of [
      'limit=101',
      'page=0',
      'start_time=yesterday',
      'end_time=9999-12-31T23:59:59Z',
      'user_id=1',
      'type=a%27b',
    ]) {
      const refused = await served.call('GET', `/points/transactions?${query}`, { token });
      assert.equal(refused.code, 'VALIDATION_FAILED', query);
    }
  });

  it('P-3 staff grants points to a user, with an event, and never to themself', async () => {
    const [staff, diner] = [await createUser(database, { role: 'staff' }), await createUser(database)];
    const body = { user_id: diner, amount: 12.34, reason: 'birthday', source: 'pos' };
    const grant = (to: object, key: string, role: Role = 'staff') =>
      served.call('POST', '/points/earn', { token: tokenOf(staff, role), body: { ...body, ...to }, key });
    const { transaction_id: transactionId, ...rest } = dataOf(await grant({}, 'grant-1'));
    assert.deepEqual(rest, { user_id: diner, balance: 12.34 });
    assert.ok(transactionId > 0);
    assert.equal((await account(diner)).history_total_points, 12.34);
    const [event] = await eventsOf(diner);
    assert.equal(event?.event_type, 'points:earned');
    assert.equal((JSON.parse(event.event_data) as { granted_by: number }).granted_by, staff);
    assert.equal((await grant({ user_id: staff }, 'grant-2')).code, 'FORBIDDEN');
    assert.equal((await grant({}, 'grant-3', 'user')).code, 'FORBIDDEN');
    assert.equal((await grant({ user_id: 2_000_000_000 }, 'grant-4')).code, 'NOT_FOUND');
    assert.equal((await grant({ source: 'POS 1' }, 'grant-5')).code, 'VALIDATION_FAILED');
  });

  it('PTS-1 amounts on the wire are positive and have at most two decimals', async () => {
    const userId = await createUser(database, { points: 100_00 });
    for (const amount of [0, -1, 0.001, 10_000_000.01, '5', null]) {
      const refused = await consume(userId, { amount, reason: 'dish' }, 'amount');
      assert.equal(refused.code, 'VALIDATION_FAILED', String(amount));
    }
    assert.equal((await account(userId)).available_points, 100);
  });

  it('PTS-4 a repeated key gets the first answer, and the points move once', async () => {
    const userId = await createUser(database, { points: 100_00 });
    const body = { amount: 30, reason: 'dish' };
    const first = await consume(userId, body, 'again');
    const second = await consume(userId, body, 'again');
    assert.deepEqual(dataOf(second), dataOf(first));
    assert.equal(first.headers.get('Idempotency-Replayed'), null);
    assert.equal(second.headers.get('Idempotency-Replayed'), 'true');
    assert.equal((await account(userId)).available_points, 70);
    assert.equal((await eventsOf(userId)).length, 1);
  });

  it('PTS-4 without a key nothing moves, and with the key of another body neither', async () => {
    const userId = await createUser(database, { points: 100_00 });
    assert.equal((await consume(userId, { amount: 30, reason: 'dish' })).code, 'IDEMPOTENCY_KEY_REQUIRED');
    dataOf(await consume(userId, { amount: 30, reason: 'dish' }, 'other'));
    const { status, code } = await consume(userId, { amount: 31, reason: 'dish' }, 'other');
    assert.deepEqual([status, code], [409, 'IDEMPOTENCY_KEY_REUSED']);
    assert.equal((await account(userId)).available_points, 70);
  });

  it('PTS-4 a refused call is not remembered: the same key may try again', async () => {
    const userId = await createUser(database, { points: 10_00 });
    const body = { amount: 30, reason: 'dish' };
    assert.equal((await consume(userId, body, 'later')).code, 'POINTS_INSUFFICIENT');
    const token = tokenOf(await createUser(database, { role: 'staff' }), 'staff');
    const grant = { user_id: userId, amount: 20, reason: 'top up', source: 'pos' };
    dataOf(await served.call('POST', '/points/earn', { token, body: grant, key: 'top-up' }));
    assert.equal(dataOf(await consume(userId, body, 'later')).balance, 0);
  });

  it('PTS-4 20 calls with one key at the same time move the points once', async () => {
    const userId = await createUser(database, { points: 100_00 });
    const body = { amount: 30, reason: 'dish' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => consume(userId, body, 'parallel')));
    for (const answer of answers) assert.deepEqual(dataOf(answer), dataOf(answers[0]!));
    assert.equal(answers.filter(({ headers }) => headers.get('Idempotency-Replayed') === null).length, 1);
    assert.equal((await account(userId)).available_points, 70);
  });

  it('PTS-3 50 parallel consumes of one account never overdraw', async () => {
    const userId = await createUser(database, { points: 105_00 });
    const body = { amount: 10, reason: 'dish' };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => consume(userId, body, `consume-${index}`)),
    );
    const codes = answers.map(({ code }) => code).sort();
    assert.deepEqual(codes, [
      ...Array<string>(10).fill('OK'),
      ...Array<string>(40).fill('POINTS_INSUFFICIENT'),
    ]);
    assert.equal((await account(userId)).available_points, 5);
    assert.equal((await eventsOf(userId)).length, 10);
  });

  describe('transfers', () => {
    const give = (from: number, body: object, key: string) =>
      served.call('POST', '/points/transfer', { token: tokenOf(from), body, key });
    const codeOf = async (answer: ReturnType<typeof give>) => (await answer).code;

    it('P-3 both have their row, once per key, and nobody gives to themself or beyond what they have', async () => {
      const [from, to] = [await createUser(database, { points: 50_00 }), await createUser(database)];
      const body = { to_user_id: to, amount: 20.5, message: '生日快乐' };
      const first = dataOf(await give(from, body, 'gift'));
      assert.equal(first.balance, 29.5);
      assert.deepEqual(dataOf(await give(from, body, 'gift')), first);
      assert.deepEqual(
        [(await account(from)).available_points, (await account(to)).available_points],
        [29.5, 20.5],
      );
      // What is given is nothing that was earned.
      assert.equal((await account(to)).history_total_points, 0);
      assert.deepEqual(
        [
          await codeOf(give(from, { ...body, to_user_id: from }, 'self')),
          await codeOf(give(from, { ...body, to_user_id: 999_999 }, 'nobody')),
          await codeOf(give(from, { ...body, amount: 29.51 }, 'much')),
          await codeOf(give(from, { ...body, amount: -1 }, 'less')),
        ],
        ['VALIDATION_FAILED', 'NOT_FOUND', 'POINTS_INSUFFICIENT', 'VALIDATION_FAILED'],
      );
      await assertBooksBalance(database);
    });

    it('P-3 the limit of a day holds, however many are asked for at once, until the next business day', async () => {
      const [from, to] = [await createUser(database, { points: 500_00 }), await createUser(database)];
      const ask = (at: number) => give(from, { to_user_id: to, amount: 15 }, `day-${at}`);
      const codes = await Promise.all(Array.from({ length: 12 }, (_, at) => codeOf(ask(at))));
      assert.equal(codes.filter((code) => code === 'OK').length, 6);
      assert.ok(
        codes.every((code) => code === 'OK' || code === 'CONFLICT'),
        codes.join(),
      );
      clock.advance(86_400_000);
      assert.equal(await codeOf(ask(99)), 'OK');
    });

    it('P-3 two who give to each other at once do not wait for each other', async () => {
      const [a, b] = [
        await createUser(database, { points: 50_00 }),
        await createUser(database, { points: 50_00 }),
      ];
      const codes = await Promise.all(
        Array.from({ length: 10 }, (_, at) => {
          const [from, to] = at % 2 === 0 ? [a, b] : [b, a];
          return codeOf(give(from, { to_user_id: to, amount: 1 }, `cross-${at}`));
        }),
      );
      assert.deepEqual(new Set(codes), new Set(['OK']));
      await assertBooksBalance(database);
    });

    it('RP-9 points keep their ends when they are given away and come back', async () => {
      const [a, b] = [await createUser(database), await createUser(database)];
      const grant = (amount: number, expires_at?: string) =>
        served.call('POST', '/points/earn', {
          token: tokenOf(b + 1000, 'admin'),
          body: { user_id: a, amount, reason: 'r', source: 'test', expires_at },
          key: `grant-${a}-${amount}`,
        });
      const inDays = (days: number) => new Date(clock.nowMs() + days * 86_400_000).toISOString();
      for (const answer of [await grant(10, inDays(3)), await grant(11, inDays(2)), await grant(12)])
        assert.equal(answer.code, 'OK');
      const ends = async (userId: number) =>
        dataOf(await served.call('GET', '/points/expiring?days=90', { token: tokenOf(userId) })).items;
      const before = await ends(a);
      assert.deepEqual(
        before.map(({ amount }: { amount: number }) => amount),
        [11, 10],
      );
      dataOf(await give(a, { to_user_id: b, amount: 33 }, 'there'));
      assert.deepEqual([await ends(a), await ends(b)], [[], before]);
      dataOf(await give(b, { to_user_id: a, amount: 33 }, 'back'));
      assert.deepEqual([await ends(a), await ends(b)], [before, []]);
      await assertBooksBalance(database);
    });
  });
});
