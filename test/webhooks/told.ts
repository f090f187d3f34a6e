/** A whole server with systems that are told of what happens there. */
import assert from 'node:assert/strict';
import { openAdministration, type Administration } from '../admin/administration.ts';
import { settled, until } from '../platform/events/relays.ts';
import { TestClock } from '../support/clock.ts';
import { eventually } from '../support/seat.ts';
import type { Login } from '../support/server.ts';
import { startReceiver, type Receiver } from './receiver.ts';

const HOUR_MS = 3_600_000;

export interface Told extends Administration {
  clock: TestClock;
  receiver: Receiver;
  /** An endpoint at a receiver. */
  endpoint(events: string[], receiver?: Receiver): Promise<{ id: number; secret: string }>;
  remove(id: number): Promise<void>;
  /** Points for the diner, by which points:earned comes about. */
  earn(times?: number): Promise<void>;
  deliveries(id: number): Promise<any[]>;
  /** Waits until the newest delivery of an endpoint is like this, and gives it. */
  newest(id: number, like: Record<string, unknown>): Promise<any>;
  /** Waits until there are so many of an endpoint, all of them like this. */
  all(id: number, count: number, like: Record<string, unknown>): Promise<void>;
  show(id: number): Promise<any>;
  /** After a test: no event is left to be told of, the endpoints are gone, and what is still on its way to them comes nowhere. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

export async function openTold(databaseUrl: string, environment: NodeJS.ProcessEnv = {}): Promise<Told> {
  const clock = new TestClock();
  const allowed = { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8', ...environment };
  const here = await openAdministration(databaseUrl, { clock, environment: allowed });
  let earned = 0;
  // Tests let days pass.
  const logins = new Map<string, { login: Login; atMs: number }>();
  const loginOf = async (mobile: string): Promise<Login> => {
    const known = logins.get(mobile);
    if (known !== undefined && clock.nowMs() - known.atMs < HOUR_MS) return known.login;
    const login = await here.venue.login(mobile);
    logins.set(mobile, { login, atMs: clock.nowMs() });
    return login;
  };
  const call: Administration['call'] = async (method, path, body, by, extra) =>
    here.call(method, path, body, by ?? (await loginOf('13800000000')), extra);
  const deliveries = async (id: number): Promise<any[]> =>
    (await call('GET', `/admin/webhooks/${id}/deliveries?limit=100`)).data.items;
  const told: Told = {
    ...here,
    call,
    clock,
    receiver: await startReceiver(),
    endpoint: async (events, at = told.receiver) => {
      const { status, data } = await call('POST', '/admin/webhooks', { url: at.url, events });
      assert.equal(status, 201);
      return { id: data.webhook_id, secret: data.secret };
    },
    remove: async (id) => {
      assert.equal((await call('DELETE', `/admin/webhooks/${id}`)).code, 'OK');
    },
    earn: async (times = 1) => {
      const staff = await loginOf('13800000002');
      for (let time = 0; time < times; time++) {
        const body = { user_id: here.diner.userId, amount: 1.5, reason: '生日 "x"', source: 'pos' };
        const headers = { 'Idempotency-Key': `earned-${++earned}` };
        assert.equal((await call('POST', '/points/earn', body, staff, { headers })).code, 'OK');
      }
    },
    deliveries,
    newest: async (id, like) => {
      let found: any;
      await until(async () => {
        [found] = await deliveries(id);
        return isLike(found, like);
      }, 12_000);
      return found;
    },
    all: (id, count, like) =>
      eventually(async () => {
        const found = await deliveries(id);
        assert.equal(found.filter((one) => isLike(one, like)).length, count, JSON.stringify(found));
      }, 12_000),
    show: async (id) => (await call('GET', `/admin/webhooks/${id}`)).data,
    forget: async () => {
      await settled(here.venue.context.database);
      const { data } = await call('GET', '/admin/webhooks?limit=50');
      for (const { webhook_id: webhookId } of data.items) await told.remove(webhookId);
      await told.receiver.close();
      told.receiver = await startReceiver();
    },
    close: async () => {
      await here.venue.close();
      await told.receiver.close();
    },
  };
  return told;
}

function isLike(one: any, like: Record<string, unknown>): boolean {
  return Object.entries(like).every(([name, value]) => one?.[name] === value);
}
