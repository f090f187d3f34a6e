import assert from 'node:assert/strict';
import { Client } from '@colyseus/sdk';
import { after, before, it } from 'mocha';
import { LotteryCampaignFigures } from '../../entities/lottery/LotteryCampaignFigures.ts';
import { audit } from '../../src/books/audit.ts';
import { forEachDatabase } from '../support/databases.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { eventually, type Seat } from '../support/seat.ts';

/** Of one room: the fifth diner needs a third one. */
const CLIENT_LIMIT = 2;
const DINERS = 5;

forEachDatabase('audience rooms', (_open, openUrl) => {
  let venue: Venue;
  let campaignId: number;
  let seats: Seat[];

  before(async () => {
    const environment = { CAMPAIGN_CLIENT_LIMIT: String(CLIENT_LIMIT), SNAPSHOT_INTERVAL_MS: '200' };
    venue = await openVenue(await openUrl(), { environment });
    ({ campaignId } = await venue.addCampaign());
    seats = [];
    for (let diner = 1; diner <= DINERS; diner++)
      seats.push(await venue.sit(`139000000${String(diner).padStart(2, '0')}`, campaignId));
  });
  after(() => venue?.close());

  const admin = async (path: string, body: object) => {
    const { token } = await venue.login('13800000001');
    return venue.api('POST', path, { token, body });
  };
  const allShow = (check: (state: ReturnType<Seat['state']>) => void) =>
    eventually(() => seats.forEach((seat) => check(seat.state())));

  it('S-5 who finds the campaign full is seated in an audience room, and cannot tell', async () => {
    assert.deepEqual(
      seats.map(({ room }) => room.roomId),
      ['campaign', 'campaign', 'audience', 'audience', 'audience'].map((type, at) =>
        type === 'campaign' ? `campaign-${campaignId}` : `audience-${campaignId}-${at < 4 ? 1 : 2}`,
      ),
    );
    assert.ok(seats.every(({ room }) => room.name === 'campaign'));
    await allShow(({ online }) => assert.equal(online, DINERS));
    const client = new Client(venue.origin);
    client.auth.token = seats[0]!.token;
    const byId = await client.joinById(`campaign-${campaignId}`);
    byId.onMessage('*', () => undefined);
    assert.equal(byId.roomId, `audience-${campaignId}-2`);
    await byId.leave();
  });

  it('L-8 every room shows the same', async () => {
    for (const seat of seats) await seat.draw({ request_id: 'show', draw_count: 10 });
    await allShow(({ draw_no: drawNo, online }) => assert.deepEqual([drawNo, online], [10 * DINERS, DINERS]));
    const shown = seats.map((seat) => seat.shown());
    assert.equal(shown[0]?.leaderboard.length, DINERS);
    for (const state of shown) assert.deepEqual(state, shown[0]);
  });

  it('DRAW-4 a draw of the audience is the same draw when it is asked for again, anywhere', async () => {
    const seat = seats[4]!;
    const reply = await seat.draw({ request_id: 'again' });
    assert.equal(reply.draws[0]!.draw_no, 10 * DINERS + 1);
    assert.deepEqual(await seat.draw({ request_id: 'again' }), { ...reply, replayed: true });
    const body = { campaign_id: campaignId, request_id: 'again' };
    const overRest = await venue.api('POST', '/lottery/draw', { token: seat.token, body });
    assert.deepEqual(overRest.data, { ...reply, replayed: true });
    assert.deepEqual((await seat.me()).balance, reply.balance);
    const { databaseUrl, seedKey } = venue.context.config;
    const lines: string[] = [];
    await audit({ databaseUrl, seedKey }, (line) => lines.push(line));
    assert.equal(lines[0], 'books balance', lines.join('\n'));
  });

  it('L-1 the audience is told of a change of status and refused as everybody is', async () => {
    await admin(`/admin/campaigns/${campaignId}/status`, { status: 'paused' });
    await allShow(({ status }) => assert.equal(status, 'paused'));
    await eventually(() => seats.forEach(({ statuses }) => assert.deepEqual(statuses, ['paused'])));
    const refusal = await seats[3]!.refusal('draw', { request_id: 'paused' });
    assert.deepEqual([refusal.code, refusal.details], ['CAMPAIGN_NOT_ACTIVE', { status: 'paused' }]);
    const malformed = await seats[3]!.refusal('draw', { request_id: 'b', draw_count: 11 });
    assert.equal(malformed.code, 'VALIDATION_FAILED');
    await admin(`/admin/campaigns/${campaignId}/status`, { status: 'active' });
    await allShow(({ status }) => assert.equal(status, 'active'));
  });

  it('L-8 the audience counts: online, its peak and who joined', async () => {
    await eventually(async () => {
      const figures = await venue.context.database.reader.findOneByOrFail(LotteryCampaignFigures, {
        campaign_id: campaignId,
      });
      assert.ok(figures.online_peak >= DINERS, `peak ${figures.online_peak}`);
      // One of them joined by the room's id.
      assert.equal(figures.joins, DINERS + 1);
    });
    await seats[4]!.room.leave();
    await eventually(() =>
      seats.slice(0, 4).forEach((seat) => assert.equal(seat.state().online, DINERS - 1)),
    );
  });
});
