import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SeatReservation } from '@colyseus/sdk';
import { createCampaign } from '../../support/factories.ts';
import { besiege, CHEAP, SEAT_SECONDS } from './besiegedCluster.ts';

besiege('bad joins of a cluster', (scene) => {
  const matchmake = async (path: string, body: unknown, given: string | undefined = scene.token) => {
    const response = await fetch(`${scene.nodes[0]!.origin}/matchmake/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(given && { authorization: `Bearer ${given}` }) },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, text };
  };

  const takeReservation = async (campaignId: number): Promise<SeatReservation> => {
    const { status, text } = await matchmake('joinOrCreate/campaign', { campaign_id: campaignId });
    assert.equal(status, 200, text);
    return JSON.parse(text) as SeatReservation;
  };

  it('ROOM-1 a seat reservation serves once, in its own room, for a short time', async () => {
    const { campaignId: other } = await createCampaign(scene.database, CHEAP);
    await scene.drawUntilOk(other, 'first');
    const client = scene.clientOf(scene.nodes[0]!);
    const reservation = await takeReservation(scene.campaign);
    const elsewhere = await takeReservation(other);
    const late = await takeReservation(scene.campaign);
    const room = await client.consumeSeatReservation(reservation);
    room.onMessage('*', () => undefined);
    const refused = [
      reservation,
      { ...elsewhere, roomId: reservation.roomId },
      { ...reservation, sessionId: 'AAAAAAAAA' },
      { ...reservation, sessionId: '__proto__' },
      { ...reservation, sessionId: 'constructor' },
      { ...reservation, roomId: 'campaign-999999' },
    ];
    await scene.unharmed(async () => {
      for (const replayed of refused) await assert.rejects(client.consumeSeatReservation(replayed));
      await sleep(SEAT_SECONDS * 1000 + 500);
      await assert.rejects(client.consumeSeatReservation(late));
    });
    const { balance } = await room.request<object, { balance: number }>('me', {});
    assert.ok(room.connection.isOpen && balance > 0);
    await room.leave();
    await assert.rejects(client.consumeSeatReservation(reservation));
  });

  const refused = async (path: string, body: object, given: string | undefined, statuses: number[]) => {
    const { status, text } = await matchmake(path, body, given ?? '');
    assert.ok(statuses.includes(status), `${path}: ${status} ${text}`);
    assert.match(text, /VALIDATION_FAILED|UNAUTHENTICATED|FORBIDDEN|NOT_FOUND/, path);
  };

  it('ROOM-1 A-4 guessed room ids, `create` and unknown methods open nothing and claim nothing', async () => {
    const { campaignId: draft } = await createCampaign(scene.database, { campaign: { status: 'draft' } });
    const guessed = [
      `campaign-${draft}`,
      'campaign-999999',
      'lobby',
      'audience-1-1',
      '__proto__',
      'campaign',
    ];
    const methods = [
      'create',
      'query',
      '__proto__',
      'constructor',
      'joinOrCreateX',
      'createRoom',
      'toString',
    ];
    const own = { campaign_id: draft };
    const listed = async () => ((await scene.redis.command('HKEYS', 'roomcaches')) as string[]).sort();
    const rooms = await listed();
    await scene.unharmed(async () => {
      for (const id of guessed) {
        await refused(`joinById/${id}`, {}, scene.token, [400, 404]);
        await refused(`joinById/${id}`, {}, undefined, [401]);
        // No room of ours lets anybody come back into a seat: clients join anew.
        await refused(`reconnect/${id}`, { reconnectionToken: 'x' }, scene.token, [403]);
      }
      for (const id of ['../x', '%2e%2e%2fx', '..%2f..%2fadmin', 'x/y'])
        assert.ok((await matchmake(`joinById/${id}`, {})).status >= 400, id);
      for (const method of methods) {
        const line = `"method":"${method}","roomName":"campaign","msg":"a join is refused"`;
        await scene.logs([line], () => refused(`${method}/campaign`, own, scene.token, [403]));
        await refused(`${method}/campaign`, own, undefined, [403]);
      }
      await refused('joinOrCreate/campaign', own, scene.token, [404]);
      await refused('joinOrCreate/campaign', { ...own, key: 1, processId: 'ghost' }, scene.token, [400]);
      await refused('joinOrCreate/campaign', { key: scene.campaign }, scene.token, [400]);
    });
    assert.deepEqual(await listed(), rooms);
  });

  it('ROOM-1 join options of others are refused and open nothing', async () => {
    await scene.unharmed(async () => {
      for (const other of [{ key: 999 }, { processId: 'ghost' }, { roomId: 'campaign-1' }])
        await refused('joinOrCreate/campaign', { campaign_id: scene.campaign, ...other }, scene.token, [400]);
    });
  });
});
