import assert from 'node:assert/strict';
import { Client } from '@colyseus/sdk';
import jwt from 'jsonwebtoken';
import { after, before, it } from 'mocha';
import { LIMITS } from '../../../src/platform/limits.ts';
import { eventually, refusalOf, type Seat } from '../../support/seat.ts';
import { TestClock } from '../../support/clock.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { createUser } from '../../support/factories.ts';
import type { Answer, Call } from '../../support/server.ts';
import { openVenue, type Venue } from '../../support/venue.ts';
import { BAD_DRAWS, ONLY_JSON, ONLY_MSGPACK } from './badDraws.ts';
import { digestOfBooks } from './digestOfBooks.ts';

forEachDatabase('bad input', (_open, openUrl) => {
  const clock = new TestClock();
  let venue: Venue;
  let diner: Seat;
  let admin: string;
  before(async () => {
    const environment = { DRAW_RATE_PER_SECOND: '100000' };
    venue = await openVenue(await openUrl(), { clock, environment });
    diner = await venue.sit('13900000001');
    admin = (await venue.login('13800000001')).token;
    await diner.draw({ request_id: 'known', draw_count: 2 });
  });
  after(() => venue?.close());

  const draw = (call: Call) => venue.api('POST', '/lottery/draw', { token: diner.token, ...call });
  /** Whatever `work` sends must be refused: afterwards the books are as before and the socket still answers. */
  const changesNothing = async (work: () => Promise<void>) => {
    const { database } = venue.context;
    // What draws have left open is counted now, not in the middle.
    await venue.api('GET', '/points/leaderboard?period=day', { token: diner.token });
    const digest = await digestOfBooks(database);
    await work();
    assert.equal(await digestOfBooks(database), digest, 'the books have changed');
    for (const seat of venue.seats) {
      assert.ok(seat.room.connection.isOpen);
      await seat.me();
    }
  };

  for (const { title, payload, code, path, rest } of BAD_DRAWS) {
    it(`S-2 ROOM-4 a draw with ${title} is refused with ${code} over REST and the socket`, () =>
      changesNothing(async () => {
        const inBody =
          typeof payload === 'object' && !Array.isArray(payload) && payload !== null
            ? { ...payload, campaign_id: 1 }
            : payload;
        const answer = await draw({ body: inBody ?? null });
        const status = { VALIDATION_FAILED: 400, IDEMPOTENCY_KEY_REQUIRED: 400, PAYLOAD_TOO_LARGE: 413 };
        const expected = rest ?? code;
        assert.deepEqual([answer.status, answer.code], [status[expected], expected]);
        const refusal = await diner.refusal('draw', payload);
        assert.equal(refusal.code, code);
        if (path === undefined) return;
        for (const details of [answer.details, refusal.details as Answer['details']]) {
          assert.ok(
            details.some((detail) => detail.path === path && detail.message),
            JSON.stringify(details),
          );
        }
      }));
  }

  for (const { title, rawBody, status, code, type = 'application/json' } of ONLY_JSON) {
    it(`S-2 ${title} is refused with ${code}`, () =>
      changesNothing(async () => {
        const answer = await draw({ rawBody, headers: { 'content-type': type } });
        assert.deepEqual([answer.status, answer.code], [status, code], JSON.stringify(answer.details));
      }));
  }

  for (const { title, payload } of ONLY_MSGPACK) {
    it(`ROOM-4 ${title} over the socket is refused with VALIDATION_FAILED`, () =>
      changesNothing(async () => {
        assert.equal((await diner.refusal('draw', payload())).code, 'VALIDATION_FAILED');
        await eventually(async () =>
          assert.equal((await diner.refusal('me', payload())).code, 'VALIDATION_FAILED'),
        );
      }));
  }

  it('DRAW-7 a message of too many bytes is answered, whatever characters they make', () =>
    changesNothing(async () => {
      const client_seed = '开'.repeat(LIMITS.roomMessageBytes / 2);
      assert.equal(
        (await diner.refusal('draw', { request_id: 'wide', client_seed })).code,
        'PAYLOAD_TOO_LARGE',
      );
      const body = { campaign_id: 1, request_id: 'wide', client_seed: '开'.repeat(LIMITS.httpBodyBytes / 2) };
      assert.deepEqual((await draw({ body })).status, 413);
    }));

  it('L-1 a campaign that is unknown, a draft, paused or ended refuses draws', async () => {
    const made: Record<string, number> = {};
    for (const status of ['draft', 'paused', 'ended'] as const) {
      made[status] = (await venue.addCampaign({ campaign: { status } })).campaignId;
    }
    const [paused, ended] = [
      await venue.sit('13900000002', made['paused']),
      await venue.sit('13900000003', made['ended']),
    ];
    await changesNothing(async () => {
      const answers: Record<string, string> = {};
      for (const [name, campaignId] of Object.entries({ unknown: 999, ...made })) {
        const { status, code } = await draw({ body: { campaign_id: campaignId, request_id: 'r' } });
        answers[name] = `${status} ${code}`;
      }
      assert.deepEqual(answers, {
        unknown: '404 NOT_FOUND',
        draft: '404 NOT_FOUND',
        paused: '409 CAMPAIGN_NOT_ACTIVE',
        ended: '409 CAMPAIGN_NOT_ACTIVE',
      });
      for (const seat of [paused, ended]) {
        assert.equal((await seat.refusal('draw', { request_id: 'r' })).code, 'CAMPAIGN_NOT_ACTIVE');
      }
      for (const campaignId of [0, -1, 1.5, '1', 2 ** 31, null]) {
        const { code, details } = await draw({ body: { campaign_id: campaignId, request_id: 'r' } });
        assert.deepEqual([code, details[0]?.path], ['VALIDATION_FAILED', 'campaign_id']);
      }
    });
  });

  it('PTS-3 with 99.99 of 100.00 points there is no draw', async () => {
    const { database } = venue.context;
    const userId = await createUser(database, { points: 99_99 });
    const [row] = await database.read<{ mobile: string }>('SELECT mobile FROM users WHERE user_id = ?', [
      userId,
    ]);
    const poor = await venue.sit(row!.mobile);
    await changesNothing(async () => {
      const details = { available: 99.99, required: 100 };
      const refusal = await poor.refusal('draw', { request_id: 'r' });
      assert.deepEqual([refusal.code, refusal.details], ['POINTS_INSUFFICIENT', details]);
      const answer = await draw({ token: poor.token, body: { campaign_id: 1, request_id: 'r' } });
      assert.deepEqual([answer.status, answer.code, answer.details], [409, 'POINTS_INSUFFICIENT', details]);
    });
    assert.equal((await poor.me()).balance, 99.99);
  });

  it('DRAW-4 PTS-4 a request_id for another request is refused, for the same one it is answered again', () =>
    changesNothing(async () => {
      const others = [
        { request_id: 'known', draw_count: 3 },
        { request_id: 'known', draw_count: 2, client_seed: 'another' },
      ];
      for (const other of others) {
        assert.equal((await diner.refusal('draw', other)).code, 'IDEMPOTENCY_KEY_REUSED');
        const { status, code } = await draw({ body: { campaign_id: 1, ...other } });
        assert.deepEqual([status, code], [409, 'IDEMPOTENCY_KEY_REUSED']);
      }
      const same = { request_id: 'known', draw_count: 2 };
      const reply = await diner.draw(same);
      assert.equal(reply.replayed, true);
      const answer = await draw({ body: { campaign_id: 1, ...same } });
      assert.deepEqual([answer.data, answer.headers.get('Idempotency-Replayed')], [reply, 'true']);
      const body = { campaign_id: 1, draw_count: 2 };
      const byKey = await draw({ body, headers: { 'Idempotency-Key': 'known' } });
      assert.deepEqual([byKey.data, byKey.headers.get('Idempotency-Replayed')], [reply, 'true']);
    }));

  it('DRAW-4 the request_id of another diner is simply their own', async () => {
    const other = await venue.sit('13900000004');
    const reply = await other.draw({ request_id: 'known', draw_count: 1 });
    assert.deepEqual(
      [reply.replayed, reply.draws.length, reply.draws[0]?.client_seed],
      [false, 1, String(other.userId)],
    );
  });

  it('PTS-4 an Idempotency-Key that is malformed, missing or of another call moves nothing', async () => {
    const consume = (amount: number, key?: string) =>
      venue.api('POST', '/points/consume', {
        token: diner.token,
        body: { amount, reason: 'tea' },
        ...(key === undefined ? {} : { headers: { 'Idempotency-Key': key } }),
      });
    const spent = await consume(1.25, 'tea-1');
    assert.equal(spent.headers.get('Idempotency-Replayed'), null);
    await changesNothing(async () => {
      assert.deepEqual((await consume(1.25)).code, 'IDEMPOTENCY_KEY_REQUIRED');
      for (const key of ['', 'a b', 'k'.repeat(65), 'k;drop', 'k\u00e9']) {
        const { status, code, details } = await consume(1.25, key);
        assert.deepEqual(
          [status, code, details?.[0]?.path],
          [400, 'VALIDATION_FAILED', 'Idempotency-Key'],
          key,
        );
      }
      assert.equal((await consume(1.26, 'tea-1')).code, 'IDEMPOTENCY_KEY_REUSED');
      const replayed = await consume(1.25, 'tea-1');
      assert.deepEqual([replayed.data, replayed.headers.get('Idempotency-Replayed')], [spent.data, 'true']);
      for (const amount of [0, -1, 0.001, 1e9, NaN]) {
        assert.equal((await consume(amount, 'tea-2')).code, 'VALIDATION_FAILED');
      }
      assert.equal((await consume(9_999_999, 'tea-3')).code, 'POINTS_INSUFFICIENT');
      const body = { delta: 1e12 };
      const stock = await venue.api('POST', '/admin/prizes/1/stock', { token: admin, body });
      assert.equal(stock.code, 'VALIDATION_FAILED');
    });
  });

  it('A-4 a token that is missing, forged, of another key or expired opens neither edge', async () => {
    const { iat: _, exp: __, ...claims } = jwt.decode(diner.token) as jwt.JwtPayload;
    const options = { expiresIn: 3600, noTimestamp: true } as const;
    const now = { ...claims, iat: Math.floor(clock.nowMs() / 1000) };
    const [head, , signature] = diner.token.split('.');
    const asAdmin = Buffer.from(JSON.stringify({ ...now, role: 'super_admin' })).toString('base64url');
    const tokens: [token: string, code: string][] = [
      [jwt.sign(now, '', { ...options, algorithm: 'none' }), 'UNAUTHENTICATED'],
      [jwt.sign(now, 'another-secret-of-more-than-thirty-two-bytes', options), 'UNAUTHENTICATED'],
      [`${head}.${asAdmin}.${signature}`, 'UNAUTHENTICATED'],
      [diner.token.slice(0, -1), 'UNAUTHENTICATED'],
      [diner.token, 'TOKEN_EXPIRED'],
    ];
    clock.advance(7200_000);
    await changesNothing(async () => {
      for (const [token, expected] of tokens) {
        const { status, code } = await draw({ token, body: { campaign_id: 1, request_id: 't' } });
        assert.deepEqual([status, code], [401, expected]);
        // Also where no login is needed: a client that thinks it is logged in should learn otherwise.
        assert.equal((await venue.api('GET', '/lottery/campaigns/1/fairness', { token })).code, expected);
        const client = new Client(venue.origin);
        client.auth.token = token;
        const join = client.joinOrCreate('campaign', { campaign_id: 1 });
        await assert.rejects(join, (error: { code?: number; message: string }) => {
          assert.deepEqual([error.code, error.message.split(':')[0]], [401, expected]);
          return true;
        });
      }
      const anonymous = await venue.api('POST', '/lottery/draw', {
        body: { campaign_id: 1, request_id: 't' },
      });
      assert.deepEqual([anonymous.status, anonymous.code], [401, 'UNAUTHENTICATED']);
      for (const authorization of ['Bearer', 'Basic YTpi', 'Bearer a b']) {
        const answer = await venue.api('GET', '/points/account', { headers: { authorization } });
        assert.equal(answer.code, 'UNAUTHENTICATED');
      }
    });
  });

  it('ROOM-2 after all of it the room draws as before', async () => {
    assert.equal((await diner.draw({ request_id: 'last' })).draws.length, 1);
    await eventually(() => assert.equal(diner.state().draw_no, 4));
    await assert.rejects(refusalOf(Promise.resolve('an answer')), /was answered/);
  });
});
