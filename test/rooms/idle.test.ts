import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { matchMaker } from '@colyseus/core';
import { after, before, it } from 'mocha';
import { LIMITS } from '../../src/platform/limits.ts';
import { settled } from '../platform/events/relays.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { countStatements } from '../support/statements.ts';
import { eventually } from '../support/seat.ts';
import { openVenue, type Venue } from '../support/venue.ts';

const CAMPAIGNS = 40;
const IDLE_MS = 7_000;

forEachDatabase('rooms that nobody is in', (_open, openUrl) => {
  const clock = new TestClock(Date.now());
  let venue: Venue;
  let admin: string;
  before(async () => {
    venue = await openVenue(await openUrl(), { clock });
    admin = (await venue.login('13800000001')).token;
  });
  after(() => venue?.close());

  const isOpen = (campaignId: number) => matchMaker.getLocalRoomById(`campaign-${campaignId}`) !== undefined;
  const becomesOpen = (campaignId: number, expected: boolean) =>
    eventually(() => assert.equal(isOpen(campaignId), expected), 15_000);
  const setStatus = async (campaignId: number, status: string) => {
    const path = `/admin/campaigns/${campaignId}/status`;
    assert.equal((await venue.api('POST', path, { token: admin, body: { status } })).code, 'OK');
  };

  it('ROOM-7 forty idle campaigns ask the database no more than one does', async () => {
    await sleep(6_000);
    const counted = countStatements(venue.context.database);
    // The quieter of two intervals: what a campaign asks again and again is asked in both.
    const asked = async () => {
      const intervals: number[] = [];
      for (let at = 0; at < 2; at++) {
        counted.take();
        await sleep(IDLE_MS);
        intervals.push(counted.take());
      }
      return Math.min(...intervals);
    };
    const forOne = await asked();
    const added: number[] = [];
    for (let at = 1; at < CAMPAIGNS; at++) added.push((await venue.addCampaign()).campaignId);
    for (const campaignId of added) await becomesOpen(campaignId, true);
    await settled(venue.context.database, 30_000);
    // Their first figures are written once.
    await sleep(6_000);
    const forAll = await asked();
    assert.ok(forOne > 0);
    // The same statements, at other moments of the interval; one for each campaign would be more.
    assert.ok(
      forAll < forOne + CAMPAIGNS / 2,
      `${forOne} statements for one campaign, ${forAll} for ${CAMPAIGNS}`,
    );
  }).timeout(120_000);

  it('ROOM-7 the room of a campaign that is over closes when nobody is left, and opens for whoever asks', async () => {
    const { campaignId } = await venue.addCampaign();
    const seat = await venue.sit('13900000001', campaignId);
    const reply = await seat.draw({ request_id: 'drawn' });
    await setStatus(campaignId, 'ended');
    clock.advance(LIMITS.emptyRoomMs);
    await sleep(2_500);
    assert.ok(isOpen(campaignId), 'somebody sits there');
    await seat.room.leave();
    await sleep(2_500);
    assert.ok(isOpen(campaignId), 'somebody may come back at once');
    clock.advance(LIMITS.emptyRoomMs);
    await becomesOpen(campaignId, false);
    // Nothing keeps it open.
    await sleep(6_000);
    assert.equal(isOpen(campaignId), false);

    const { token } = seat;
    const again = { campaign_id: campaignId, request_id: 'drawn' };
    const replayed = await venue.api('POST', '/lottery/draw', { token, body: again });
    assert.deepEqual(replayed.data, { ...reply, replayed: true });
    const late = { campaign_id: campaignId, request_id: 'late' };
    assert.equal(
      (await venue.api('POST', '/lottery/draw', { token, body: late })).code,
      'CAMPAIGN_NOT_ACTIVE',
    );
    assert.ok(isOpen(campaignId));
    clock.advance(LIMITS.emptyRoomMs);
    await becomesOpen(campaignId, false);

    const later = await venue.sit('13900000002', campaignId);
    assert.deepEqual([later.state().status, later.state().draw_no], ['ended', 1]);
    await later.room.leave();
    await setStatus(campaignId, 'archived');
    clock.advance(LIMITS.emptyRoomMs);
    await becomesOpen(campaignId, false);
  }).timeout(120_000);

  it('ROOM-7 the room of a campaign that goes on stays open', async () => {
    const { campaignId } = await venue.addCampaign();
    await becomesOpen(campaignId, true);
    await setStatus(campaignId, 'paused');
    clock.advance(10 * LIMITS.emptyRoomMs);
    await sleep(2_500);
    assert.ok(isOpen(campaignId));
  }).timeout(60_000);
});
