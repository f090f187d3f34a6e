/** An evening at the restaurant, with nothing but the stock SDK and the API: on two nodes of a cluster, and on one without Redis. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type Room } from '@colyseus/sdk';
import { after, before, describe, it } from 'mocha';
import type { DrawReply } from '../../src/lottery/messages.ts';
import type { Answer, Login } from '../support/server.ts';
import { eventually } from '../support/seat.ts';
import { needs } from '../support/shared.ts';
import { startNodes } from '../platform/cluster/nodes.ts';
import { startServerProcess } from '../platform/cluster/serverProcess.ts';
import { signatureOf, startReceiver, type Receiver } from '../webhooks/receiver.ts';
import { joinChat, type Talker } from './talk.ts';

interface Place {
  /** Of two nodes, or twice that of the one. */
  origins: readonly [string, string];
  close(): Promise<void>;
}

const ENVIRONMENT = { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' };

async function openCluster(): Promise<Place> {
  const { nodes, close } = await startNodes({ environment: ENVIRONMENT });
  return { origins: [nodes[0]!.origin, nodes[1]!.origin], close };
}

async function openAlone(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-evening-'));
  const node = await startServerProcess(`sqlite:${join(folder, 'evening.db')}`, ENVIRONMENT);
  const close = async () => {
    await node.end('SIGTERM');
    rmSync(folder, { recursive: true });
  };
  return { origins: [node.origin, node.origin], close };
}

describe('an evening on MariaDB and Redis, at two nodes', () => {
  needs('mariadbd', 'redis-server');
  evening(openCluster);
});
describe('an evening on SQLite without Redis', () => evening(openAlone));

interface Notified {
  id: number;
  kind: string;
  type: string;
  data: { request_id?: string; draw_ids?: number[]; draw_count?: number };
}

function evening(open: () => Promise<Place>): void {
  let place: Place;
  let receiver: Receiver;
  let [admin, staff, diner, friend] = [] as unknown as [Login, Login, Login, Login];
  const rooms: Room[] = [];

  before(async function () {
    this.timeout(120_000);
    receiver = await startReceiver();
    place = await open();
    admin = await login('13800000000');
    staff = await login('13800000002');
    [diner, friend] = [await login('13900000001'), await login('13900000002')];
  });
  after(async function () {
    this.timeout(60_000);
    await Promise.all(rooms.filter(({ connection }) => connection.isOpen).map((room) => room.leave()));
    await place?.close();
    await receiver?.close();
  });

  async function call(node: 0 | 1, method: string, path: string, by?: Login, body?: object) {
    const response = await fetch(`${place.origins[node]}/api/v3${path}`, {
      method,
      headers: {
        ...(by !== undefined && { authorization: `Bearer ${by.token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Answer<any>;
  }
  async function login(mobile: string): Promise<Login> {
    const { data } = await call(0, 'POST', '/auth/login', undefined, { mobile, code: '123456' });
    return { token: data.access_token as string, userId: data.user.user_id as number };
  }
  async function sit(node: 0 | 1, conversationId: number, by: Login, lastSeq?: number): Promise<Talker> {
    const talker = await joinChat(place.origins[node], conversationId, by, lastSeq);
    rooms.push(talker.room);
    return talker;
  }
  async function join(node: 0 | 1, type: string, by: Login, options: object): Promise<Room> {
    const sdk = new Client(place.origins[node]);
    sdk.auth.token = by.token;
    const room = await sdk.joinOrCreate(type, options);
    rooms.push(room);
    return room;
  }

  it('C-1 C-3 two diners chat in the restaurant, and one who was away finds all of it without a gap', async () => {
    const { data } = await call(0, 'GET', '/restaurants', diner);
    const { conversation_id: id } = data.items[0] as { conversation_id: number };
    const [here, there] = [await sit(0, id, diner, 0), await sit(1, id, friend, 0)];
    const { seq } = await here.send('今晚的鱼不错');
    await there.send('我们也点一条');
    for (const { said } of [here, there]) await eventually(() => assert.equal(said.length, 2));
    await there.room.leave();
    for (let count = 0; count < 9; count++) await here.send(`第 ${count} 句`);
    const back = await sit(1, id, friend, seq + 1);
    await eventually(() => assert.equal(back.missed.length, 1));
    const [missed] = back.missed;
    assert.deepEqual(
      missed!.messages.map((message) => message.seq),
      Array.from({ length: 9 }, (_, at) => seq + 2 + at),
    );
    assert.deepEqual([missed!.from_seq, missed!.to_seq, missed!.has_more], [seq + 2, seq + 10, false]);
  }).timeout(60_000);

  it('C-6 C-7 a draw brings one notice of the win and one of the points, to both devices at two nodes', async () => {
    const told: Notified[][] = [[], []];
    for (const node of [0, 1] as const) {
      const room = await join(node, 'notifications', diner, {});
      room.onMessage('notification', (notice: Notified) => told[node]!.push(notice));
      room.onMessage('*', () => undefined);
    }
    const campaign = await join(1, 'campaign', diner, { campaign_id: 1 });
    campaign.onMessage('*', () => undefined);
    let won: string | undefined;
    for (let count = 0; won === undefined && count < 20; count++) {
      const asked = { request_id: `evening-${count}`, draw_count: 10 };
      const { draws } = await campaign.request<object, DrawReply>('draw', asked);
      if (draws.some(({ is_winner: isWinner }) => isWinner)) won = asked.request_id;
    }
    assert.ok(won, 'nothing was won in 200 draws');
    const ofDraw = (notices: Notified[]) => notices.filter(({ data }) => data.request_id === won);
    for (const notices of told) {
      await eventually(() => assert.equal(ofDraw(notices).length, 2), 10_000);
      assert.deepEqual(
        ofDraw(notices)
          .map(({ kind }) => kind)
          .sort(),
        ['lottery', 'points'],
      );
      const ids = notices.map(({ id }) => id);
      assert.deepEqual(
        ids,
        [...new Set(ids)].sort((a, b) => a - b),
      );
    }
    assert.deepEqual(told[0], told[1]);
  }).timeout(60_000);

  it('C-1 RC-9 a diner is served: waits, is taken, answered, and rates it once', async () => {
    const body = { type: 'service', topic: '发票' };
    const asked = await call(0, 'POST', '/chat/conversations', diner, body);
    assert.equal(asked.data.status, 'waiting');
    const id = asked.data.conversation_id as number;
    const table = await sit(0, id, diner, 0);
    await table.send('可以开发票吗');
    assert.equal((await call(1, 'POST', `/admin/chat/sessions/${id}/take`, staff)).code, 'OK');
    assert.equal((await call(0, 'POST', `/admin/chat/sessions/${id}/take`, admin)).code, 'CONFLICT');
    const desk = await sit(1, id, staff, 0);
    await desk.send('可以，请稍等');
    await eventually(() => assert.ok(table.said.some(({ content }) => content === '可以，请稍等')));
    const rate = () => call(0, 'POST', `/chat/conversations/${id}/rating`, diner, { rating: 5 });
    assert.equal((await call(1, 'POST', `/admin/chat/sessions/${id}/close`, staff)).code, 'OK');
    assert.equal((await rate()).code, 'OK');
    assert.equal((await rate()).code, 'CONFLICT');
  }).timeout(60_000);

  it('E-6 a signed webhook arrives at a receiver that checks it', async () => {
    const endpoint = { url: receiver.url, events: ['lottery:draw_completed'] };
    const { data, code } = await call(0, 'POST', '/admin/webhooks', admin, endpoint);
    assert.equal(code, 'OK');
    const draw = { campaign_id: 1, request_id: 'evening-webhook' };
    assert.equal((await call(1, 'POST', '/lottery/draw', friend, draw)).code, 'OK');
    await eventually(() => assert.equal(receiver.received.length, 1), 10_000);
    const [received] = receiver.received as [(typeof receiver.received)[number]];
    assert.deepEqual(received.signatures, [signatureOf(received, data.secret as string)]);
    assert.equal(received.body.type, 'lottery:draw_completed');
    assert.match(received.text, /evening-webhook/);
  }).timeout(60_000);
}
