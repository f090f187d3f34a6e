import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, it } from 'mocha';
import type { FairnessView } from '../../src/lottery/views.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { eventually, type Seat } from '../support/seat.ts';

const MINUTE_MS = 60_000;

forEachDatabase('campaign life', (_open, openUrl) => {
  const clock = new TestClock();
  let venue: Venue;
  before(async () => {
    venue = await openVenue(await openUrl(), { clock });
  });
  after(() => venue?.close());

  const setStatus = async (campaignId: number, status: string, mobile = '13800000001') => {
    const { token } = await venue.login(mobile);
    return venue.api('POST', `/admin/campaigns/${campaignId}/status`, { token, body: { status } });
  };
  const told = (seat: Seat, ...statuses: string[]) =>
    eventually(() => {
      assert.deepEqual(seat.statuses, statuses);
      assert.equal(seat.state().status, statuses.at(-1));
    });

  it('L-1 the clock starts a campaign and ends it; draws before and after are refused', async () => {
    const startMs = clock.nowMs() + MINUTE_MS;
    const endMs = startMs + 10 * MINUTE_MS;
    const times = { start_time: new Date(startMs), end_time: new Date(endMs) };
    const { campaignId } = await venue.addCampaign({ campaign: { status: 'scheduled', ...times } });
    const seat = await venue.sit('13900000001', campaignId);
    assert.equal(seat.state().status, 'scheduled');
    const early = await seat.refusal('draw', { request_id: 'early' });
    assert.deepEqual([early.code, early.details], ['CAMPAIGN_NOT_ACTIVE', { status: 'scheduled' }]);

    clock.set(startMs);
    await told(seat, 'active');
    const reply = await seat.draw({ request_id: 'in-time', draw_count: 2 });
    assert.deepEqual(
      reply.draws.map((draw) => draw.draw_no),
      [1, 2],
    );

    clock.set(endMs);
    // The room may not have looked at the clock yet: the draw's own check must hold.
    const late = await seat.refusal('draw', { request_id: 'late' });
    assert.equal(late.code, 'CAMPAIGN_NOT_ACTIVE');
    await told(seat, 'active', 'ended');
    const later = await seat.refusal('draw', { request_id: 'later' });
    assert.deepEqual([later.code, later.details], ['CAMPAIGN_NOT_ACTIVE', { status: 'ended' }]);
    assert.deepEqual(await seat.draw({ request_id: 'in-time', draw_count: 2 }), { ...reply, replayed: true });

    const { data } = await venue.api<FairnessView>('GET', `/lottery/campaigns/${campaignId}/fairness`);
    assert.equal(data.epochs.length, 1);
    const epoch = data.epochs[0]!;
    assert.deepEqual([epoch.from_draw_no, epoch.to_draw_no], [1, 2]);
    assert.equal(epoch.revealed_at, new Date(endMs).toISOString());
    const hash = createHash('sha256').update(Buffer.from(epoch.server_seed!, 'hex')).digest('hex');
    assert.equal(hash, epoch.server_seed_hash);
  });

  it('L-1 A-9 an admin pauses, resumes, ends and archives; staff and diners may not', async () => {
    const { campaignId } = await venue.addCampaign();
    const seat = await venue.sit('13900000002', campaignId);
    for (const mobile of ['13800000002', '13900000002']) {
      const { status, code } = await setStatus(campaignId, 'paused', mobile);
      assert.deepEqual([status, code], [403, 'FORBIDDEN']);
    }
    const anonymous = await venue.api('POST', `/admin/campaigns/${campaignId}/status`, {
      body: { status: 'ended' },
    });
    assert.equal(anonymous.code, 'UNAUTHENTICATED');

    const paused = await setStatus(campaignId, 'paused');
    assert.deepEqual(paused.data, { campaign_id: campaignId, status: 'paused' });
    await told(seat, 'paused');
    assert.equal((await seat.refusal('draw', { request_id: 'a' })).code, 'CAMPAIGN_NOT_ACTIVE');
    assert.equal((await setStatus(campaignId, 'active', '13800000000')).code, 'OK');
    await told(seat, 'paused', 'active');
    assert.equal((await seat.draw({ request_id: 'a' })).draws.length, 1);
    // Asked again for what is, nothing changes and nobody is told.
    assert.equal((await setStatus(campaignId, 'active')).code, 'OK');
    const backwards = await setStatus(campaignId, 'scheduled');
    assert.deepEqual([backwards.status, backwards.code], [409, 'CONFLICT']);
    assert.deepEqual(backwards.details, { status: 'active', asked: 'scheduled' });
    assert.equal((await setStatus(campaignId, 'ended')).code, 'OK');
    await told(seat, 'paused', 'active', 'ended');
    assert.equal((await setStatus(campaignId, 'active')).code, 'CONFLICT');
    assert.equal((await setStatus(campaignId, 'archived')).code, 'OK');
    await told(seat, 'paused', 'active', 'ended', 'archived');
    assert.equal((await setStatus(999, 'paused')).code, 'NOT_FOUND');
    assert.equal((await setStatus(campaignId, 'open')).code, 'VALIDATION_FAILED');
  });

  it('L-7 draw requests have a burst of 40 and 20 per second, over both edges', async () => {
    const seat = await venue.sit('13900000003');
    const { token } = seat;
    const answers = await Promise.allSettled(
      Array.from({ length: 42 }, (_, at) => seat.draw({ request_id: `burst-${at}` })),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      [...Array<string>(40).fill('fulfilled'), 'rejected', 'rejected'],
    );
    const limited = await seat.refusal('draw', { request_id: 'more' });
    assert.deepEqual([limited.code, limited.retry_after], ['RATE_LIMITED', 1]);
    const body = { campaign_id: 1, request_id: 'more' };
    const byRest = await venue.api('POST', '/lottery/draw', { token, body });
    assert.deepEqual(
      [byRest.status, byRest.code, byRest.headers.get('Retry-After')],
      [429, 'RATE_LIMITED', '1'],
    );
    const other = await venue.sit('13900000004');
    assert.equal((await other.draw({ request_id: 'mine' })).draws.length, 1);

    clock.advance(50);
    assert.equal((await seat.draw({ request_id: 'more' })).draws.length, 1);
    assert.equal((await seat.refusal('draw', { request_id: 'again' })).code, 'RATE_LIMITED');
    clock.advance(1000);
    const second = Array.from({ length: 21 }, (_, at) => seat.draw({ request_id: `second-${at}` }));
    const refused = (await Promise.allSettled(second)).filter(({ status }) => status === 'rejected');
    assert.equal(refused.length, 1);
  });

  it('L-7 the daily limit starts anew at midnight in Asia/Shanghai', async () => {
    clock.set(Date.parse('2026-03-02T15:59:00.000Z'));
    const { campaignId } = await venue.addCampaign({ campaign: { draws_per_user_per_day: 3 } });
    const seat = await venue.sit('13900000005', campaignId);
    assert.equal((await seat.draw({ request_id: 'a', draw_count: 2 })).draws_left_today, 1);
    const tooMany = await seat.refusal('draw', { request_id: 'b', draw_count: 2 });
    assert.deepEqual([tooMany.code, tooMany.details], ['DRAW_LIMIT_REACHED', { draws_left_today: 1 }]);
    assert.equal((await seat.draw({ request_id: 'b' })).draws_left_today, 0);
    clock.set(Date.parse('2026-03-02T15:59:59.999Z'));
    assert.equal((await seat.refusal('draw', { request_id: 'c' })).code, 'DRAW_LIMIT_REACHED');
    assert.equal((await seat.me()).draws_left_today, 0);
    clock.advance(1);
    assert.equal((await seat.me()).draws_left_today, 3);
    assert.equal((await seat.draw({ request_id: 'c' })).draws_left_today, 2);
    assert.equal((await seat.me()).draws_left_today, 2);
  });

  it('L-7 a campaign gives total_draws draws and no more', async () => {
    const { campaignId } = await venue.addCampaign({ campaign: { total_draws: 5, remaining_draws: 5 } });
    const seat = await venue.sit('13900000006', campaignId);
    assert.deepEqual([seat.state().total_draws, seat.state().remaining_draws], [5, 5]);
    await seat.draw({ request_id: 'a', draw_count: 3 });
    const tooMany = await seat.refusal('draw', { request_id: 'b', draw_count: 3 });
    assert.deepEqual([tooMany.code, tooMany.details], ['DRAW_LIMIT_REACHED', { remaining_draws: 2 }]);
    await seat.draw({ request_id: 'b', draw_count: 2 });
    assert.equal((await seat.refusal('draw', { request_id: 'c' })).code, 'DRAW_LIMIT_REACHED');
    await eventually(() => assert.deepEqual([seat.state().draw_no, seat.state().remaining_draws], [5, 0]));
  });

  it('DRAW-1 an owner whose figures cannot be read is closed, and the next one opens when they can', async () => {
    const { context } = venue;
    const { campaignId } = await venue.addCampaign({ campaign: { status: 'ended' } });
    const open = () => context.directory.ensure({ type: 'campaign', key: campaignId });
    // An open owner hears of renamed persons. Those of other campaigns, which are over, may close meanwhile.
    const before = new Set(context.access['personsListeners']);
    const more = () =>
      [...context.access['personsListeners']].filter((listener) => !before.has(listener)).length;
    // No transaction: MariaDB would end it.
    const rename = (from: string, to: string) =>
      context.database['sources'].write.query(`ALTER TABLE ${from} RENAME TO ${to}`);
    await rename('lottery_campaign_figures', 'figures_away');
    try {
      await assert.rejects(open(), { code: 'INTERNAL' });
    } finally {
      await rename('figures_away', 'lottery_campaign_figures');
    }
    assert.equal(more(), 0);
    await open();
    assert.equal(more(), 1);
  });

  it('L-7 of requests at the same moment exactly as many are given as the campaign has left', async () => {
    const { campaignId } = await venue.addCampaign({ campaign: { total_draws: 7, remaining_draws: 7 } });
    const diners = [await venue.sit('13900000007', campaignId), await venue.sit('13900000008', campaignId)];
    const asked = diners.flatMap((seat) =>
      Array.from({ length: 6 }, (_, at) => seat.draw({ request_id: `r${at}` })),
    );
    const given = (await Promise.allSettled(asked)).filter(({ status }) => status === 'fulfilled');
    assert.equal(given.length, 7);
  });
});
