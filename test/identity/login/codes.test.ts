import assert from 'node:assert/strict';
import { before, beforeEach, it } from 'mocha';
import type { Caller, Origin } from '../../../src/identity/login/origin.ts';
import { NO_CAP, openLoginDesk } from '../loginDesk.ts';
import { sendCode, useCode } from '../../../src/identity/login/codes.ts';
import type { CodeSender } from '../../../src/identity/login/codeSender.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { AppError } from '../../../src/platform/errors.ts';
import { LIMITS } from '../../../src/platform/limits.ts';
import { TestClock } from '../../support/clock.ts';
import { forEachDatabase } from '../../support/databases.ts';

const SECRET = 'a secret of the tests, 32 bytes long';
const MINUTE_MS = 60_000;

/** Keeps what was sent, by number, newest last. */
class KeptCodes implements CodeSender {
  private readonly sent = new Map<string, string[]>();

  async send(mobile: string, code: string): Promise<void> {
    this.sent.set(mobile, [...this.to(mobile), code]);
  }

  to(mobile: string): string[] {
    return this.sent.get(mobile) ?? [];
  }

  newest(mobile: string): string {
    return this.to(mobile).at(-1)!;
  }
}

const OWNER: Origin = { name: '192.0.2.1/32', isKnownDevice: false };

const otherThan = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');

forEachDatabase('verification codes', (open) => {
  const clock = new TestClock();
  const sender = new KeptCodes();
  let database: Database;
  let mobile: string;
  let numbers = 0;
  before(async () => {
    database = await open();
  });
  beforeEach(() => {
    mobile = String(13_700_000_000 + numbers++);
  });
  const ask = (caller: Partial<Caller> = {}) =>
    sendCode(
      { database, sender, secret: SECRET, cap: NO_CAP },
      { mobile, deviceId: null, ip: '192.0.2.1', ...caller },
      clock.nowMs(),
    );
  const send = () => ask();
  const check = (code: string, origin: Origin = OWNER) =>
    database.transaction((tx) => useCode(tx, SECRET, { mobile, code, origin }, clock.nowMs()));
  const use = async (code: string, origin?: Origin) => (await check(code, origin)).outcome;
  const limitedFor = (seconds: number) => (error: unknown) =>
    error instanceof AppError && error.code === 'RATE_LIMITED' && error.retryAfterSeconds === seconds;

  it('A-2 a code has 6 digits, is stored hashed and works once', async () => {
    await send();
    const code = sender.newest(mobile);
    assert.match(code, /^\d{6}$/);
    const [row] = await database.read<{ code_hash: string }>(
      'SELECT code_hash FROM verification_codes WHERE mobile = ?',
      [mobile],
    );
    assert.match(row!.code_hash, /^[0-9a-f]{64}$/);
    assert.equal(await use(code), 'accepted');
    assert.equal(await use(code), 'CODE_EXPIRED');
  });

  it('A-6 a number without a code is answered as any wrong code is', async () => {
    assert.equal(await use('000000'), 'CODE_INVALID');
  });

  it('A-6 only what could have hit is counted: a wrong code while one is open', async () => {
    const counted = async (code: string, origin?: Origin) => {
      const { outcome, isCounted } = await check(code, origin);
      return [outcome, isCounted];
    };
    assert.deepEqual(await counted('000000'), ['CODE_INVALID', false]);
    await send();
    const code = sender.newest(mobile);
    assert.deepEqual(await counted(otherThan(code)), ['CODE_INVALID', true]);
    assert.deepEqual(await counted(code), ['accepted', false]);
    assert.deepEqual(await counted(code), ['CODE_EXPIRED', false]);
    assert.deepEqual(await counted(otherThan(code)), ['CODE_INVALID', false]);
    clock.advance(MINUTE_MS);
    await send();
    clock.advance(LIMITS.codeLifetimeMs);
    assert.deepEqual(await counted(sender.newest(mobile)), ['CODE_EXPIRED', false]);
    assert.deepEqual(await counted(otherThan(sender.newest(mobile))), ['CODE_INVALID', false]);
  });

  it('A-6 strangers use up their own tries of a code, learn nothing by it, and leave its owner theirs', async () => {
    await send();
    const code = sender.newest(mobile);
    for (let tries = 0; tries < 20; tries++) {
      const stranger = { name: `198.51.100.${tries}/32`, isKnownDevice: false };
      assert.equal(await use(otherThan(code), stranger), 'CODE_INVALID');
    }
    const another = { name: '203.0.113.1/32', isKnownDevice: false };
    assert.equal(await use(code, another), 'CODE_INVALID', 'the right one as well');
    for (let tries = 0; tries < 4; tries++) assert.equal(await use(otherThan(code)), 'CODE_INVALID');
    assert.equal(await use(code), 'accepted');
    const [row] = await database.read<{ tries: number; own_tries: number }>(
      'SELECT tries, own_tries FROM verification_codes WHERE mobile = ?',
      [mobile],
    );
    assert.deepEqual([row!.tries, row!.own_tries], [LIMITS.codeTries, 4]);
  });

  it('A-6 strangers who ask for all the codes of a day leave those of a known device', async () => {
    const { user } = await openLoginDesk(database, clock).login({ mobile, deviceId: 'my phone' });
    for (let sends = 0; sends < 10; sends++) {
      await ask({ ip: `198.51.100.${sends}` });
      clock.advance(MINUTE_MS);
    }
    await assert.rejects(ask({ deviceId: 'another phone' }), { code: 'RATE_LIMITED' });
    for (let sends = 0; sends < 10; sends++) {
      await ask({ deviceId: 'my phone', ip: '203.0.113.9' });
      clock.advance(MINUTE_MS);
    }
    await assert.rejects(ask({ deviceId: 'my phone' }), { code: 'RATE_LIMITED' });
    assert.ok(user.userId > 0);
  });

  it('A-2 a code of one number is none of another', async () => {
    await send();
    const code = sender.newest(mobile);
    mobile = String(13_700_000_000 + numbers++);
    await send();
    if (sender.newest(mobile) === code) return;
    assert.equal(await use(code), 'CODE_INVALID');
  });

  it('A-2 a code lives for 5 minutes', async () => {
    await send();
    clock.advance(LIMITS.codeLifetimeMs - 1);
    assert.equal(await use(otherThan(sender.newest(mobile))), 'CODE_INVALID');
    clock.advance(1);
    assert.equal(await use(sender.newest(mobile)), 'CODE_EXPIRED');
  });

  it('A-2 after 4 wrong tries the right code works, after 5 it does not', async () => {
    await send();
    for (let tries = 1; tries <= 4; tries++)
      assert.equal(await use(otherThan(sender.newest(mobile))), 'CODE_INVALID');
    assert.equal(await use(sender.newest(mobile)), 'accepted');
    clock.advance(MINUTE_MS);
    await send();
    for (let tries = 1; tries <= 5; tries++)
      assert.equal(await use(otherThan(sender.newest(mobile))), 'CODE_INVALID');
    assert.equal(await use(sender.newest(mobile)), 'CODE_EXPIRED');
  });

  it('A-2 50 wrong tries at the same time count as 5', async () => {
    await send();
    const wrong = otherThan(sender.newest(mobile));
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => use(wrong)));
    assert.equal(outcomes.filter((outcome) => outcome === 'CODE_INVALID').length, 5);
    assert.equal(await use(sender.newest(mobile)), 'CODE_EXPIRED');
  });

  it('A-2 20 uses at the same time use a code once', async () => {
    await send();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => use(sender.newest(mobile))));
    assert.equal(outcomes.filter((outcome) => outcome === 'accepted').length, 1);
  });

  it('A-2 a newer code replaces the one before', async () => {
    await send();
    clock.advance(MINUTE_MS);
    await send();
    const [older, newer] = sender.to(mobile);
    if (older !== newer) assert.equal(await use(older!), 'CODE_INVALID');
    assert.equal(await use(newer!), 'accepted');
  });

  it('A-2 one send per number and minute, used or not', async () => {
    await send();
    assert.equal(await use(sender.newest(mobile)), 'accepted');
    clock.advance(MINUTE_MS - 1500);
    await assert.rejects(send(), limitedFor(2));
    clock.advance(1500);
    await send();
    assert.equal(sender.to(mobile).length, 2);
  });

  it('A-2 10 sends per number and day', async () => {
    for (let sends = 1; sends <= 10; sends++) {
      await send();
      clock.advance(2 * MINUTE_MS);
    }
    await assert.rejects(send(), limitedFor(24 * 3600 - 20 * 60));
    clock.advance(24 * 60 * MINUTE_MS - 20 * MINUTE_MS);
    await send();
    assert.equal(sender.to(mobile).length, 11);
    clock.advance(MINUTE_MS);
    await assert.rejects(send(), limitedFor(60));
  });

  it('A-2 of 20 sends at the same time one goes out', async () => {
    for (const round of [1, 2]) {
      const results = await Promise.allSettled(Array.from({ length: 20 }, send));
      for (const result of results) {
        if (result.status === 'rejected') assert.ok(limitedFor(60)(result.reason), String(result.reason));
      }
      assert.equal(sender.to(mobile).length, round);
      clock.advance(MINUTE_MS);
    }
  });
});
