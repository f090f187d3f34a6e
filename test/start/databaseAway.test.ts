import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type Room } from '@colyseus/sdk';
import type { PublicError } from '../../src/platform/errors.ts';
import type { DrawReply } from '../../src/lottery/messages.ts';
import { startServerProcess, type ServerProcess } from '../platform/cluster/serverProcess.ts';
import { eventually } from '../support/seat.ts';
import { startMariadb, startRedis, type MariadbServer, type RedisServer } from '../support/services.ts';
import { needs } from '../support/shared.ts';

/** Longer than a node goes on with what it knew of who may do what. */
const AWAY_MS = 7000;
const PATIENCE_MS = 30_000;

interface Answer {
  status: number;
  code: string;
  retryAfter: string | null;
  data: unknown;
}

interface Ask {
  path: string;
  method?: string;
  token?: string;
  body?: object;
  /** Not below /api/v3. */
  isBare?: boolean;
}

async function ask(
  node: ServerProcess,
  { path, method = 'POST', token, body, isBare }: Ask,
): Promise<Answer> {
  const answer = await fetch(`${node.origin}${isBare === true ? '' : '/api/v3'}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
    signal: AbortSignal.timeout(20_000),
  });
  const told = (await answer.json()) as { code?: string | number; error?: string; data?: unknown };
  // A refusal of the matchmaker has the code at the beginning of its text.
  const code = typeof told.code === 'string' ? told.code : String(told.error ?? 'OK').split(':')[0]!;
  return { status: answer.status, code, retryAfter: answer.headers.get('Retry-After'), data: told.data };
}

for (const isCluster of [false, true]) {
  describe(`DRAW-5 S-4 the database is killed under ${isCluster ? 'two nodes of a cluster' : 'a lone node'}`, function () {
    this.timeout(120_000);
    needs('mariadbd', ...(isCluster ? ['redis-server'] : []));
    let mariadb: MariadbServer;
    let redis: RedisServer | undefined;
    let nodes: ServerProcess[];
    let diner: string;
    let admin: string;
    let room: Room;

    before('MariaDB, the nodes, a diner in the room and an administrator', async () => {
      mariadb = await startMariadb();
      redis = isCluster ? await startRedis() : undefined;
      const url = mariadb.url(await mariadb.createDatabase());
      const start = () => startServerProcess(url, redis === undefined ? {} : { REDIS_URL: redis.url });
      nodes = [await start()];
      if (isCluster) nodes.push(await start());
      const tokenOf = async (mobile: string) => {
        const { data } = await ask(nodes[0]!, { path: '/auth/login', body: { mobile, code: '123456' } });
        return (data as { access_token: string }).access_token;
      };
      [diner, admin] = [await tokenOf('13900000001'), await tokenOf('13800000000')];
      const client = new Client(nodes[0]!.origin);
      client.auth.token = diner;
      room = await client.joinOrCreate('campaign', { campaign_id: 1 });
      room.reconnection.enabled = false;
      room.onMessage('*', () => undefined);
    });
    after('all of them end', async () => {
      if (room?.connection.isOpen) await room.leave();
      await Promise.all((nodes ?? []).map((node) => node.end('SIGKILL')));
      await redis?.stop();
      await mariadb?.stop();
    });

    /** What must read or write the database, whoever asks. */
    const calls = (): Record<string, Ask> => ({
      'a draw': { path: '/lottery/draw', token: diner, body: { campaign_id: 1, request_id: randomUUID() } },
      'points spent': { path: '/points/consume', token: diner, body: { amount: 1, reason: 'x' } },
      'points granted': {
        path: '/points/earn',
        token: admin,
        body: { user_id: 1, amount: 1, reason: 'x', source: 'test' },
      },
      'a login': { path: '/auth/login', body: { mobile: '13900000004', code: '123456' } },
      'a code': { path: '/auth/code', body: { mobile: '13900000005' } },
      'an account': { path: '/points/account', method: 'GET', token: diner },
      'a history': { path: '/lottery/history', method: 'GET', token: diner },
      'a list of users': { path: '/admin/users', method: 'GET', token: admin },
      'an end of all logins': { path: '/auth/sessions', method: 'DELETE', token: diner },
      'a changed name': { path: '/auth/me', method: 'PATCH', token: diner, body: { nickname: '甲乙' } },
      'a live campaign paused': {
        path: '/admin/campaigns/1/status',
        token: admin,
        body: { status: 'paused' },
      },
      'a seed of a live campaign changed': { path: '/admin/campaigns/1/fairness/rotate', token: admin },
      'a stock of a live campaign changed': {
        path: '/admin/prizes/1/stock',
        token: admin,
        body: { delta: 1 },
      },
      'a join of a room that is not open': {
        path: '/matchmake/joinOrCreate/campaign',
        isBare: true,
        token: diner,
        body: { campaign_id: 77 },
      },
    });
    /** What may be answered from what is known already. */
    const known = (): Record<string, Ask> => ({
      'a join of an open room': {
        path: '/matchmake/joinOrCreate/campaign',
        isBare: true,
        token: diner,
        body: { campaign_id: 1 },
      },
      'a join by id': { path: '/matchmake/joinById/campaign-1', isBare: true, token: diner },
      'the campaigns': { path: '/lottery/campaigns', method: 'GET', token: diner },
      'the fairness of a campaign': { path: '/lottery/campaigns/1/fairness', method: 'GET' },
    });
    const refused = async (type: string, payload: object): Promise<PublicError> => {
      const outcome: unknown = await room.request(type, payload).then(
        () => undefined,
        (error: unknown) => error,
      );
      assert.ok(outcome !== undefined, `${type} was answered`);
      const { reason } = outcome as { reason?: PublicError };
      assert.ok(reason !== undefined, `${type}: ${String(outcome)}`);
      return reason;
    };

    it('every call, join and message is BUSY with Retry-After, none INTERNAL; it comes back by itself', async () => {
      const { draws } = await room.request<object, DrawReply>('draw', { request_id: 'before' });
      await mariadb.kill();
      const backMs = performance.now() + AWAY_MS;
      for (let round = 0; performance.now() < backMs; round++) {
        const node = nodes[round % nodes.length]!;
        await Promise.all([
          ...Object.entries(calls()).map(async ([what, call]) => {
            const { status, code, retryAfter } = await ask(node, call);
            assert.deepEqual([status, code, retryAfter], [503, 'BUSY', '1'], what);
          }),
          ...Object.entries(known()).map(async ([what, call]) => {
            const { status, code, retryAfter } = await ask(node, call);
            if (status === 200 || code === 'RATE_LIMITED') return;
            assert.deepEqual([status, code, retryAfter], [503, 'BUSY', '1'], what);
          }),
          ...['draw', 'me'].map(async (type) => {
            const { code, retry_after } = await refused(type, type === 'me' ? {} : { request_id: 'away' });
            assert.deepEqual([code, retry_after], ['BUSY', 1], type);
          }),
        ]);
        await sleep(300);
      }
      for (const node of nodes) assert.equal((await fetch(`${node.origin}/ready`)).status, 503);

      await mariadb.restart();
      await eventually(async () => {
        for (const node of nodes) assert.equal((await fetch(`${node.origin}/ready`)).status, 200);
      }, PATIENCE_MS);
      // The room is the one that was there, and what was not acknowledged is drawn once.
      let again!: DrawReply;
      await eventually(async () => {
        again = await room.request<object, DrawReply>('draw', { request_id: 'away' });
      }, PATIENCE_MS);
      assert.equal(again.draws[0]!.draw_no, draws[0]!.draw_no + 1);
      const replay = await room.request<object, DrawReply>('draw', { request_id: 'before' });
      assert.deepEqual([replay.replayed, replay.draws], [true, draws]);
      for (const node of nodes) {
        for (const status of ['paused', 'active']) {
          const path = '/admin/campaigns/1/status';
          const { code } = await ask(node, { path, token: admin, body: { status } });
          assert.equal(code, 'OK', status);
        }
        const { code } = await ask(node, known()['a join of an open room']!);
        assert.equal(code, 'OK');
      }
    });
  });
}
