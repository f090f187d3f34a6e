/** What becomes of a campaign, by hand and by the clock: every status with every action. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import type { CampaignStatus } from '../../../entities/lottery/LotteryCampaign.ts';
import { TestClock } from '../../support/clock.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { eventually } from '../../support/seat.ts';
import { openOperators, type Operators } from './operators.ts';

const HOUR_MS = 3_600_000;
const STATUSES: readonly CampaignStatus[] = ['draft', 'scheduled', 'active', 'paused', 'ended', 'archived'];

/** From each status to each other: what is answered, and what it is afterwards. `202`: a second person is waited for. */
const BY_HAND: Record<CampaignStatus, Record<CampaignStatus, 200 | 202 | 409>> = {
  draft: { draft: 200, scheduled: 202, active: 202, paused: 409, ended: 409, archived: 409 },
  scheduled: { draft: 409, scheduled: 200, active: 200, paused: 409, ended: 200, archived: 409 },
  active: { draft: 409, scheduled: 409, active: 200, paused: 200, ended: 200, archived: 409 },
  paused: { draft: 409, scheduled: 409, active: 200, paused: 200, ended: 200, archived: 409 },
  ended: { draft: 409, scheduled: 409, active: 409, paused: 409, ended: 200, archived: 200 },
  archived: { draft: 409, scheduled: 409, active: 409, paused: 409, ended: 409, archived: 200 },
};

/** What the clock makes of each when its start has come, and when its end has. */
const BY_CLOCK: Record<CampaignStatus, [atStart: CampaignStatus, atEnd: CampaignStatus]> = {
  draft: ['draft', 'draft'],
  scheduled: ['active', 'ended'],
  active: ['active', 'ended'],
  paused: ['paused', 'ended'],
  ended: ['ended', 'ended'],
  archived: ['archived', 'archived'],
};

/** How a draft gets there. */
const WAY: Record<CampaignStatus, readonly CampaignStatus[]> = {
  draft: [],
  scheduled: ['scheduled'],
  active: ['active'],
  paused: ['active', 'paused'],
  ended: ['active', 'ended'],
  archived: ['active', 'ended', 'archived'],
};

forEachDatabase('transitions of campaigns', (_open, openUrl) => {
  let here: Operators;
  const clock = new TestClock(Date.now());
  before(async () => {
    // Access tokens outlive every step of the clock.
    const environment = { AUTH_ACCESS_TOKEN_SECONDS: '86400' };
    here = await openOperators(await openUrl(), { clock, environment });
  });
  after(() => here?.server.close());

  /** One that starts in an hour and ends an hour later. */
  const bring = async (status: CampaignStatus) => {
    const { campaign_id: id } = await here.create({
      starts_at: new Date(clock.nowMs() + HOUR_MS).toISOString(),
      ends_at: new Date(clock.nowMs() + 2 * HOUR_MS).toISOString(),
    });
    for (const next of WAY[status]) {
      const moved = await here.setStatus(id, next);
      if (moved.status === 202) await here.decide(moved.data.approval_id);
    }
    assert.equal((await here.read(id)).status, status);
    return id;
  };

  for (const from of STATUSES)
    describe(`from ${from}`, () => {
      for (const [asked, status] of Object.entries(BY_HAND[from]))
        it(`L-1 ${asked} is answered ${status}`, async () => {
          const id = await bring(from);
          const before = await here.read(id);
          const answer = await here.setStatus(id, asked);
          assert.equal(answer.status, status, JSON.stringify(answer));
          if (status === 409) assert.equal(answer.code, 'CONFLICT');
          const now = await here.read(id);
          assert.equal(now.status, status === 200 ? asked : from);
          if (status === 409) assert.deepEqual(now, before);
          if (status !== 202) return;
          assert.equal((await here.decide(answer.data.approval_id)).status, 200);
          assert.equal((await here.read(id)).status, asked);
        });

      it('L-12 it is edited where it is not over, and deleted where it is a draft', async () => {
        const id = await bring(from);
        const edited = await here.edit(id, { description: 'Another' });
        const isOver = from === 'ended' || from === 'archived';
        assert.equal(edited.status, from === 'draft' ? 200 : isOver ? 409 : 202);
        const deleted = await here.call('DELETE', `/admin/campaigns/${id}`, here.author);
        assert.equal(deleted.status, from === 'draft' ? 200 : 409);
        if (from !== 'draft')
          assert.equal((await here.call('POST', `/admin/campaigns/${id}/clone`, here.author)).status, 201);
      });
    });

  it('RL-5 the clock starts and ends what is to start and to end, once', async () => {
    const ids = new Map<CampaignStatus, number>();
    for (const status of STATUSES) ids.set(status, await bring(status));
    const endsAtMs = clock.nowMs() + 2 * HOUR_MS;
    for (const at of [0, 1] as const) {
      clock.advance(HOUR_MS);
      for (const status of STATUSES) {
        const expected = BY_CLOCK[status][at];
        await eventually(async () =>
          assert.equal((await here.read(ids.get(status)!)).status, expected, status),
        );
      }
    }
    assert.ok(clock.nowMs() >= endsAtMs);
    // Nothing that waits changes any more.
    await sleep(500);
    for (const status of STATUSES)
      assert.equal((await here.read(ids.get(status)!)).status, BY_CLOCK[status][1], status);
    const { database } = here.server.context;
    const events = await database.readCurrent<{ event_data: string }>(
      "SELECT event_data FROM business_events WHERE event_type = 'lottery:campaign_status'",
    );
    const told = events.map(
      ({ event_data }) => JSON.parse(event_data) as { campaign_id: number; status: string },
    );
    for (const status of ['scheduled', 'active', 'paused'] as const) {
      const ended = told.filter((event) => event.campaign_id === ids.get(status) && event.status === 'ended');
      assert.equal(ended.length, 1, status);
    }
  });

  it('RL-5 what is started by hand has begun, whatever its document said', async () => {
    const id = await bring('scheduled');
    assert.equal((await here.setStatus(id, 'active')).status, 200);
    const drawn = await here.call('POST', '/lottery/draw', here.diner, {
      campaign_id: id,
      request_id: `at-${id}`,
    });
    assert.equal(drawn.status, 200, JSON.stringify(drawn));
    assert.ok(Date.parse((await here.read(id)).starts_at) <= clock.nowMs());
  });
});
