import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import type { QueryRunner } from 'typeorm';
import { Review } from '../../entities/reviews/Review.ts';
import { runChecks } from '../../src/books/checks.ts';
import { Snapshot } from '../../src/books/snapshot.ts';
import { ReviewQueue1700000028100 } from '../../src/platform/database/migrations/1700000028100-ReviewQueue.ts';
import { openOperators, type Operators } from '../lottery/manage/operators.ts';
import { joinChat, type Talker } from '../chat/talk.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import type { Login } from '../support/server.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** In business time, on a day of this week. */
const NOON_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS + 4 * 60 * MINUTE_MS;

forEachDatabase('the queue of all that waits', (_open, openUrl) => {
  let url: string;
  let here: Operators;
  let [staff, li]: Login[] = [];
  const clock = new TestClock(NOON_MS);
  before(async () => {
    url = await openUrl();
    here = await openOperators(url, { clock, environment: { POINTS_TRANSFER_REVIEW: '100' } });
    staff = await here.server.login('13800000002');
    li = await here.server.login('13900000002');
  });
  after(async () => {
    for (const { room } of seats.values()) await room.leave();
    await here?.server.close();
  });

  const list = async (query: string, by = here.second): Promise<any[]> =>
    (await here.call('GET', `/admin/reviews?limit=100&${query}`, by)).data.items;
  /** The demo has a bill that waits. */
  const others = async (query: string, by = here.second) =>
    (await list(query, by)).filter(({ kind }) => kind !== 'spend_claim');
  const pending = async (kind: string, by = here.second) =>
    (await list(`kind=${kind}&status=pending&order=due`, by)).at(-1);
  const decide = (id: number, decision: 'approve' | 'reject', by = here.second) =>
    here.call('POST', `/admin/reviews/${id}`, by, { decision, reason: '核对' });
  const give = async () => {
    const body = { to_user_id: li!.userId, amount: 150 };
    const { code } = await here.call('POST', '/points/transfer', here.diner, body, {
      'Idempotency-Key': `give-${++gifts}`,
    });
    assert.equal(code, 'OK');
    return pending('points_transfer');
  };
  let gifts = 0;
  const seats = new Map<number, Talker>();
  const seatOf = async (by: Login): Promise<Talker> => {
    const room = (await here.call('GET', '/restaurants', here.diner)).data.items[0];
    const seat = seats.get(by.userId) ?? (await joinChat(here.server.origin, room.conversation_id, by));
    seats.set(by.userId, seat);
    return seat;
  };
  /** In the room of the first restaurant, by the diner. @returns the number of the message */
  const report = async (sender = li!) => {
    await seatOf(here.diner);
    const { message_id: id } = await (await seatOf(sender)).send('Buy at example.com');
    const complaint = await here.call('POST', `/chat/messages/${id}/report`, here.diner, { reason: 'spam' });
    assert.equal(complaint.code, 'OK');
    return { ...(await pending('chat_report')), messageId: id };
  };
  const change = async () => {
    const { campaign_id: id } = await here.createActive();
    const { status } = await here.edit(id, { free_draws_per_day: 1 });
    assert.equal(status, 202);
    return { ...(await pending('campaign.change')), campaignId: id };
  };
  const balance = async (of: Login) =>
    (await here.call('GET', '/points/account', of)).data.available_points as number;
  const audits = async () =>
    (await here.call('GET', '/admin/audit-logs?limit=100', here.second)).data.items as any[];
  const booksBalance = async () => {
    const snapshot = await Snapshot.open(url);
    try {
      assert.deepEqual(await runChecks(snapshot), []);
    } finally {
      await snapshot.close();
    }
  };

  it('R-1 what waits in any domain waits in one queue, by who is concerned, due in business time, what is due first first', async () => {
    const [transfer, reported, changed] = [await give(), await report(), await change()];
    assert.deepEqual(
      [transfer, reported, changed].map((one) => [one.kind, one.status, one.applicant.user_id]),
      [
        ['points_transfer', 'pending', here.diner.userId],
        ['chat_report', 'pending', here.diner.userId],
        ['campaign.change', 'pending', here.author.userId],
      ],
    );
    assert.deepEqual([transfer.subject.amount, reported.subject.message_id], [150, reported.messageId]);
    assert.deepEqual(
      [changed.subject.campaign_id, typeof changed.subject.name],
      [changed.campaignId, 'string'],
    );
    assert.deepEqual(transfer.barred, [
      { user_id: here.diner.userId, reason: 'applicant' },
      { user_id: li!.userId, reason: 'beneficiary' },
    ]);
    assert.deepEqual([changed.may_decide, changed.why_not], [true, null]);
    const own = await pending('campaign.change', here.author);
    assert.deepEqual([own.may_decide, own.why_not], [false, 'applicant']);
    await eventually(async () => {
      const { due_at, overdue } = await pending('campaign.change');
      assert.ok(Date.parse(due_at) > clock.nowMs() && !overdue);
    }, 20_000);
    const all = await list('status=pending&order=due');
    const dues = all.map(({ due_at: due }) => due as string);
    assert.deepEqual(dues, [...dues].sort());
    const [first] = (await here.call('GET', '/admin/reviews?status=pending&order=due&limit=1', here.second))
      .data.items;
    const rest = await list(`status=pending&order=due&before=${first.review_id}`);
    assert.deepEqual(
      [first, ...rest].map(({ review_id: id }) => id),
      all.map(({ review_id: id }) => id),
    );
    await booksBalance();
  });

  it('RA-3 the staff see what they have a say of, and decide nothing else', async () => {
    const [transfer, reported] = [await pending('points_transfer'), await pending('chat_report')];
    assert.deepEqual(await list('status=pending', staff), [], 'they work nowhere');
    const works = { restaurant_ids: [reported.restaurant_id] };
    const path = `/admin/users/${staff!.userId}/restaurants`;
    assert.equal((await here.call('PUT', path, here.second, works)).code, 'OK');
    const seen = await others('status=pending', staff);
    assert.deepEqual(
      seen.map(({ kind }) => kind),
      ['chat_report'],
    );
    assert.equal((await decide(transfer.review_id, 'approve', staff)).code, 'FORBIDDEN');
    assert.equal((await here.call('GET', `/admin/reviews/${transfer.review_id}`, staff!)).code, 'FORBIDDEN');
  });

  it('R-1 RA-3 each is decided by the verb of its own domain, with its own row of the log, and its applicant is told', async () => {
    const [transfer, reported, changed] = [
      await pending('points_transfer'),
      await pending('chat_report'),
      await pending('campaign.change'),
    ];
    assert.equal((await decide(changed.review_id, 'approve', here.author)).code, 'FORBIDDEN');
    const before = await balance(li!);
    for (const [{ review_id }, by] of [
      [transfer, here.second],
      [reported, staff!],
      [changed, here.second],
    ] as const) {
      const { code, data } = await decide(review_id, 'approve', by);
      assert.deepEqual([code, data.status, data.decided_by], ['OK', 'approved', by.userId]);
      assert.equal((await decide(review_id, 'reject', here.second)).code, 'CONFLICT');
    }
    assert.equal(await balance(li!), before + 150);
    const { data: message } = await here.call(
      'GET',
      `/admin/chat/messages/${reported.subject.message_id}`,
      here.second,
    );
    assert.equal(message.removed_by.actor_id, staff!.userId);
    assert.equal((await here.read(changed.subject.campaign_id)).free_draws_per_day, 1);
    const actions = (await audits()).map(({ action }) => action);
    for (const action of ['points.transfer-approve', 'message.delete', 'approval.approve'])
      assert.ok(actions.includes(action), action);
    assert.ok(!actions.includes('review.approve'), 'no second row');
    await eventually(async () => {
      const told = (await here.call('GET', '/notifications?limit=50', here.diner)).data.items;
      const types = told.map(({ type }: any) => type);
      assert.ok(types.includes('report_upheld') && types.includes('transfer_sent'), types.join());
      const author = (await here.call('GET', '/notifications?limit=50', here.author)).data.items;
      assert.ok(author.some(({ type }: any) => type === 'approval_decided'));
    });
    await booksBalance();
  });

  it('RA-3 whoever decides by the old routes closes the review, and by both at once there is one effect', async () => {
    const [transfer, reported, changed] = [await give(), await report(), await change()];
    const before = await balance(li!);
    const old: [any, string, object][] = [
      [transfer, `/admin/points/transfers/${transfer.subject_id}/approve`, {}],
      [reported, `/admin/chat/reports/${reported.subject_id}`, { decision: 'delete', reason: '广告' }],
      [changed, `/admin/approvals/${changed.subject_id}`, { decision: 'approve', reason: '核对' }],
    ];
    for (const [{ review_id }, path, body] of old) {
      const answers = await Promise.all([
        decide(review_id, 'approve'),
        here.call('POST', path, here.second, body),
        decide(review_id, 'approve'),
        here.call('POST', path, here.second, body),
      ]);
      assert.deepEqual(
        answers.map(({ code }) => code).sort(),
        ['CONFLICT', 'CONFLICT', 'CONFLICT', 'OK'],
        path,
      );
    }
    assert.equal(await balance(li!), before + 150);
    const rejected = await give();
    const path = `/admin/points/transfers/${rejected.subject_id}/reject`;
    assert.equal((await here.call('POST', path, here.second, { reason: '可疑' })).code, 'OK');
    const { data } = await here.call('GET', `/admin/reviews/${rejected.review_id}`, here.second);
    assert.deepEqual([data.status, data.reason, data.why_not], ['rejected', '可疑', 'decided']);
    assert.deepEqual(await others('status=pending'), []);
    await booksBalance();
  });

  it('RL-3 what is asked for anew makes what waited void, also in the queue', async () => {
    const changed = await change();
    const { status } = await here.edit(changed.campaignId, { free_draws_per_day: 2 });
    assert.equal(status, 202);
    const { data } = await here.call('GET', `/admin/reviews/${changed.review_id}`, here.second);
    assert.deepEqual([data.status, data.decided_by, data.may_decide], ['void', null, false]);
    assert.equal((await decide(changed.review_id, 'approve')).code, 'CONFLICT');
    await booksBalance();
  });

  it('RA-3 a batch of all kinds says of each what has become of it', async () => {
    const [transfer, reported, changed] = [await give(), await report(), await pending('campaign.change')];
    await decide(transfer.review_id, 'reject');
    const ids = [transfer, reported, changed].map(({ review_id: id }) => id as number);
    const asked = { ids, decision: 'reject', reason: '不符' };
    const { data } = await here.call('POST', '/admin/reviews/decide', here.author, asked);
    assert.deepEqual(
      data.items.map(({ code }: any) => code),
      ['CONFLICT', 'OK', 'FORBIDDEN'],
    );
    await booksBalance();
  });

  it('R-1 what waits in its own table when the queue is new gets its place there, and is decided by it', async () => {
    const [transfer] = [await give(), await report()];
    const { database } = here.server.context;
    await database.transaction(async (tx) => {
      await tx.execute(`DELETE FROM reviews WHERE status = 'pending' AND kind <> 'spend_claim'`);
      const runner = { query: (sql: string) => tx.execute(sql) };
      await new ReviewQueue1700000028100().up(runner as unknown as QueryRunner);
    });
    await booksBalance();
    const anew = await pending('points_transfer');
    assert.deepEqual([anew.subject_id, anew.barred], [transfer.subject_id, transfer.barred]);
    const reported = await pending('chat_report');
    assert.ok(reported.restaurant_id > 0);
    assert.equal((await decide(anew.review_id, 'reject')).code, 'OK');
    assert.equal((await decide(reported.review_id, 'reject')).code, 'OK');
    await booksBalance();
  });

  it('RA-3 who has sent or reported a message does not decide about it, by whichever route', async () => {
    const { subject_id: reportId } = await report(staff);
    const mine = { decision: 'dismiss', reason: '无事' };
    const old = `/admin/chat/reports/${reportId}`;
    assert.equal((await here.call('POST', old, staff!, mine)).code, 'FORBIDDEN');
    const waits = await pending('chat_report', staff);
    assert.equal(waits.why_not, 'beneficiary');
    assert.equal((await decide(waits.review_id, 'reject', staff)).code, 'FORBIDDEN');
    assert.equal((await here.call('POST', old, here.second, mine)).code, 'OK');
  });

  it('RA-5 each kind is told of once when nobody decides it in time', async () => {
    const { version, config } = (await here.call('GET', '/admin/config', here.second)).data;
    const hurried = { version, config: { ...config, reviews: { decision_minutes: 30 } } };
    assert.equal((await here.call('PUT', '/admin/config', here.second, hurried)).code, 'OK');
    const transfer = await give();
    const { database } = here.server.context;
    const read = () => database.currentReader.findOneByOrFail(Review, { review_id: transfer.review_id });
    await eventually(async () => assert.notEqual((await read()).limit_minutes, null), 20_000);
    clock.advance(31 * MINUTE_MS);
    await eventually(async () => assert.notEqual((await read()).escalated_at, null), 20_000);
    assert.equal((await pending('points_transfer')).overdue, true);
  });
});
