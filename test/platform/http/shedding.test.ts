import assert from 'node:assert/strict';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'mocha';
import { declaredRoutes } from '../../../src/domains.ts';
import { sheddableOf } from '../../../src/platform/http/sheddable.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import type { AppError } from '../../../src/platform/errors.ts';
import { Shedding, type Look } from '../../../src/platform/shedding.ts';
import { Underway } from '../../../src/platform/underway.ts';
import { onSqlite } from '../../support/databases.ts';
import { logSearch } from '../../support/logs.ts';
import { eventually } from '../../support/seat.ts';
import { freePort } from '../../support/services.ts';
import { openVenue, type Venue } from '../../support/venue.ts';

/** A machine with others on it leaves a node waiting for some tenths of a second as well. */
const LIMIT_MS = 300;
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

const LOOK: Look = { delayMs: 10, utilization: 0.5, elapsedMs: 100 };
const LATE: Look = { ...LOOK, delayMs: 150 };
/** The loop is on time, since each call does little at a time, and has no rest. */
const RESTLESS: Look = { ...LOOK, utilization: 0.99 };

describe('RO-12 what is refused', () => {
  const open = () => new Shedding({ limitMs: 100, logger });
  const look = (shedding: Shedding, one: Look, times: number) => {
    for (let at = 0; at < times; at++) shedding.look(one);
    return shedding;
  };
  /** A node that answers 100 calls between two looks and has more underway. @param waiting calls that are not answered */
  const busy = (shedding: Shedding, one: Look, { looks, waiting }: { looks: number; waiting: number }) => {
    for (let at = 0; at < waiting; at++) shedding.admitCall();
    for (let at = 0; at < looks; at++) {
      for (let call = 0; call < 100; call++) answered(shedding)?.();
      shedding.look(one);
    }
    return shedding;
  };
  /** @returns undefined where it is refused */
  const answered = (shedding: Shedding) => {
    try {
      return shedding.admitCall();
    } catch (error) {
      assert.equal((error as AppError).code, 'BUSY');
      return undefined;
    }
  };
  const admittedOf = (calls: number, shedding: Shedding) =>
    Array.from({ length: calls }, () => answered(shedding)).filter((one) => one !== undefined).length;

  it('is nothing after a look or two that were late, however late, nor of those that are late less than half of the time', () => {
    const shedding = open();
    for (let at = 0; at < 2; at++) shedding.look({ ...LOOK, delayMs: 70_000, elapsedMs: 70_000 });
    assert.equal(shedding.isShedding, false);
    for (let at = 0; at < 1000; at++) shedding.look(at % 3 === 0 ? LATE : LOOK);
    assert.equal(shedding.isShedding, false);
  });

  it('begins also where the loop is on time every now and then', () => {
    const shedding = open();
    for (let at = 0; at < 30 && !shedding.isShedding; at++) shedding.look(at % 3 === 0 ? LOOK : LATE);
    assert.equal(shedding.isShedding, true);
  });

  it('grows quickly while the loop is late, leaves somebody in, and shrinks slowly', () => {
    const shedding = look(open(), LATE, 7);
    assert.ok(shedding.isShedding && shedding.share >= 0.5);
    assert.ok(look(shedding, LATE, 2).share > 0.8);
    assert.ok(look(shedding, LATE, 50).share < 1);
    const most = shedding.share;
    assert.ok(look(shedding, LOOK, 10).share > most - 0.3, 'all were let in at once');
    assert.deepEqual([look(shedding, LOOK, 200).share, shedding.isShedding], [0, false]);
  });

  it('does not flap where the loop is late by about the limit', () => {
    const shedding = look(open(), LATE, 7);
    for (let at = 0; at < 100; at++) {
      shedding.look({ ...LOOK, delayMs: at % 2 === 0 ? 90 : 105 });
      assert.ok(shedding.isShedding, `look ${at}`);
    }
  });

  it('is what comes behind more calls than are answered in a part of the limit, where the loop has no rest', () => {
    const shedding = busy(open(), RESTLESS, { looks: 20, waiting: 300 });
    assert.equal(shedding.isShedding, true);
    assert.equal(admittedOf(50, shedding), 0, '300 wait already');
    shedding.look(RESTLESS);
    assert.ok(shedding.share > 0);
  });

  it('lets in what is answered in a part of the limit, and messages of rooms whatever calls wait', () => {
    const shedding = open();
    const waiting = Array.from({ length: 300 }, () => shedding.admitCall());
    busy(shedding, RESTLESS, { looks: 10, waiting: 0 });
    for (const done of waiting) done();
    busy(shedding, RESTLESS, { looks: 15, waiting: 0 });
    const admitted = admittedOf(500, shedding);
    assert.ok(admitted >= 20 && admitted <= 60, `${admitted} of some 100 in 100 ms`);
    for (let at = 0; at < 100; at++) shedding.admit();
  });

  it('is nothing of few calls, nor of many that wait for something else', () => {
    assert.equal(busy(open(), RESTLESS, { looks: 20, waiting: 50 }).isShedding, false);
    assert.equal(busy(open(), LOOK, { looks: 20, waiting: 5000 }).isShedding, false);
  });

  it('ends a while after the last refusal', () => {
    const shedding = busy(open(), RESTLESS, { looks: 10, waiting: 300 });
    assert.equal(shedding.isShedding, true);
    assert.equal(look(shedding, LOOK, 10).isShedding, true, 'it took no time to believe it');
    assert.deepEqual([look(shedding, LOOK, 30).isShedding, admittedOf(1000, shedding)], [false, 1000]);
  });

  it('counts a call that is both answered and closed once', () => {
    const underway = new Underway();
    const done = [1, 2, 3].map(() => underway.begin());
    for (const one of done) one();
    for (const one of done) one();
    assert.equal(underway.count, 0);
    underway.look(100);
    assert.ok(Math.abs(underway.answeredIn(1000) - 9) < 0.001, String(underway.answeredIn(1000)));
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

  it('RO-12 knows the calls that it has let in until they are answered, or whoever called has gone', async () => {
    const diner = await venue.login('13900000001');
    const underway = () => venue.context.shedding['underway'].count;
    const calling = request(`${venue.origin}/api/v3/lottery/draw`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${diner.token}`,
        'content-type': 'application/json',
        'content-length': 100,
      },
    });
    calling.on('error', () => undefined);
    calling.write('{');
    await eventually(() => assert.equal(underway(), 1));
    await Promise.all(
      Array.from({ length: 10 }, () => venue.api('GET', '/points/account', { token: diner.token })),
    );
    calling.destroy();
    await eventually(() => assert.equal(underway(), 0));
  });

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
