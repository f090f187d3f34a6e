import assert from 'node:assert/strict';
import { after, before, beforeEach, it } from 'mocha';
import { unlockLogin } from '../../src/auth/loginLocks.ts';
import { createAuthRateLimits } from '../../src/auth/rateLimits.ts';
import type { Database } from '../../src/database/transaction.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { startServer, type RunningServer } from '../support/server.ts';
import { openLoginDesk, otherThan, RATE_LIMITS, recordStatements, type LoginDesk } from './loginDesk.ts';

const MINUTE_MS = 60_000;
const HOUR_SECONDS = 3600;
const LOCKED_FOR_15_MINUTES = { code: 'RATE_LIMITED', retryAfterSeconds: 900 };

forEachDatabase('locks after wrong codes', (open) => {
  const clock = new TestClock();
  let database: Database;
  let desk: LoginDesk;
  let mobile: string;
  let numbers = 0;
  before(async () => {
    database = await open();
    desk = openLoginDesk(database, clock, { devCode: undefined });
  });
  beforeEach(() => {
    mobile = String(13_300_000_000 + numbers++);
  });
  const wrongTimes = async (times: number, code = '000000') => {
    for (let tries = 0; tries < times; tries++) await desk.answer({ mobile, code });
  };
  const lockOf = async (of = mobile) => {
    const [row] = await database.read<{ n: number; until: unknown }>(
      'SELECT consecutive_fail_count AS n, locked_until AS until FROM login_locks WHERE mobile = ?',
      [of],
    );
    return row && { failures: row.n, isSet: row.until !== null };
  };

  it('A-6 10 wrong codes in a row lock a number for 15 minutes, also from the right code and from new ones', async () => {
    const code = await desk.codeFor(mobile);
    const codes: string[] = [];
    for (let tries = 1; tries <= 10; tries++) {
      codes.push((await desk.answer({ mobile, code: otherThan(code) })).code);
    }
    assert.deepEqual(codes, [...Array(5).fill('CODE_INVALID'), ...Array(5).fill('CODE_EXPIRED')]);
    assert.deepEqual(await desk.answer({ mobile, code }), LOCKED_FOR_15_MINUTES);
    clock.advance(2 * MINUTE_MS);
    await assert.rejects(desk.codeFor(mobile), { code: 'RATE_LIMITED', retryAfterSeconds: 780 });
    clock.advance(13 * MINUTE_MS - 1);
    assert.deepEqual(await desk.answer({ mobile, code }), { code: 'RATE_LIMITED', retryAfterSeconds: 1 });
    clock.advance(1);
    assert.deepEqual(await lockOf(), { failures: 10, isSet: true });
    assert.equal((await desk.login({ mobile, code: await desk.codeFor(mobile) })).isNew, true);
    assert.deepEqual(await lockOf(), { failures: 0, isSet: false });
  });

  it('A-6 the right code that has not run out is refused while the number is locked, and stays good', async () => {
    await wrongTimes(9);
    const code = await desk.codeFor(mobile);
    const brief = openLoginDesk(database, clock, { devCode: undefined, lockSeconds: 60 });
    await brief.answer({ mobile, code: otherThan(code) });
    assert.deepEqual(await brief.answer({ mobile, code }), { code: 'RATE_LIMITED', retryAfterSeconds: 60 });
    clock.advance(MINUTE_MS);
    assert.deepEqual(await brief.answer({ mobile, code }), { code: 'OK' });
  });

  it('A-6 the universal code does not open a locked number either', async () => {
    await wrongTimes(10);
    assert.deepEqual(await openLoginDesk(database, clock).answer({ mobile }), LOCKED_FOR_15_MINUTES);
  });

  it('A-6 each further lock is twice as long, up to a day; tries while it is locked count for nothing', async () => {
    const seconds: number[] = [];
    for (let locks = 1; locks <= 9; locks++) {
      await wrongTimes(13);
      const { retryAfterSeconds = 0 } = await desk.answer({ mobile, code: '000000' });
      seconds.push(retryAfterSeconds);
      clock.advance(retryAfterSeconds * 1000);
    }
    const hours = [0.25, 0.5, 1, 2, 4, 8, 16, 24, 24];
    assert.deepEqual(
      seconds,
      hours.map((each) => each * HOUR_SECONDS),
    );
    assert.equal((await lockOf())?.failures, 90);
  });

  it('A-6 a good login sets the count to 0; the right code too late leaves it as it is', async () => {
    await wrongTimes(9);
    const code = await desk.codeFor(mobile);
    await desk.login({ mobile, code });
    assert.deepEqual(await lockOf(), { failures: 0, isSet: false });
    await wrongTimes(9);
    assert.deepEqual(await desk.answer({ mobile, code }), { code: 'CODE_EXPIRED' });
    assert.deepEqual(await lockOf(), { failures: 9, isSet: false });
  });

  it('A-6 of 30 wrong codes at the same time 10 are looked at', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => desk.answer({ mobile, code: '000000' })),
    );
    assert.equal(answers.filter(({ code }) => code === 'CODE_EXPIRED').length, 10);
    assert.equal(answers.filter(({ code }) => code === 'RATE_LIMITED').length, 20);
    assert.deepEqual(await lockOf(), { failures: 10, isSet: true });
  });

  it('A-6 an administrator unlocks a number and learns what it was', async () => {
    const unlock = () => database.transaction((tx) => unlockLogin(tx, mobile));
    assert.equal(await unlock(), undefined);
    await wrongTimes(10);
    const lockedUntil = new Date(clock.nowMs() + 15 * MINUTE_MS).toISOString();
    assert.deepEqual(await unlock(), { consecutive_fail_count: 10, locked_until: lockedUntil });
    assert.deepEqual(await desk.answer({ mobile, code: await desk.codeFor(mobile) }), { code: 'OK' });
    assert.deepEqual(await unlock(), { consecutive_fail_count: 0, locked_until: null });
  });

  it('A-6 neither answers nor statements tell whether a number is registered', async () => {
    const recorded = recordStatements(database);
    const watched = openLoginDesk(recorded.database, clock, { devCode: undefined });
    const story = async (number: string) => {
      recorded.statements.length = 0;
      const answers = [await watched.answer({ mobile: number, code: '000000' })];
      const code = otherThan(await watched.codeFor(number));
      for (let tries = 1; tries <= 10; tries++) answers.push(await watched.answer({ mobile: number, code }));
      const sent = await watched.codeFor(number).catch((error: unknown) => String(error));
      return { answers, sent, statements: [...recorded.statements] };
    };
    await openLoginDesk(database, clock).login({ mobile });
    const known = await story(mobile);
    const unknown = await story(String(13_300_000_000 + numbers++));
    assert.deepEqual(known, unknown);
    assert.deepEqual(known.answers.at(-1), LOCKED_FOR_15_MINUTES);
    assert.ok(known.statements.length > 11 * 3, 'the statements were recorded');
  });

  it('A-6 10,000 guesses from 10,000 addresses at one number do not get in, not even with the right code', async () => {
    await openLoginDesk(database, clock).login({ mobile });
    // As the route asks them, but with a number's limit so high that the lock alone has to hold off the first 1,000.
    const limits = createAuthRateLimits({ ...RATE_LIMITS, loginsPerNumberPerHour: 1000 }, undefined);
    const code = await desk.codeFor(mobile);
    const guess = async (index: number) => {
      const ip = `10.${index >> 8}.${index & 255}.1`;
      const isLimited = await limits.countLogin({ ip, mobile, deviceId: null }).then(
        () => false,
        () => true,
      );
      if (isLimited) return 'limited';
      return (await desk.answer({ mobile, code: index < 16 ? otherThan(code) : code, ip })).code;
    };
    const counts: Record<string, number> = {};
    for (let guesses = 0; guesses < 10_000; guesses += 8) {
      const together = Array.from({ length: 8 }, (_, index) => guess(guesses + index));
      for (const answer of await Promise.all(together)) counts[answer] = (counts[answer] ?? 0) + 1;
    }
    assert.deepEqual(counts, { CODE_INVALID: 5, CODE_EXPIRED: 5, RATE_LIMITED: 990, limited: 9000 });
  });
});

forEachDatabase('guessing over HTTP', (_open, openUrl) => {
  const clock = new TestClock(Date.now());
  const mobile = '13900000001';
  const sent: string[] = [];
  let server: RunningServer;
  before(async () => {
    server = await startServer(await openUrl(), {
      clock,
      sender: { send: async (_mobile, code) => void sent.push(code) },
      environment: {
        AUTH_DEV_CODE: '',
        TRUSTED_PROXIES: '127.0.0.1',
        AUTH_LOGINS_PER_NUMBER_PER_HOUR: '100',
      },
    });
  });
  after(() => server?.close());
  const post = (path: string, body: object, address: string) =>
    server.api('POST', path, { body, headers: { 'X-Forwarded-For': address } });

  it('A-6 300 guesses from 300 addresses at one number do not get in, not even with the right code', async () => {
    assert.equal((await post('/auth/code', { mobile }, '198.51.100.1')).code, 'OK');
    const code = sent.at(-1)!;
    const answers: string[] = [];
    for (let guess = 0; guess < 300; guess++) {
      const body = { mobile, code: guess < 10 ? otherThan(code) : code };
      const answer = await post('/auth/login', body, `10.0.${guess >> 8}.${guess & 255}`);
      answers.push(answer.code);
      if (guess === 10) assert.equal(answer.headers.get('Retry-After'), '900');
    }
    assert.deepEqual(answers.slice(0, 10), [
      ...Array(5).fill('CODE_INVALID'),
      ...Array(5).fill('CODE_EXPIRED'),
    ]);
    assert.deepEqual(new Set(answers.slice(10)), new Set(['RATE_LIMITED']));
    const refused = await post('/auth/code', { mobile }, '198.51.100.2');
    assert.deepEqual([refused.status, refused.headers.get('Retry-After')], [429, '900']);
    const rows = await server.context.database.read<{ tries: number | string }>(
      'SELECT COUNT(*) AS tries FROM login_logs',
    );
    assert.equal(
      Number(rows[0]!.tries),
      100,
      'those beyond the limit of the number do not reach the database',
    );
  });

  it('A-2 an address that tries one number after the other is limited, and another one is not', async () => {
    const codes: string[] = [];
    for (let number = 0; number < 31; number++) {
      codes.push((await post('/auth/code', { mobile: String(13_100_000_000 + number) }, '203.0.113.1')).code);
    }
    assert.deepEqual(codes, [...Array(30).fill('OK'), 'RATE_LIMITED']);
    assert.equal((await post('/auth/code', { mobile: '13200000000' }, '203.0.113.2')).code, 'OK');
  });
});
