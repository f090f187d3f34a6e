import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { matchMaker } from '@colyseus/core';
import { Client, type Room } from '@colyseus/sdk';
import { after, before, it } from 'mocha';
import type { CampaignState } from '../../rooms/campaign/campaignState.ts';
import { forEachDatabase } from '../support/databases.ts';
import { lockCampaign } from '../../src/lottery/ownership.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { eventually } from '../support/seat.ts';

interface Refusal {
  code?: number;
  message?: string;
}

forEachDatabase('joining', (_open, openUrl) => {
  let venue: Venue;
  let token: string;
  /** Over, so that nobody opens its room but who asks for it; the node itself opens those of active campaigns. */
  let unopened: number;
  let draft: number;
  before(async () => {
    venue = await openVenue(await openUrl());
    ({ token } = await venue.login('13900000001'));
    unopened = (await venue.addCampaign({ campaign: { status: 'ended' } })).campaignId;
    draft = (await venue.addCampaign({ campaign: { status: 'draft' } })).campaignId;
  });
  after(() => venue?.close());

  const clientOf = (given: string | undefined) => {
    const client = new Client(venue.origin);
    if (given !== undefined) client.auth.token = given;
    return client;
  };
  const refused = async (join: Promise<unknown>, status: number, code: string) => {
    const error: Refusal = await join.then(
      () => assert.fail('the join was accepted'),
      (thrown: Refusal) => thrown,
    );
    assert.equal(error.code, status, error.message);
    assert.ok(error.message?.startsWith(code), error.message);
  };
  const isOpen = (campaignId: number) => matchMaker.getLocalRoomById(`campaign-${campaignId}`) !== undefined;

  it('ROOM-1 a campaign id that is missing or malformed is refused with 400', async () => {
    for (const options of [
      {},
      { campaign_id: '1' },
      { campaign_id: 0 },
      { campaign_id: 1.5 },
      { campaign_id: null },
    ]) {
      await refused(clientOf(token).joinOrCreate('campaign', options), 400, 'VALIDATION_FAILED');
      await refused(clientOf(token).join('campaign', options), 400, 'VALIDATION_FAILED');
    }
  });

  it('ROOM-1 a campaign that is not there, or a draft, is refused with 404', async () => {
    for (const campaignId of [999, 2_147_483_647, draft]) {
      await refused(clientOf(token).joinOrCreate('campaign', { campaign_id: campaignId }), 404, 'NOT_FOUND');
      assert.equal(isOpen(campaignId), false);
    }
    await refused(clientOf(token).joinOrCreate('nothing', { campaign_id: 1 }), 404, 'NOT_FOUND');
    await refused(clientOf(token).joinOrCreate('constructor', { campaign_id: 1 }), 404, 'NOT_FOUND');
  });

  it('ROOM-1 `create` is refused', async () => {
    await refused(clientOf(token).create('campaign', { campaign_id: unopened }), 403, 'FORBIDDEN');
    await refused(clientOf(undefined).create('campaign', { campaign_id: unopened }), 403, 'FORBIDDEN');
    assert.equal(isOpen(unopened), false);
  });

  it('ROOM-1 joinById leads to rooms that are open and creates none', async () => {
    await refused(clientOf(token).joinById(`campaign-${unopened}`), 404, 'NOT_FOUND');
    await refused(clientOf(token).joinById('campaign-999'), 404, 'NOT_FOUND');
    await refused(clientOf(token).joinById('AbCdEfGhI'), 400, 'VALIDATION_FAILED');
    assert.equal(isOpen(unopened), false);
    const room = await clientOf(token).joinById('campaign-1');
    assert.equal(room.roomId, 'campaign-1');
    room.onMessage('*', () => undefined);
    await room.leave();
  });

  it('A-4 without a good login nobody joins and no room is opened', async () => {
    const forged = `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`;
    for (const given of [undefined, '', 'nonsense', forged]) {
      const client = clientOf(given);
      await refused(client.joinOrCreate('campaign', { campaign_id: unopened }), 401, 'UNAUTHENTICATED');
      await refused(client.joinById('campaign-1'), 401, 'UNAUTHENTICATED');
    }
    assert.equal(isOpen(unopened), false);
  });

  it('ROOM-1 joins at the same moment share one room, and the logged-in one opens it', async () => {
    const joins = Array.from({ length: 5 }, () =>
      clientOf(token).joinOrCreate('campaign', { campaign_id: unopened }),
    );
    const rooms = await Promise.all(joins);
    assert.deepEqual(new Set(rooms.map((room) => room.roomId)), new Set([`campaign-${unopened}`]));
    const listed = await matchMaker.query({ name: 'campaign' });
    assert.equal(listed.filter(({ roomId }) => roomId === `campaign-${unopened}`).length, 1);
    for (const room of rooms) room.onMessage('*', () => undefined);
    for (const room of rooms) await room.leave();
  });

  it('ROOM-2 a campaign that takes longer to open than the patch rate opens all the same', async () => {
    const { campaignId } = await venue.addCampaign();
    const locked = Promise.withResolvers<void>();
    const blocked = venue.context.database.transaction(async (tx) => {
      await lockCampaign(tx, campaignId);
      locked.resolve();
      await sleep(400);
    });
    await locked.promise;
    const room: Room = await clientOf(token).joinOrCreate('campaign', {
      campaign_id: campaignId,
    });
    await blocked;
    room.onMessage('*', () => undefined);
    await eventually(() => assert.equal((room.state as CampaignState).campaign_id, campaignId));
    await room.leave();
  });

  it('ROOM-4 unknown requests are answered, unknown and plain sends are ignored, the connection stays open', async () => {
    const seat = await venue.sit('13900000002');
    for (const type of ['spin', 'constructor', '__proto__', 7]) {
      await assert.rejects(seat.room.request(type, { a: 1 }), String(type));
      seat.room.send(type, { a: 1 });
    }
    seat.room.send('draw', { request_id: 'plain', draw_count: 1 });
    seat.room.send('draw');
    seat.room.send('me', 'x'.repeat(20_000));
    seat.room.sendBytes('draw', new Uint8Array([1, 2, 3]));
    await sleep(250);
    assert.deepEqual([seat.room.connection.isOpen, seat.state().draw_no], [true, 0]);
    assert.equal((await seat.me()).balance, 10_000);
  });
});
