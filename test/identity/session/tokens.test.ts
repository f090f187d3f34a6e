import assert from 'node:assert/strict';
import jwt from 'jsonwebtoken';
import { describe, it } from 'mocha';
import { identifyBy } from '../../../src/identity/session/identify.ts';
import { AccessTokens } from '../../../src/identity/session/tokens.ts';
import { AppError, type ErrorCode } from '../../../src/platform/errors.ts';
import { TestClock } from '../../support/clock.ts';

const SECRET = 'a secret of the tests, 32 bytes long';
const refusal = (code: ErrorCode) => (error: unknown) => error instanceof AppError && error.code === code;

describe('access tokens', () => {
  const clock = new TestClock();
  const tokens = new AccessTokens({ secret: SECRET, lifetimeSeconds: 60, clock });
  const identity = { userId: 7, sessionId: 9, role: 'staff', nickname: '老王' } as const;
  const unrevoked = { isRevoked: () => false, roleOf: () => identity.role };
  const nowSeconds = () => Math.floor(clock.nowMs() / 1000);
  const claims = () => ({
    sub: '7',
    sid: 9,
    role: 'staff',
    nickname: '老王',
    iss: 'kaijiang',
    aud: 'kaijiang-api',
    exp: nowSeconds() + 60,
  });

  it('A-4 a token says who it belongs to', async () => {
    assert.deepEqual(tokens.verify(tokens.sign(identity)), identity);
    assert.deepEqual(await identifyBy(tokens, unrevoked)(tokens.sign(identity)), identity);
  });

  it('A-4 a token expires by the clock', async () => {
    const token = tokens.sign(identity);
    clock.advance(59_000);
    assert.deepEqual(tokens.verify(token), identity);
    clock.advance(1_000);
    assert.throws(() => tokens.verify(token), refusal('TOKEN_EXPIRED'));
    await assert.rejects(identifyBy(tokens, unrevoked)(token), refusal('TOKEN_EXPIRED'));
  });

  it('A-4 the claims are accepted in this form alone', () => {
    assert.deepEqual(tokens.verify(jwt.sign(claims(), SECRET)), identity);
    const forms: object[] = [
      { ...claims(), sub: '0' },
      { ...claims(), sub: '7 ' },
      { ...claims(), sid: '9' },
      { ...claims(), role: 'owner' },
      { ...claims(), nickname: 5 },
      { ...claims(), exp: undefined },
      { ...claims(), iss: 'somebody' },
      { ...claims(), iss: undefined },
    ];
    for (const form of forms) {
      const token = jwt.sign(JSON.parse(JSON.stringify(form)) as object, SECRET);
      assert.throws(() => tokens.verify(token), refusal('UNAUTHENTICATED'), JSON.stringify(form));
    }
  });

  it('A-4 only our key with HS256 makes a token', () => {
    const forged = [
      jwt.sign(claims(), 'another secret, also 32 bytes long'),
      jwt.sign(claims(), SECRET, { algorithm: 'HS512' }),
      jwt.sign(claims(), null as unknown as string, { algorithm: 'none' }),
      tokens.sign(identity).slice(0, -2),
      '',
      'a.b.c',
      'not a token',
    ];
    for (const token of forged) assert.throws(() => tokens.verify(token), refusal('UNAUTHENTICATED'), token);
  });
});
