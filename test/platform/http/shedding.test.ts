import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { declaredRoutes } from '../../../src/domains.ts';
import { sheddableOf } from '../../../src/platform/http/sheddable.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { Shedding } from '../../../src/platform/shedding.ts';
import { onSqlite } from '../../support/databases.ts';
import { logSearch } from '../../support/logs.ts';
import { eventually } from '../../support/seat.ts';
import { freePort } from '../../support/services.ts';
import { openVenue, type Venue } from '../../support/venue.ts';

const LIMIT_MS = 150;
const CALLS = 60;
const logger = createLogger('debug', logSearch.destination);

/** Occupies the event loop for most of the time, as too many calls do. @returns how to stop */
function occupy(): () => void {
  const timer = setInterval(() => {
    const untilMs = performance.now() + 2 * LIMIT_MS;
    while (performance.now() < untilMs);
  }, 2.5 * LIMIT_MS);
  return () => clearInterval(timer);
}

describe('RO-12 the share that is refused', () => {
  const shareAfter = (delaysMs: readonly number[], shedding = new Shedding({ limitMs: 100, logger })) => {
    for (const delayMs of delaysMs) shedding.look(delayMs);
    return shedding;
  };
  const late = (looks: number) => Array.from({ length: looks }, () => 150);
  const calm = (looks: number) => Array.from({ length: looks }, () => 10);

  it('is nothing after a look or two that were late, however late', () => {
    assert.equal(shareAfter([70_000, 10, 70_000, 10, 150, 150, 99, 150, 150]).isShedding, false);
  });

  it('grows while the loop is late, leaves somebody in, and shrinks slowly', () => {
    const shedding = shareAfter(late(3));
    const first = shedding.share;
    assert.ok(first > 0);
    assert.ok(shareAfter(late(50), shedding).share < 1);
    const most = shedding.share;
    assert.ok(most > first);
    assert.ok(shareAfter(calm(4), shedding).share > most - 0.2, 'all were let in at once');
    assert.equal(shareAfter(calm(200), shedding).share, 0);
  });

  it('does not flap where the loop is late by about the limit', () => {
    const shedding = shareAfter(late(3));
    for (let at = 0; at < 100; at++) {
      shareAfter([at % 2 === 0 ? 90 : 105], shedding);
      assert.ok(shedding.isShedding, `look ${at}`);
    }
  });

  it('is of diners and seats alone', () => {
    const isSheddable = sheddableOf(declaredRoutes());
    const of = (url: string) => isSheddable({ url } as never);
    for (const url of [
      '/api/v3/lottery/campaigns',
      '/api/v3/lottery/draw',
      '/API/V3/auth/login',
      '/matchmake/joinOrCreate/campaign',
    ])
      assert.equal(of(url), true, url);
    for (const url of [
      '/health',
      '/ready',
      '/admin',
      '/api/v3/admin/redemptions',
      '/API/v3/Admin/users?page=1',
      '/api/v3/auth/refresh',
      '/api/v3/auth/logout',
    ])
      assert.equal(of(url), false, url);
    const privileged = declaredRoutes().filter(({ access }) => access !== 'public' && access !== 'user');
    for (const { path } of privileged)
      assert.equal(of(`/api/v3${path.replaceAll(/:\w+/g, '7')}?a=b`), false, path);
  });
});

onSqlite('a node whose event loop is late', (_open, openUrl) => {
  let venue: Venue;
  let port: number;
  let release = () => {};
  before(async () => {
    port = await freePort();
    const environment = { LOOP_LIMIT_MS: String(LIMIT_MS), METRICS_PORT: String(port) };
    venue = await openVenue(await openUrl(), { environment });
  });
  after(async () => {
    release();
    await venue?.close();
  });

  const ready = async () => {
    const response = await fetch(`${venue.origin}/ready`);
    return { status: response.status, told: ((await response.json()) as { status: string }).status };
  };
  const shareTold = async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Number(/^kaijiang_shed_share (\S+)$/m.exec(text)![1]);
  };
  /** @param ofTheirs a code that they may get for themselves alone, once they are let in */
  const refusedOf = async (call: () => Promise<string>, ofTheirs = 'OK') => {
    const codes = await Promise.all(Array.from({ length: CALLS }, call));
    assert.ok(
      codes.every((code) => code === 'OK' || code === 'BUSY' || code === ofTheirs),
      codes.join(),
    );
    return codes.filter((code) => code === 'BUSY').length;
  };

  it('RO-12 is not ready and refuses a part of what diners ask, and nothing of what staff do', async () => {
    const diner = await venue.login('13900000001');
    const staff = await venue.login('13800000000');
    const { room } = await venue.sit('13900000002');
    const call = async () => {
      const { code, status, headers } = await venue.api('GET', '/points/account', { token: diner.token });
      if (code === 'BUSY') assert.ok(status === 503 && Number(headers.get('retry-after')) >= 1);
      return code;
    };
    const ask = () =>
      room.request('me', {}).then(
        () => 'OK',
        ({ reason }: { reason: { code: string; retry_after: number } }) => {
          assert.ok(reason.retry_after >= 1);
          return reason.code;
        },
      );
    assert.equal(await refusedOf(call), 0);
    assert.deepEqual(await ready(), { status: 200, told: 'ready' });
    // What is accepted before is answered all the same.
    const accepted = room.request<object, { draws: unknown[] }>('draw', {
      request_id: 'before',
      draw_count: 5,
    });
    release = occupy();
    await eventually(
      async () => assert.deepEqual(await ready(), { status: 503, told: 'overloaded' }),
      10_000,
    );
    assert.equal((await accepted).draws.length, 5);
    assert.ok((await refusedOf(call)) > 0, 'calls');
    assert.ok((await refusedOf(ask, 'RATE_LIMITED')) > 0);
    assert.ok((await shareTold()) > 0);
    const staffs = async () => (await venue.api('GET', '/admin/users?limit=1', { token: staff.token })).code;
    assert.equal(await refusedOf(staffs), 0);
    assert.equal((await fetch(`${venue.origin}/health`)).status, 200);
  }).timeout(60_000);

  it('RO-12 is ready again, and refuses nothing, a while after the loop is', async () => {
    release();
    assert.equal((await ready()).told, 'overloaded');
    await sleep(500);
    assert.equal((await ready()).told, 'overloaded', 'it took no time to believe it');
    await eventually(async () => assert.deepEqual(await ready(), { status: 200, told: 'ready' }), 25_000);
    assert.equal(await shareTold(), 0);
  }).timeout(60_000);
});
