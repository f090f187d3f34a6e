import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, CloseCode, type Room, type SeatReservation } from '@colyseus/sdk';
import { Redis } from 'ioredis';
import type { Database } from '../../src/database/transaction.ts';
import type { DrawReply } from '../../src/lottery/messages.ts';
import { eventually } from '../support/seat.ts';
import { createCampaign } from '../support/factories.ts';
import type { RedisServer } from '../support/services.ts';
import { needs } from '../support/shared.ts';
import { login, post, startNodes, type Nodes } from './nodes.ts';
import type { ServerProcess } from './serverProcess.ts';

const SEAT_SECONDS = 3;
/** A hundredth of a point a draw, so that the demo's diners can draw all through the suite. */
const CHEAP = { campaign: { cost_per_draw: 1 } };
/** As text only: JSON.stringify does not go so deep. */
const DEEP = '['.repeat(50_000) + ']'.repeat(50_000);
const DEEP_HERE = 'deep here';
const HUGE = JSON.stringify('x'.repeat(2_000_000));

describe('bad input inside a cluster', function () {
  this.timeout(60_000);
  needs('mariadbd', 'redis-server');
  let cluster: Nodes;
  let redis: RedisServer;
  let database: Database;
  let nodes: ServerProcess[];
  let campaign: number;
  let token: string;

  before(async () => {
    cluster = await startNodes({
      environment: { COLYSEUS_SEAT_RESERVATION_TIME: String(SEAT_SECONDS) },
    });
    ({ redis, database, nodes } = cluster);
    campaign = (await createCampaign(database, CHEAP)).campaignId;
    token = await login(nodes, 1);
    await drawUntilOk(campaign, 'first');
  });
  after(() => cluster?.close());
  afterEach('every process lives and draws', async () => {
    for (const node of nodes) assert.equal((await fetch(`${node.origin}/health`)).status, 200);
    for (const [at] of nodes.entries()) await drawUntilOk(campaign, `after-${randomUUID()}`, at);
  });

  const sql = (text: string, parameters: unknown[] = []) =>
    database.transaction((tx) => tx.manager.query(text, parameters));
  /** What bad input must not change. */
  const books = () =>
    Promise.all([
      database.read('SELECT campaign_id, status, owner_epoch, draw_no, log_no FROM lottery_campaigns'),
      database.read('SELECT user_id, available_points, frozen_points FROM user_points_accounts'),
      database.read('SELECT COUNT(*) AS draws FROM lottery_draws'),
    ]);
  const position = async (campaignId: number) => {
    const [row] = await database.read<{ owner_epoch: number; draw_no: number }>(
      'SELECT owner_epoch, draw_no FROM lottery_campaigns WHERE campaign_id = ?',
      [campaignId],
    );
    return { epoch: Number(row!.owner_epoch), drawNo: Number(row!.draw_no) };
  };
  /** Runs `work` and waits for each of the lines in some node's log. */
  const logs = async (lines: string[], work: () => Promise<unknown>) => {
    const starts = nodes.map((node) => node.output.length);
    await work();
    await eventually(() => {
      const logged = nodes.map((node, at) => node.output.slice(starts[at])).join('');
      for (const line of lines) assert.ok(logged.includes(line), `not logged: ${line}`);
    });
  };
  const unharmed = async (work: () => Promise<unknown>) => {
    const before = await books();
    await work();
    assert.deepEqual(await books(), before);
  };
  /** As a client does: again with the same id while it is told BUSY or MOVED. */
  const drawUntilOk = async (campaignId: number, requestId: string, firstNode = 0): Promise<DrawReply> => {
    const body = { campaign_id: campaignId, request_id: requestId };
    for (let attempt = 0; ; attempt++) {
      const { code, data } = await post(nodes[(firstNode + attempt) % 3]!, '/lottery/draw', body, token);
      if (code === 'OK') return data as DrawReply;
      assert.ok(['BUSY', 'MOVED'].includes(code) && attempt < 60, `${requestId}: ${code}`);
      await sleep(50);
    }
  };
  /** One draw is made, once, whatever happened to the campaign's owner. */
  const drawsOnce = async (campaignId: number, requestId: string) => {
    const before = await position(campaignId);
    const { draws } = await drawUntilOk(campaignId, requestId);
    const again = await drawUntilOk(campaignId, requestId, 1);
    assert.deepEqual([again.replayed, again.draws[0]!.draw_id], [true, draws[0]!.draw_id]);
    assert.equal((await position(campaignId)).drawNo, before.drawNo + 1);
  };
  const servedBy = async (roomId: string) => {
    const [, count] = (await redis.command('PUBSUB', 'NUMSUB', `$${roomId}`)) as [string, number];
    return Number(count);
  };
  const clientOf = (node: ServerProcess, given: string | undefined = token) => {
    const client = new Client(node.origin);
    client.auth.token = given;
    return client;
  };
  const joinCampaign = async (node: ServerProcess, campaignId: number): Promise<Room> => {
    const room: Room = await clientOf(node).joinOrCreate('campaign', { campaign_id: campaignId });
    room.reconnection.enabled = false;
    room.onMessage('*', () => undefined);
    return room;
  };
  const matchmake = async (path: string, body: unknown, given: string | undefined = token) => {
    const response = await fetch(`${nodes[0]!.origin}/matchmake/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(given && { authorization: `Bearer ${given}` }) },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, text };
  };

  it('DRAW-1 a stale epoch commits nothing: the owner steps back and the retry is drawn once by the next', async () => {
    const room = await joinCampaign(nodes[1]!, campaign);
    const moved = new Promise<unknown>((resolve) => room.onMessage('moved', resolve));
    const left = new Promise<number>((resolve) => room.onLeave(resolve));
    await logs(['the campaign has another owner'], async () => {
      const { epoch, drawNo } = await position(campaign);
      await sql('UPDATE lottery_campaigns SET owner_epoch = owner_epoch + 1 WHERE campaign_id = ?', [
        campaign,
      ]);
      // Answered MOVED, or cut off by the end of the room.
      await assert.rejects(room.request('draw', { request_id: 'raised' }), /moving|MOVED|closed before/);
      await moved;
      assert.equal(await left, CloseCode.SERVER_SHUTDOWN);
      assert.equal((await position(campaign)).drawNo, drawNo);
      await drawsOnce(campaign, 'raised');
      assert.equal((await position(campaign)).epoch, epoch + 2);
    });
    assert.equal(await servedBy(`campaign-${campaign}`), 1);
  });

  it('DRAW-1 a forged epoch, lower or 0, commits nothing either, and leaves one owner', async () => {
    for (const [at, forged] of [(await position(campaign)).epoch - 1, 0].entries()) {
      await logs(['the campaign has another owner'], async () => {
        await sql('UPDATE lottery_campaigns SET owner_epoch = ? WHERE campaign_id = ?', [forged, campaign]);
        await drawsOnce(campaign, `lowered-${at}`);
      });
      assert.equal((await position(campaign)).epoch, forged + 1);
      assert.equal(await servedBy(`campaign-${campaign}`), 1);
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
      JSON.stringify({ ...real, roomId: `campaign-${campaign}` }),
    'a process that is not there': (id) => listingOf(id),
    'a process without the room': (id, living) => listingOf(id, { processId: living }),
    'another address of the owner': (id, _living, owner) => listingOf(id, { processId: owner }),
    'a locked room': (id, _living, owner) => listingOf(id, { processId: owner, locked: true }),
    'another type': (id, _living, owner) => listingOf(id, { processId: owner, name: 'other' }),
  };

  it('S-5 a forged listing of an open room: draws go on at the same owner, and joins find it again', async () => {
    const opened = await Promise.all(
      Object.entries(FORGERIES).map(async ([kind, forge]) => {
        const { campaignId } = await createCampaign(database, CHEAP);
        await drawUntilOk(campaignId, 'before');
        return { kind, forge, campaignId };
      }),
    );
    const processes = (await redis.command('HKEYS', 'roomcount')) as string[];
    await logs(['a listing that cannot be true is removed', 'campaign-'], async () => {
      const survives = async ({ kind, forge, campaignId }: (typeof opened)[number]) => {
        const roomId = `campaign-${campaignId}`;
        const listed = String(await redis.command('HGET', 'roomcaches', roomId));
        const real = JSON.parse(listed) as { processId: string };
        const { processId } = real;
        const living = processes.find((other) => other !== processId)!;
        await redis.command('HSET', 'roomcaches', roomId, forge(campaignId, living, processId, real));
        await Promise.all(nodes.map((_, at) => drawUntilOk(campaignId, `forged-${at}`, at)));
        await eventually(async () => {
          for (const node of nodes) {
            const room = await joinCampaign(node, campaignId);
            await room.leave();
            assert.equal(room.roomId, roomId);
          }
        });
        assert.deepEqual(await position(campaignId), { epoch: 1, drawNo: 4 }, kind);
        assert.equal(await servedBy(roomId), 1, kind);
      };
      await Promise.all(opened.map(survives));
    });
  });

  it('S-5 a forged listing of a room that nobody has: the first draw opens the room', async () => {
    const [living] = (await redis.command('HKEYS', 'roomcount')) as string[];
    for (const forge of Object.values(FORGERIES)) {
      const [last] = await database.read<{ id: number }>(
        'SELECT MAX(campaign_id) AS id FROM lottery_campaigns',
      );
      const next = last!.id + 1;
      await redis.command('HSET', 'roomcaches', `campaign-${next}`, forge(next, living!, living!));
      assert.equal((await createCampaign(database, CHEAP)).campaignId, next);
      await drawsOnce(next, 'first');
      assert.deepEqual(await position(next), { epoch: 1, drawNo: 1 });
      const room = await joinCampaign(nodes[2]!, next);
      await room.leave();
    }
  });

  it('DRAW-2 forged and malformed answers to calls are ignored, and calls get their own', async () => {
    const channels = (await redis.command('PUBSUB', 'CHANNELS', 'ipc:calls-*')) as string[];
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
    await logs(lines, async () => {
      const { drawNo } = await position(campaign);
      const forging = (async () => {
        for (const text of forged)
          for (const channel of channels) await redis.command('PUBLISH', channel, text);
      })();
      const replies = await Promise.all(
        Array.from({ length: 30 }, (_, at) => drawUntilOk(campaign, `answered-${at}`, at)),
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
    const subscriber = new Redis(redis.url);
    try {
      const answered = new Promise<string>((resolve) =>
        subscriber.on('message', (_, answer) => resolve(answer)),
      );
      await subscriber.subscribe(`ipc:${replyChannel}`);
      assert.equal(await redis.command('PUBLISH', channel, text), 1);
      const answer = await Promise.race([answered, sleep(2000).then(() => 'null')]);
      return JSON.parse(answer) as unknown;
    } finally {
      subscriber.disconnect();
    }
  };

  it('ROOM-1 messages that are no calls are refused, logged, and end no process', async () => {
    const processes = ((await redis.command('PUBSUB', 'CHANNELS', 'p:*')) as string[]).sort();
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
    await unharmed(() =>
      logs(['a message of another process is refused'], async () => {
        for (const channel of [`$campaign-${campaign}`, ...processes])
          for (const text of texts) await redis.command('PUBLISH', channel, text);
        await sleep(500);
      }),
    );
    assert.deepEqual(((await redis.command('PUBSUB', 'CHANNELS', 'p:*')) as string[]).sort(), processes);
  });

  it('ROOM-1 of a room only the calls that there are can be made: no other method, no property', async () => {
    const methods = ['disconnect', 'onDispose', 'setState', 'moveAway', 'broadcast', 'lock', 'replyTo'];
    const properties = ['clock', 'clients', 'campaign', 'constructor', '__proto__', 'state', '_listing'];
    await unharmed(() =>
      logs(['"code":"FORBIDDEN"', '"method":"disconnect"'], async () => {
        for (const method of [...methods, ...properties]) {
          for (const parameters of [[], undefined, null]) {
            const replyChannel = `r-${randomUUID()}`;
            const text = JSON.stringify([method, replyChannel, parameters]);
            const [outcome, reason] = (await ask(`$campaign-${campaign}`, replyChannel, text)) as [
              number,
              string,
            ];
            assert.deepEqual([outcome, (JSON.parse(reason) as { code: number }).code], [1, 403], method);
          }
        }
      }),
    );
    assert.equal(await servedBy(`campaign-${campaign}`), 1);
  });

  it('ROOM-1 calls of an owner with payloads of another shape are refused with a code, and logged', async () => {
    const diner = { userId: 1, nickname: 'x' };
    const message = { request_id: 'called', draw_count: 1 };
    const calls: [method: string, payload: unknown, codes: string[]][] = [
      ['draw', {}, ['VALIDATION_FAILED']],
      ['draw', null, ['VALIDATION_FAILED']],
      ['draw', { diner: { ...diner, userId: '1' }, message }, ['VALIDATION_FAILED']],
      ['draw', { diner: { ...diner, role: 'admin' }, message }, ['VALIDATION_FAILED']],
      ['draw', { diner, message: { ...message, draw_count: 11 } }, ['VALIDATION_FAILED']],
      ['draw', { diner, message: { ...message, request_id: "'; --" } }, ['VALIDATION_FAILED']],
      ['draw', { diner, message, prize_id: 1 }, ['VALIDATION_FAILED']],
      ['draw', DEEP_HERE, ['VALIDATION_FAILED']],
      ['draw', { diner: { ...diner, userId: 2_000_000_000 }, message }, ['NOT_FOUND']],
      ['setStatus', { status: 'draft' }, ['VALIDATION_FAILED', 'CONFLICT']],
      ['setStatus', { status: 'gone' }, ['VALIDATION_FAILED']],
      ['rotateSeed', { seed: '00' }, ['VALIDATION_FAILED']],
      ['adjustStock', { prizeId: 1, delta: 1.5, userId: 1, key: 'k' }, ['VALIDATION_FAILED']],
      ['spin', {}, ['VALIDATION_FAILED']],
      ['constructor', {}, ['VALIDATION_FAILED']],
    ];
    await unharmed(() =>
      logs(['a malformed owner call'], async () => {
        for (const [method, payload, codes] of calls) {
          const [replyChannel, callId] = [`r-${randomUUID()}`, randomUUID()];
          const text = JSON.stringify(['onOwnerCall', replyChannel, [method, payload, callId]]).replace(
            `"${DEEP_HERE}"`,
            DEEP,
          );
          const answer = (await ask(`$campaign-${campaign}`, replyChannel, text)) as [
            number,
            { code: string },
          ];
          assert.ok(codes.includes(answer?.[1]?.code), `${method}: ${JSON.stringify(answer)}`);
        }
      }),
    );
  });

  const takeReservation = async (campaignId: number): Promise<SeatReservation> => {
    const { status, text } = await matchmake('joinOrCreate/campaign', { campaign_id: campaignId });
    assert.equal(status, 200, text);
    return JSON.parse(text) as SeatReservation;
  };

  it('ROOM-1 a seat reservation serves once, in its own room, for a short time', async () => {
    const { campaignId: other } = await createCampaign(database, CHEAP);
    await drawUntilOk(other, 'first');
    const client = clientOf(nodes[0]!);
    const reservation = await takeReservation(campaign);
    const elsewhere = await takeReservation(other);
    const late = await takeReservation(campaign);
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
    await unharmed(async () => {
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
    const { campaignId: draft } = await createCampaign(database, { campaign: { status: 'draft' } });
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
    const listed = async () => ((await redis.command('HKEYS', 'roomcaches')) as string[]).sort();
    const rooms = await listed();
    await unharmed(async () => {
      for (const id of guessed) {
        await refused(`joinById/${id}`, {}, token, [400, 404]);
        await refused(`joinById/${id}`, {}, undefined, [401]);
        // No room of ours lets anybody come back into a seat: clients join anew.
        await refused(`reconnect/${id}`, { reconnectionToken: 'x' }, token, [403]);
      }
      for (const id of ['../x', '%2e%2e%2fx', '..%2f..%2fadmin', 'x/y'])
        assert.ok((await matchmake(`joinById/${id}`, {})).status >= 400, id);
      for (const method of methods) {
        const line = `"method":"${method}","roomName":"campaign","msg":"a join is refused"`;
        await logs([line], () => refused(`${method}/campaign`, own, token, [403]));
        await refused(`${method}/campaign`, own, undefined, [403]);
      }
      await refused('joinOrCreate/campaign', own, token, [404]);
      await refused('joinOrCreate/campaign', { ...own, key: 1, processId: 'ghost' }, token, [400]);
      await refused('joinOrCreate/campaign', { key: campaign }, token, [400]);
    });
    assert.deepEqual(await listed(), rooms);
  });

  it('ROOM-1 join options of others are refused and open nothing', async () => {
    await unharmed(async () => {
      for (const other of [{ key: 999 }, { processId: 'ghost' }, { roomId: 'campaign-1' }])
        await refused('joinOrCreate/campaign', { campaign_id: campaign, ...other }, token, [400]);
    });
  });
});
