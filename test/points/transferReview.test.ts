import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, it } from 'mocha';
import { User } from '../../entities/identity/User.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { assertBooksBalance } from '../lottery/scene.ts';
import { dataOf } from '../identity/serveRoutes.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { servePoints } from './servedPoints.ts';

const ADMIN = 1_000_000;
const DAY_MS = 86_400_000;
const ADMIN_PATH = '/admin/points/transfers';

forEachDatabase('transfers in review', (open) => {
  const served = servePoints(open, 90 * 86_400);
  const { clock, tokenOf } = served;
  let database: Database;
  let from: number;
  let to: number;
  let calls = 0;
  before(() => {
    database = served.database;
  });
  beforeEach(async () => {
    [from, to] = [await createUser(database), await createUser(database)];
  });
  afterEach(() => assertBooksBalance(database));

  const inDays = (days: number) => new Date(clock.nowMs() + days * DAY_MS).toISOString();
  const earn = async (userId: number, amount: number, days?: number) => {
    const body = { user_id: userId, amount, reason: 'r', source: 'test' };
    const given = days === undefined ? body : { ...body, expires_at: inDays(days) };
    const key = `earn-${(calls += 1)}`;
    dataOf(await served.call('POST', '/points/earn', { token: tokenOf(ADMIN, 'admin'), body: given, key }));
  };
  const give = (amount: number, message?: string) =>
    served.call('POST', '/points/transfer', {
      token: tokenOf(from),
      body: { to_user_id: to, amount, ...(message !== undefined && { message }) },
      key: `give-${(calls += 1)}`,
    });
  const decide = (id: number, verb: 'approve' | 'reject', decider = ADMIN) =>
    served.call('POST', `${ADMIN_PATH}/${id}/${verb}`, {
      token: tokenOf(decider, 'admin'),
      body: verb === 'approve' ? {} : { reason: '可疑' },
    });
  const list = async (query: string) =>
    dataOf(await served.call('GET', `${ADMIN_PATH}?${query}`, { token: tokenOf(ADMIN, 'admin') }));
  const inReview = async (): Promise<number> => (await list('status=review&limit=1')).items[0].transfer_id;
  const balances = async (userId: number): Promise<[available: number, frozen: number]> => {
    const account = dataOf(await served.call('GET', '/points/account', { token: tokenOf(userId) }));
    return [account.available_points, account.frozen_points];
  };
  const ends = async (userId: number): Promise<{ expires_at: string; amount: number }[]> =>
    dataOf(await served.call('GET', '/points/expiring?days=90', { token: tokenOf(userId) })).items;
  const rowsOf = async (userId: number): Promise<[type: string, amount: number][]> => {
    const { items } = dataOf(
      await served.call('GET', '/points/transactions?limit=50', { token: tokenOf(userId) }),
    );
    return items.map(({ type, amount }: { type: string; amount: number }) => [type, amount]).reverse();
  };
  const eventsOf = async (userId: number) => {
    const rows = await database.read<{ event_type: string; event_data: string }>(
      'SELECT event_type, event_data FROM business_events WHERE user_id = ? ORDER BY event_id',
      [userId],
    );
    return rows.map(({ event_type: type, event_data: data }) => ({ type, ...JSON.parse(data) }));
  };
  const setStatus = (userId: number, status: 'active' | 'closed' | 'disabled') =>
    database.transaction((tx) => tx.manager.update(User, { user_id: userId }, { status }));

  it('P-3 less than the threshold goes at once, so much or more is frozen until it is reviewed', async () => {
    await earn(from, 100);
    const { transaction_id: _, ...small } = dataOf(await give(39.99));
    assert.deepEqual(small, { balance: 60.01, status: 'completed' });
    const large = dataOf(await give(40, '生日'));
    assert.deepEqual([large.balance, large.status], [20.01, 'review']);
    assert.deepEqual(
      [await balances(from), await balances(to)],
      [
        [20.01, 40],
        [39.99, 0],
      ],
    );
    const { items } = dataOf(await served.call('GET', '/points/transactions', { token: tokenOf(from) }));
    const { transaction_id: id, type, source, related_id: transferId } = items[0];
    assert.deepEqual([id, type, source], [large.transaction_id, 'freeze', 'transfer']);
    const shown = await list('status=review');
    assert.deepEqual([shown.items[0].transfer_id, shown.items[0].status], [Number(transferId), 'review']);
    const told = (await eventsOf(from)).at(-1);
    assert.deepEqual([told.type, told.amount, told.message], ['points:transfer_review', 40, '生日']);
  });

  it('P-3 RP-9 an approved one has both rows, and the receiver the ends that the points had', async () => {
    await earn(from, 30, 3);
    await earn(from, 30, 2);
    const before = await ends(from);
    dataOf(await give(45));
    // What comes and goes meanwhile is not of it.
    await earn(from, 7, 1);
    const id = await inReview();
    const decided = dataOf(await decide(id, 'approve'));
    assert.deepEqual([decided.status, decided.decided_by, decided.amount], ['approved', ADMIN, 45]);
    assert.deepEqual(await ends(to), [before[0], { ...before[1]!, amount: 15 }]);
    assert.deepEqual(
      [await balances(from), await balances(to)],
      [
        [22, 0],
        [45, 0],
      ],
    );
    assert.deepEqual((await rowsOf(from)).slice(-2), [
      ['unfreeze', 45],
      ['transfer_out', -45],
    ]);
    assert.deepEqual(await rowsOf(to), [['transfer_in', 45]]);
    assert.equal((await eventsOf(to)).at(-1).type, 'points:transferred');
    assert.deepEqual((await list('status=approved')).items[0].transfer_id, id);
  });

  it('P-3 RP-2 a rejected one comes back to its lots, and counts no more for the day', async () => {
    await earn(from, 100, 3);
    const before = await ends(from);
    dataOf(await give(60));
    assert.equal((await give(41)).code, 'CONFLICT');
    const decided = dataOf(await decide(await inReview(), 'reject'));
    assert.deepEqual([decided.status, decided.decision_reason], ['rejected', '可疑']);
    assert.deepEqual([await ends(from), await balances(to)], [before, [0, 0]]);
    const told = (await eventsOf(from)).at(-1);
    assert.deepEqual([told.type, told.reason], ['points:transfer_rejected', '可疑']);
    assert.equal((await give(95)).code, 'OK');
    dataOf(await decide(await inReview(), 'reject'));
  });

  it('P-3 one is decided once, however many do at a time', async () => {
    await earn(from, 50);
    dataOf(await give(50));
    const id = await inReview();
    const verbs = ['approve', 'reject', 'approve', 'reject', 'approve'] as const;
    const answers = await Promise.all(verbs.map((verb, at) => decide(id, verb, ADMIN + at)));
    const codes = answers.map(({ code }) => code).sort();
    assert.deepEqual(codes, ['CONFLICT', 'CONFLICT', 'CONFLICT', 'CONFLICT', 'OK']);
    const all = [await balances(from), await balances(to)].flat();
    assert.deepEqual(all.toSorted(), [0, 0, 0, 50]);
    assert.equal((await decide(2_000_000_000, 'approve')).code, 'NOT_FOUND');
  });

  it('P-3 neither of the two decides, nor who has no permission', async () => {
    await earn(from, 50);
    dataOf(await give(50));
    const id = await inReview();
    const staff = { token: tokenOf(ADMIN, 'staff'), body: {} };
    assert.deepEqual(
      [
        (await decide(id, 'approve', from)).code,
        (await decide(id, 'approve', to)).code,
        (await decide(id, 'reject', to)).code,
        (await served.call('POST', `${ADMIN_PATH}/${id}/approve`, staff)).code,
        (await served.call('GET', ADMIN_PATH, { token: staff.token })).code,
      ],
      Array<string>(5).fill('FORBIDDEN'),
    );
    assert.deepEqual(await balances(from), [0, 50]);
    dataOf(await decide(id, 'reject'));
  });

  it('P-3 A-11 to who is gone nothing is given, and it can come back; what a closed sender gave can be decided', async () => {
    await earn(from, 100);
    dataOf(await give(50));
    const first = await inReview();
    await setStatus(to, 'closed');
    assert.equal((await decide(first, 'approve')).code, 'CONFLICT');
    assert.deepEqual(await balances(from), [50, 50]);
    dataOf(await decide(first, 'reject'));
    await setStatus(to, 'active');
    dataOf(await give(50));
    await setStatus(from, 'closed');
    dataOf(await decide(await inReview(), 'approve'));
    assert.deepEqual(await balances(to), [50, 0]);
  });

  it('P-4 what is held for a transfer is not released or consumed with what an administrator froze', async () => {
    await earn(from, 100);
    dataOf(await give(50));
    const move = (verb: string, amount: number) =>
      served.call('POST', `/points/${verb}`, {
        token: tokenOf(ADMIN, 'admin'),
        body: { user_id: from, amount, reason: 'r' },
      });
    dataOf(await move('freeze', 10));
    assert.equal((await move('unfreeze', 11)).code, 'POINTS_INSUFFICIENT');
    assert.equal((await move('consume-frozen', 11)).code, 'POINTS_INSUFFICIENT');
    dataOf(await move('unfreeze', 4));
    dataOf(await move('consume-frozen', 6));
    assert.deepEqual(await balances(from), [44, 50]);
    dataOf(await decide(await inReview(), 'approve'));
    assert.deepEqual(await balances(to), [50, 0]);
  });

  it('RP-6 RP-9 what has ended while it was held ends with the receiver, or with the sender it comes back to', async () => {
    await earn(from, 100, 2);
    dataOf(await give(50));
    const first = await inReview();
    dataOf(await give(50));
    const second = await inReview();
    clock.advance(10 * DAY_MS);
    dataOf(await decide(first, 'approve'));
    dataOf(await decide(second, 'reject'));
    assert.deepEqual(await balances(from), [0, 0]);
    // Nobody spends it.
    const spent = { token: tokenOf(to), body: { amount: 1, reason: 'r' }, key: `spend-${(calls += 1)}` };
    assert.equal((await served.call('POST', '/points/consume', spent)).code, 'POINTS_INSUFFICIENT');
    await earn(to, 1);
    assert.deepEqual(await balances(to), [1, 0]);
  });

  it('P-3 a message is stored and told without what is blocked', async () => {
    await earn(from, 100);
    dataOf(await give(5, '你是 坏　人 吗'));
    dataOf(await give(50, '坏人'));
    const stored = await list('limit=2');
    assert.deepEqual(
      stored.items.map(({ message }: { message: string }) => message),
      ['＊＊', '你是 ＊＊＊ 吗'],
    );
    const told = (await eventsOf(from)).map(({ message }) => message);
    assert.deepEqual(told.slice(-2), ['你是 ＊＊＊ 吗', '＊＊']);
    const texts = await database.read<{ reason: string }>(
      'SELECT reason FROM points_transactions WHERE user_id IN (?) UNION SELECT reason FROM points_holds WHERE user_id = ?',
      [[from, to], from],
    );
    assert.ok(texts.every(({ reason }) => !reason.includes('坏')));
    dataOf(await decide(await inReview(), 'reject'));
  });

  it('A-10 each decision is in the admin log', async () => {
    await earn(from, 100);
    const ids: number[] = [];
    for (const verb of ['approve', 'reject'] as const) {
      dataOf(await give(45));
      ids.push(await inReview());
      dataOf(await decide(ids.at(-1)!, verb));
    }
    const rows = await database.read<{ action: string; target_id: string; state_after: string | object }>(
      `SELECT action, target_id, state_after FROM admin_audit_logs WHERE target_type = 'transfer' AND target_id IN (?) ORDER BY audit_id`,
      [ids.map(String)],
    );
    assert.deepEqual(
      rows.map(({ action, target_id: id }) => [action, Number(id)]),
      [
        ['points.transfer-approve', ids[0]],
        ['points.transfer-reject', ids[1]],
      ],
    );
  });
});
