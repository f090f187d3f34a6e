import assert from 'node:assert/strict';
import { CloseCode } from '@colyseus/sdk';
import { createCampaign } from '../../support/factories.ts';
import { eventually } from '../../support/seat.ts';
import { besiege, CHEAP, DEEP } from './besiegedCluster.ts';

besiege('forged state inside a cluster', (scene) => {
  it('DRAW-1 a stale epoch commits nothing: the owner steps back and the retry is drawn once by the next', async () => {
    const room = await scene.joinCampaign(scene.nodes[1]!, scene.campaign);
    const moved = new Promise<unknown>((resolve) => room.onMessage('moved', resolve));
    const left = new Promise<number>((resolve) => room.onLeave(resolve));
    await scene.logs(['another owner has taken over'], async () => {
      const { epoch, drawNo } = await scene.position(scene.campaign);
      await scene.sql('UPDATE lottery_campaigns SET owner_epoch = owner_epoch + 1 WHERE campaign_id = ?', [
        scene.campaign,
      ]);
      // Answered MOVED, or cut off by the end of the room.
      await assert.rejects(room.request('draw', { request_id: 'raised' }), /moving|MOVED|closed before/);
      await moved;
      assert.equal(await left, CloseCode.SERVER_SHUTDOWN);
      assert.equal((await scene.position(scene.campaign)).drawNo, drawNo);
      await scene.drawsOnce(scene.campaign, 'raised');
      assert.equal((await scene.position(scene.campaign)).epoch, epoch + 2);
    });
    assert.equal(await scene.servedBy(`campaign-${scene.campaign}`), 1);
  });

  it('DRAW-1 a forged epoch, lower or 0, commits nothing either, and leaves one owner', async () => {
    for (const [at, forged] of [(await scene.position(scene.campaign)).epoch - 1, 0].entries()) {
      await scene.logs(['another owner has taken over'], async () => {
        await scene.sql('UPDATE lottery_campaigns SET owner_epoch = ? WHERE campaign_id = ?', [
          forged,
          scene.campaign,
        ]);
        await scene.drawsOnce(scene.campaign, `lowered-${at}`);
      });
      assert.equal((await scene.position(scene.campaign)).epoch, forged + 1);
      assert.equal(await scene.servedBy(`campaign-${scene.campaign}`), 1);
    }
  });

  const listingOf = (campaignId: number, over: object = {}) =>
    JSON.stringify({
      clients: 0,
      maxClients: null,
      locked: false,
      private: false,
      createdAt: new Date().toISOString(),
      unlisted: false,
      name: 'campaign',
      processId: 'ghost',
      publicAddress: '127.0.0.1:9',
      roomId: `campaign-${campaignId}`,
      ...over,
    });
  const FORGERIES: Record<
    string,
    (campaignId: number, living: string, owner: string, real?: object) => string
  > = {
    'no JSON': () => 'no JSON',
    'a number': () => '42',
    'a list': () => '[]',
    null: () => 'null',
    'too deep': () => DEEP,
    'another shape': () => '{"processId":"ghost"}',
    'fields of other types': (id) => listingOf(id, { clients: 'x', locked: {} }),
    'another room': (_id, _living, _owner, real) =>
      JSON.stringify({ ...real, roomId: `campaign-${scene.campaign}` }),
    'a process that is not there': (id) => listingOf(id),
    'a process without the room': (id, living) => listingOf(id, { processId: living }),
    'another address of the owner': (id, _living, owner) => listingOf(id, { processId: owner }),
    'a locked room': (id, _living, owner) => listingOf(id, { processId: owner, locked: true }),
    'another type': (id, _living, owner) => listingOf(id, { processId: owner, name: 'other' }),
  };

  it('S-5 a forged listing of an open room: draws go on at the same owner, and joins find it again', async () => {
    const opened = await Promise.all(
      Object.entries(FORGERIES).map(async ([kind, forge]) => {
        const { campaignId } = await createCampaign(scene.database, CHEAP);
        await scene.drawUntilOk(campaignId, 'before');
        return { kind, forge, campaignId };
      }),
    );
    const processes = (await scene.redis.command('HKEYS', 'roomcount')) as string[];
    await scene.logs(['a listing that cannot be true is removed', 'campaign-'], async () => {
      const survives = async ({ kind, forge, campaignId }: (typeof opened)[number]) => {
        const roomId = `campaign-${campaignId}`;
        const listed = String(await scene.redis.command('HGET', 'roomcaches', roomId));
        const real = JSON.parse(listed) as { processId: string };
        const { processId } = real;
        const living = processes.find((other) => other !== processId)!;
        await scene.redis.command('HSET', 'roomcaches', roomId, forge(campaignId, living, processId, real));
        await Promise.all(scene.nodes.map((_, at) => scene.drawUntilOk(campaignId, `forged-${at}`, at)));
        await eventually(async () => {
          for (const node of scene.nodes) {
            const room = await scene.joinCampaign(node, campaignId);
            await room.leave();
            assert.equal(room.roomId, roomId);
          }
        });
        assert.deepEqual(await scene.position(campaignId), { epoch: 1, drawNo: 4 }, kind);
        assert.equal(await scene.servedBy(roomId), 1, kind);
      };
      await Promise.all(opened.map(survives));
    });
  });

  it('S-5 a forged listing of a room that nobody has: the first draw opens the room', async () => {
    const [living] = (await scene.redis.command('HKEYS', 'roomcount')) as string[];
    for (const forge of Object.values(FORGERIES)) {
      const [last] = await scene.database.read<{ id: number }>(
        'SELECT MAX(campaign_id) AS id FROM lottery_campaigns',
      );
      const next = last!.id + 1;
      await scene.redis.command('HSET', 'roomcaches', `campaign-${next}`, forge(next, living!, living!));
      assert.equal((await createCampaign(scene.database, CHEAP)).campaignId, next);
      await scene.drawsOnce(next, 'first');
      assert.deepEqual(await scene.position(next), { epoch: 1, drawNo: 1 });
      const room = await scene.joinCampaign(scene.nodes[2]!, next);
      await room.leave();
    }
  });
});
