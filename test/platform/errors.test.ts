import assert from 'node:assert/strict';
import {
  AppError,
  asAppError,
  ERRORS,
  languageOf,
  messageOf,
  type ErrorCode,
} from '../../src/platform/errors.ts';

/** The wire contract's table, written out; clients rely on every pair. */
const TABLE: Record<ErrorCode, number> = {
  VALIDATION_FAILED: 400,
  IDEMPOTENCY_KEY_REQUIRED: 400,
  UNAUTHENTICATED: 401,
  TOKEN_EXPIRED: 401,
  TOKEN_REVOKED: 401,
  CODE_INVALID: 401,
  CODE_EXPIRED: 401,
  FORBIDDEN: 403,
  IP_NOT_ALLOWED: 403,
  DEVICE_LIMIT_REACHED: 403,
  ACCOUNT_DISABLED: 403,
  NOT_ELIGIBLE: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  IDEMPOTENCY_KEY_REUSED: 409,
  POINTS_INSUFFICIENT: 409,
  CAMPAIGN_NOT_ACTIVE: 409,
  DRAW_LIMIT_REACHED: 409,
  PRIZE_ALREADY_CLAIMED: 409,
  PRIZE_EXPIRED: 409,
  PAYLOAD_TOO_LARGE: 413,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  BUSY: 503,
  MOVED: 503,
};

describe('errors', () => {
  it('S-1 the table has the codes and statuses of the wire contract', () => {
    const statuses = Object.entries(ERRORS).map(([code, [status]]) => [code, status]);
    assert.deepEqual(Object.fromEntries(statuses), TABLE);
  });

  it('S-1 every code has a text in both languages', () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      assert.match(messageOf(code, 'zh-CN'), /\p{Script=Han}/u);
      assert.match(messageOf(code, 'en'), /^[A-Z][ -~]+$/);
    }
  });

  it('shows code, message, details and retry_after, and nothing of the cause', () => {
    const cause = new Error('password of the database');
    const error = new AppError('RATE_LIMITED', { details: { limit: 20 }, retryAfterSeconds: 3, cause });
    assert.equal(error.status, 429);
    assert.equal(error.cause, cause);
    const shown = {
      code: 'RATE_LIMITED',
      message: 'Too many requests, please slow down',
      details: { limit: 20 },
      retry_after: 3,
    };
    assert.deepEqual(error.toPublic('en'), shown);
    assert.deepEqual(new AppError('NOT_FOUND', { cause }).toPublic('zh-CN'), {
      code: 'NOT_FOUND',
      message: '没有找到',
    });
  });

  it('a 503 says when to try again', () => {
    assert.equal(new AppError('BUSY').toPublic('en').retry_after, 1);
    assert.equal(new AppError('MOVED').toPublic('en').retry_after, 1);
    assert.equal(new AppError('BUSY', { retryAfterSeconds: 5 }).toPublic('en').retry_after, 5);
  });

  it('anything else that is thrown becomes INTERNAL, with itself as the cause', () => {
    const refusal = new AppError('CONFLICT');
    assert.equal(asAppError(refusal), refusal);
    for (const thrown of [new TypeError('x'), 'text', undefined, null]) {
      const error = asAppError(thrown);
      assert.deepEqual([error.code, error.status, error.cause], ['INTERNAL', 500, thrown]);
    }
  });
});

describe('S-1 the language of an answer', () => {
  const HEADERS: [acceptLanguage: string | undefined | null, language: string][] = [
    [undefined, 'zh-CN'],
    [null, 'zh-CN'],
    ['', 'zh-CN'],
    ['*', 'zh-CN'],
    ['fr', 'zh-CN'],
    ['en', 'en'],
    ['EN-gb', 'en'],
    ['en-US,en;q=0.9,zh-CN;q=0.8', 'en'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
    ['zh-TW', 'zh-CN'],
    ['fr-FR, en;q=0.7, zh;q=0.3', 'en'],
    [' ,;q=1,,en', 'en'],
  ];
  for (const [header, language] of HEADERS) {
    it(`${JSON.stringify(header) ?? 'absent'} → ${language}`, () =>
      assert.equal(languageOf(header), language));
  }
});
