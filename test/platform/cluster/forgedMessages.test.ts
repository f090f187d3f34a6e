import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { besiege, DEEP } from './besiegedCluster.ts';

const DEEP_HERE = 'deep here';
const HUGE = JSON.stringify('x'.repeat(2_000_000));

besiege('forged messages inside a cluster', (scene) => {
  it('DRAW-2 forged and malformed answers to calls are ignored, and calls get their own', async () => {
    // Calls are made by who has a diner and not the campaign: at the first of them a node begins to listen for answers.
    for (const node of scene.nodes.keys()) await scene.drawUntilOk(scene.campaign, `asked-${node}`, node);
    const channels = (await scene.redis.command('PUBSUB', 'CHANNELS', 'ipc:calls-*')) as string[];
    assert.ok(channels.length > 0);
    const won = { request_id: 'forged', draws: [], balance: 999_999, replayed: false };
    const forged = [
      ...['x', '42', 'null', '{}', '[]', '[0]', '[9,{}]', '{"0":0,"1":{}}', DEEP, HUGE],
      ...['[1,null]', '[0,{"ok":true}]', '[0,{"ok":"yes","callId":"a"}]'],
      JSON.stringify([0, { ok: false, callId: randomUUID(), code: 'NOPE' }]),
      JSON.stringify([0, { ok: true, callId: randomUUID(), data: won }]),
      JSON.stringify([0, { ok: true, callId: '__proto__', data: won }]),
    ];
    const lines = [
      'a message of another process is refused',
      'an owner answered with something else than a reply',
      'an answer that nobody waits for',
    ];
    await scene.logs(lines, async () => {
      const { drawNo } = await scene.position(scene.campaign);
      const forging = (async () => {
        for (const text of forged)
          for (const channel of channels) await scene.redis.command('PUBLISH', channel, text);
      })();
      const replies = await Promise.all(
        Array.from({ length: 30 }, (_, at) => scene.drawUntilOk(scene.campaign, `answered-${at}`, at)),
      );
      await forging;
      const numbers = replies.map(({ draws }) => draws[0]!.draw_no).sort((a, b) => a - b);
      assert.deepEqual(
        numbers,
        numbers.map((_, at) => drawNo + 1 + at),
      );
    });
  });

  /** Sends a message as a process of the cluster would, and returns what is answered to it. */
  const ask = async (channel: string, replyChannel: string, text: string): Promise<unknown> => {
    const subscriber = new Redis(scene.redis.url);
    try {
      const answered = new Promise<string>((resolve) =>
        subscriber.on('message', (_, answer) => resolve(answer)),
      );
      await subscriber.subscribe(`ipc:${replyChannel}`);
      assert.equal(await scene.redis.command('PUBLISH', channel, text), 1);
      const answer = await Promise.race([answered, sleep(2000).then(() => 'null')]);
      return JSON.parse(answer) as unknown;
    } finally {
      subscriber.disconnect();
    }
  };

  it('ROOM-1 messages that are no calls are refused, logged, and end no process', async () => {
    const processes = ((await scene.redis.command('PUBSUB', 'CHANNELS', 'p:*')) as string[]).sort();
    assert.equal(processes.length, 3);
    const texts = [
      ...['', 'x', '42', 'null', '{}', '"text"', '[]', '[null]', '[null,null,null]', DEEP, HUGE],
      ...['["onOwnerCall"]', '["onOwnerCall","r"]', '["onOwnerCall",{"toString":1},["ping",{},"x"]]'],
      ...[
        '[{"toString":1},"r",[]]',
        '["_reserveSeat",{"toString":1},["a",{},{}]]',
        '["_reserveSeat","r",null]',
      ],
      ...['["_reserveSeat","r",["__proto__",{},{}]]', '["checkReconnectionToken","r",[{"toString":1}]]'],
      ...[
        '["healthcheck",{"toString":1},[]]',
        '["healthcheck"]',
        '[null,{"toString":1},["campaign",{"key":1}]]',
      ],
      ...['[null,"r",["campaign",{"key":"1x","processId":"p"},null,null]]', '[null,"r",["__proto__",{}]]'],
    ];
    await scene.unharmed(() =>
      scene.logs(['a message of another process is refused'], async () => {
        for (const channel of [`$campaign-${scene.campaign}`, ...processes])
          for (const text of texts) await scene.redis.command('PUBLISH', channel, text);
        await sleep(500);
      }),
    );
    assert.deepEqual(
      ((await scene.redis.command('PUBSUB', 'CHANNELS', 'p:*')) as string[]).sort(),
      processes,
    );
  });

  it('ROOM-1 of a room only the calls that there are can be made: no other method, no property', async () => {
    const methods = ['disconnect', 'onDispose', 'setState', 'moveAway', 'broadcast', 'lock', 'replyTo'];
    const properties = ['clock', 'clients', 'campaign', 'constructor', '__proto__', 'state', '_listing'];
    await scene.unharmed(() =>
      scene.logs(['"code":"FORBIDDEN"', '"method":"disconnect"'], async () => {
        for (const method of [...methods, ...properties]) {
          for (const parameters of [[], undefined, null]) {
            const replyChannel = `r-${randomUUID()}`;
            const text = JSON.stringify([method, replyChannel, parameters]);
            const [outcome, reason] = (await ask(`$campaign-${scene.campaign}`, replyChannel, text)) as [
              number,
              string,
            ];
            assert.deepEqual([outcome, (JSON.parse(reason) as { code: number }).code], [1, 403], method);
          }
        }
      }),
    );
    assert.equal(await scene.servedBy(`campaign-${scene.campaign}`), 1);
  });

  it('ROOM-1 calls of an owner with payloads of another shape are refused with a code, and logged', async () => {
    const diner = { userId: 1, nickname: 'x' };
    const message = { request_id: 'called', draw_count: 1 };
    const calls: [method: string, payload: unknown, codes: string[]][] = [
      ['draw', {}, ['VALIDATION_FAILED']],
      ['draw', null, ['VALIDATION_FAILED']],
      ['draw', { diner: { ...diner, userId: '1' }, message }, ['VALIDATION_FAILED']],
      ['draw', { diner, message: { ...message, draw_count: 11 } }, ['VALIDATION_FAILED']],
      ['draw', { diner, message: { ...message, request_id: "'; --" } }, ['VALIDATION_FAILED']],
      ['draw', DEEP_HERE, ['VALIDATION_FAILED']],
      ['draw', { diner: { ...diner, userId: 2_000_000_000 }, message }, ['NOT_FOUND']],
      ['setStatus', { status: 'draft' }, ['VALIDATION_FAILED', 'CONFLICT']],
      ['setStatus', { status: 'gone' }, ['VALIDATION_FAILED']],
      ['rotateSeed', { seed: '00' }, ['VALIDATION_FAILED']],
      ['adjustStock', { prizeId: 1, delta: 1.5, userId: 1, key: 'k' }, ['VALIDATION_FAILED']],
      ['spin', {}, ['VALIDATION_FAILED']],
      ['constructor', {}, ['VALIDATION_FAILED']],
    ];
    await scene.unharmed(() =>
      scene.logs(['a malformed owner call'], async () => {
        for (const [method, payload, codes] of calls) {
          const [replyChannel, callId] = [`r-${randomUUID()}`, randomUUID()];
          const text = JSON.stringify(['onOwnerCall', replyChannel, [method, payload, callId]]).replace(
            `"${DEEP_HERE}"`,
            DEEP,
          );
          const answer = (await ask(`$campaign-${scene.campaign}`, replyChannel, text)) as [
            number,
            { code: string },
          ];
          assert.ok(codes.includes(answer?.[1]?.code), `${method}: ${JSON.stringify(answer)}`);
        }
      }),
    );
  });

  it('RO-3 a draw with fields that only a later build knows is decided as any, and told of', async () => {
    await scene.logs(['an owner call of a newer build has more than is known here'], async () => {
      const [replyChannel, callId] = [`r-${randomUUID()}`, randomUUID()];
      const message = { request_id: 'later', draw_count: 1, later: true };
      const payload = { diner: { userId: 1, nickname: 'x', later: 1 }, message, later: {} };
      const text = JSON.stringify(['onOwnerCall', replyChannel, ['draw', payload, callId]]);
      const answer = (await ask(`$campaign-${scene.campaign}`, replyChannel, text)) as [
        number,
        { code: string },
      ];
      // What it asks for is looked at: that diner has no points.
      assert.equal(answer?.[1]?.code, 'POINTS_INSUFFICIENT');
    });
  });
});
