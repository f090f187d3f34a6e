import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { matchMaker } from '@colyseus/core';
import { after, afterEach, before, it } from 'mocha';
import type { CampaignSeat } from '../../src/client/campaignSeat.ts';
import { KaijiangClient, type KaijiangClientOptions } from '../../src/client/kaijiangClient.ts';
import { KaijiangError } from '../../src/client/kaijiangError.ts';
import { persist } from '../../src/client/patience.ts';
import type { SeatEvent } from '../../src/client/roomSeat.ts';
import { eventually } from '../support/seat.ts';
import { TestClock } from '../support/clock.ts';
import { onSqlite } from '../support/databases.ts';
import { startServer, type RunningServer } from '../support/server.ts';
import { Balancer } from './balancer.ts';

const DAY_MS = 86_400_000;

interface Taken {
  client: KaijiangClient;
  seat: CampaignSeat;
  events: SeatEvent[];
}

onSqlite('client', (_open, openUrl) => {
  const clock = new TestClock();
  const seats: CampaignSeat[] = [];
  let server: RunningServer;
  let balancer: Balancer;
  let diners = 0;
  before(async () => {
    server = await startServer(await openUrl(), { clock });
    balancer = await Balancer.start();
  });
  afterEach(async () => {
    for (const seat of seats.splice(0)) await seat.leave();
    balancer.pointTo(server.origin);
  });
  after(async () => {
    await balancer?.close();
    await server?.close();
  });

  /** The next diner of the demo, behind the balancer. */
  const take = async (options: Partial<KaijiangClientOptions> = {}): Promise<Taken> => {
    balancer.pointTo(server.origin);
    const events: SeatEvent[] = [];
    const url = balancer.origin;
    const client = new KaijiangClient({ url, onStatus: (event) => events.push(event), ...options });
    await client.login(`139000000${String(++diners).padStart(2, '0')}`, '123456');
    const seat = await client.joinCampaign(1);
    seats.push(seat);
    return { client, seat, events };
  };
  const refusalOf = async (work: Promise<unknown>): Promise<KaijiangError> => {
    const thrown: unknown = await work.then(
      () => assert.fail('it was accepted'),
      (error: unknown) => error,
    );
    assert.ok(thrown instanceof KaijiangError, String(thrown));
    return thrown;
  };
  const storedOf = async ({ client }: Taken) =>
    server.context.database.read<{ draw_id: number; request_id: string }>(
      'SELECT draw_id, request_id FROM lottery_draws WHERE user_id = ? ORDER BY draw_id',
      [client.loggedIn!.user.user_id],
    );
  const statusesOf = ({ events }: Taken) => events.map(({ status }) => status);

  it('logs in, joins, draws, tells the own standing, shows the state and leaves', async () => {
    const taken = await take();
    const { seat, events } = taken;
    assert.equal(seat.status, 'live');
    assert.equal(seat.state.campaign_id, 1);
    const shown: number[] = [];
    seat.onState((state) => shown.push(state.draw_no));
    const reply = await seat.draw({ drawCount: 3, clientSeed: 'lucky' });
    assert.deepEqual(
      reply.draws.map((draw) => draw.client_seed),
      ['lucky', 'lucky', 'lucky'],
    );
    assert.equal((await seat.draw()).draws.length, 1);
    assert.equal((await seat.me()).draws_left_today, 996);
    await eventually(() => assert.equal(shown.at(-1), seat.state.draw_no));
    await seat.leave();
    await seat.leave();
    assert.deepEqual(statusesOf(taken), ['connecting', 'live', 'lost']);
    const last = events.at(-1)!;
    assert.equal(last.status === 'lost' && last.final?.code, 'CLOSED');
    assert.equal((await refusalOf(seat.draw())).code, 'CLOSED');
  });

  it('L-7 a refused draw is thrown with its code and details, and not sent again', async () => {
    const { seat } = await take();
    await seat.draw({ drawCount: 10 });
    const retries: string[] = [];
    const onRetry = ({ code }: KaijiangError) => retries.push(code);
    const { code, details } = await refusalOf(seat.draw({ drawCount: 11, onRetry }));
    assert.deepEqual([code, retries], ['VALIDATION_FAILED', []]);
    assert.ok(Array.isArray(details));
  });

  it('L-7 more draws than the rate allows wait for their turn', async () => {
    const taken = await take();
    let limited = 0;
    const onRetry = ({ code }: KaijiangError) => {
      assert.equal(code, 'RATE_LIMITED');
      limited++;
      // The server's clock stands still by itself.
      clock.advance(500);
    };
    const draws = Array.from({ length: 50 }, () => taken.seat.draw({ onRetry }));
    await Promise.all(draws);
    assert.ok(limited >= 10, `${limited}`);
    assert.equal((await storedOf(taken)).length, 50);
  });

  it('DRAW-4 a draw whose answer got lost is asked for again by its id, and done once', async () => {
    const taken = await take();
    balancer.loseAnswers();
    const drawing = taken.seat.draw({ drawCount: 2 });
    await eventually(async () => assert.equal((await storedOf(taken)).length, 2));
    balancer.cut();
    const reply = await drawing;
    assert.equal(reply.replayed, true);
    assert.deepEqual(
      await storedOf(taken),
      reply.draws.map(({ draw_id }) => ({ draw_id, request_id: reply.request_id })),
    );
    assert.deepEqual(statusesOf(taken), ['connecting', 'live', 'lost', 'connecting', 'live']);
    const lost = taken.events[2]!;
    assert.deepEqual([lost.status === 'lost' && lost.closeCode, taken.seat.state.campaign_id], [1006, 1]);
  });

  it('DRAW-1 a room that moves or closes is joined anew, whatever the code', async () => {
    const taken = await take();
    const { seat, events } = taken;
    const codes: (number | undefined)[] = [];
    seat.onStatus((event) => event.status === 'lost' && codes.push(event.closeCode));
    for (const end of [4001, 4010, undefined]) {
      const room = matchMaker.getLocalRoomById('campaign-1');
      if (end === undefined) room.broadcast('moved', {});
      else for (const client of room.clients) client.leave(end);
      await eventually(() => assert.equal(codes.length, [4001, 4010, undefined].indexOf(end) + 1));
      assert.equal((await seat.draw()).draws.length, 1);
    }
    assert.deepEqual(codes, [4001, 4010, undefined]);
    assert.equal(events.filter((event) => event.status === 'live' && event.isRejoin).length, 3);
  });

  it('S-5 while nobody listens the seat goes on trying, ever slower, and a draw waits for it', async () => {
    const taken = await take();
    balancer.pointTo();
    balancer.cut();
    const drawing = taken.seat.draw();
    await eventually(() =>
      assert.ok(statusesOf(taken).filter((status) => status === 'connecting').length > 5),
    );
    balancer.pointTo(server.origin);
    assert.equal((await drawing).draws.length, 1);
    const failures = taken.events.flatMap((event) => (event.status === 'connecting' ? [event.failure] : []));
    assert.ok(failures.slice(2, 6).every((failure) => failure?.code === 'UNREACHABLE'));
  });

  it('a draw can be given up, and a seat be left, while nobody listens', async () => {
    const { seat } = await take();
    balancer.pointTo();
    balancer.cut();
    const giveUp = new AbortController();
    const drawing = seat.draw({ signal: giveUp.signal });
    const other = seat.draw();
    giveUp.abort(new Error('enough'));
    await assert.rejects(drawing, /enough/);
    const startMs = performance.now();
    const [refusal] = await Promise.all([refusalOf(other), seat.leave()]);
    assert.equal(refusal.code, 'CLOSED');
    assert.ok(performance.now() - startMs < 500);
  });

  it('a server that is frozen is given up, though it closes nothing', async () => {
    const taken = await take();
    balancer.freeze();
    assert.equal((await taken.seat.draw()).draws.length, 1);
    assert.deepEqual(statusesOf(taken), ['connecting', 'live', 'lost', 'connecting', 'live']);
    // Live connections answer the ping and stay.
    await sleep(6000);
    assert.equal(taken.events.length, 5);
  }).timeout(40_000);

  it('a join that is refused for good is thrown with its code', async () => {
    const { client } = await take();
    const missing = await refusalOf(client.joinCampaign(999));
    assert.deepEqual([missing.code, missing.status], ['NOT_FOUND', 404]);
    const malformed = await refusalOf(client.joinCampaign(0));
    assert.deepEqual([malformed.code, malformed.status], ['VALIDATION_FAILED', 400]);
    client.accessToken = undefined;
    assert.equal((await refusalOf(client.joinCampaign(1))).code, 'UNAUTHENTICATED');
  });

  it('joining can be given up while nobody listens', async () => {
    const { client } = await take();
    balancer.pointTo();
    balancer.cut();
    const joining = client.joinCampaign(1, { signal: AbortSignal.timeout(200) });
    await assert.rejects(joining, { name: 'TimeoutError' });
  });

  it('A-4 an expired token is renewed once for all, by the hook', async () => {
    let renewals = 0;
    const refreshToken = async (client: KaijiangClient) => {
      renewals++;
      return (await client.login(client.loggedIn!.user.mobile, '123456')).access_token;
    };
    const { client, seat, events } = await take({ refreshToken });
    const second = await client.joinCampaign(1);
    seats.push(second);
    clock.advance(DAY_MS);
    balancer.cut();
    const profile = () => persist(() => client.api.get('/auth/me'), Date.now() + 2000);
    const [reply] = await Promise.all([seat.draw(), second.draw(), profile()]);
    assert.equal(reply.draws.length, 1);
    assert.equal(renewals, 1);
    assert.ok(events.every((event) => event.status !== 'connecting' || event.failure?.status !== 401));
  });

  it('A-4 without a hook an expired token is exchanged once for all, by the refresh token', async () => {
    const taken = await take();
    const { client, seat, events } = taken;
    const before = client.loggedIn!;
    const second = await client.joinCampaign(1);
    seats.push(second);
    clock.advance(DAY_MS);
    balancer.cut();
    const profile = () => persist(() => client.api.get('/auth/me'), Date.now() + 2000);
    const [reply] = await Promise.all([seat.draw(), second.draw(), profile()]);
    assert.equal(reply.draws.length, 1);
    assert.ok(events.every((event) => event.status !== 'connecting' || event.failure?.status !== 401));
    const rotated = await server.context.database.read(
      `SELECT r.session_id FROM rotated_refresh_tokens r
         JOIN customer_sessions s ON s.session_id = r.session_id WHERE s.user_id = ?`,
      [before.user.user_id],
    );
    assert.equal(rotated.length, 1);
    // The next exchange takes the token of the last one: the first again would have ended the login.
    clock.advance(DAY_MS);
    assert.deepEqual(await client.api.get('/auth/me'), { ...before.user, permissions: [] });
    assert.notEqual(client.loggedIn!.refresh_token, before.refresh_token);
    assert.equal(client.accessToken, client.loggedIn!.access_token);
  });

  it('A-4 when the refresh token has run out too, the seat ends, and what waits for it', async () => {
    const { client, seat, events } = await take();
    clock.advance(8 * DAY_MS);
    balancer.cut();
    const refusal = await refusalOf(seat.draw());
    assert.deepEqual([refusal.code, refusal.status], ['TOKEN_EXPIRED', 401]);
    const last = events.at(-1)!;
    assert.equal(last.status === 'lost' && last.final?.code, 'TOKEN_EXPIRED');
    assert.equal((await refusalOf(client.api.get('/auth/me'))).code, 'TOKEN_EXPIRED');
  });

  it('A-4 a seat hands over a fresh token before the old one expires, and stays', async () => {
    const { client, seat, events } = await take();
    const before = client.accessToken;
    // The seat looks at its own clock: to the server its token is about to expire when it hands it over.
    balancer.cut();
    clock.advance(7200_000 - 2000);
    await eventually(() => assert.notEqual(client.accessToken, before));
    const rejoined = events.length;
    clock.advance(7000_000);
    await sleep(2500);
    assert.equal((await seat.draw()).draws.length, 1);
    assert.equal(events.length, rejoined, 'it had to join again');
  });

  it('A-4 who has an access token alone is told when it has expired', async () => {
    const { client } = await take();
    const bare = new KaijiangClient({ url: balancer.origin, accessToken: client.accessToken! });
    clock.advance(DAY_MS);
    assert.equal((await refusalOf(bare.api.get('/auth/me'))).code, 'TOKEN_EXPIRED');
    assert.equal((await refusalOf(bare.joinCampaign(1))).code, 'TOKEN_EXPIRED');
  });

  it('A-5 a revoked login is final: nothing is renewed, and the seat does not come back', async () => {
    let renewals = 0;
    const refreshToken = async () => {
      renewals++;
      return 'none';
    };
    for (const options of [{}, { refreshToken }]) {
      const { client, seat, events } = await take(options);
      await client.api.post('/auth/logout');
      await eventually(() => assert.equal(events.at(-1)!.status, 'lost'));
      await eventually(() =>
        assert.equal((events.at(-1) as { final?: KaijiangError }).final?.code, 'TOKEN_REVOKED'),
      );
      assert.ok(events.some((event) => event.status === 'lost' && event.closeCode === 4401));
      assert.equal((await refusalOf(seat.draw())).code, 'TOKEN_REVOKED');
      assert.equal((await refusalOf(client.joinCampaign(1))).code, 'TOKEN_REVOKED');
      assert.equal((await refusalOf(client.api.get('/auth/me'))).code, 'TOKEN_REVOKED');
    }
    assert.equal(renewals, 0);
  });
});
