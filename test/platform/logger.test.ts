import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { QueryFailedError } from 'typeorm';
import { AccessTokens, createRefreshToken } from '../../src/identity/session/tokens.ts';
import { createLogger, type Logger } from '../../src/platform/logger.ts';
import { TestClock } from '../support/clock.ts';

/** The lines that `write` logs; each of them is JSON. */
function logged(write: (logger: Logger) => void): string {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => lines.push(line) });
  write(logger);
  for (const line of lines) JSON.parse(line);
  return lines.join('');
}

describe('logging', () => {
  const secret = randomBytes(32).toString('hex');
  const tokens = new AccessTokens({ secret, lifetimeSeconds: 60, clock: new TestClock() });
  const accessToken = tokens.sign({ userId: 1, sessionId: 1, role: 'user', nickname: '食客' });
  const refreshToken = createRefreshToken().token;
  const mobile = '13912345678';
  const code = '480613';
  const assertNone = (text: string, ...secrets: string[]) => {
    for (const one of [mobile, accessToken, refreshToken, code, ...secrets])
      assert.ok(!text.includes(one), `${one} in ${text}`);
  };

  it('A-11 secrets are removed by name at any depth', () => {
    const secrets = {
      mobile: 'mob-1',
      phone_number: 'mob-2',
      'Refresh-Token': 'tok-1',
      access_token: 'tok-2',
      server_seed: 'seed-1',
      jwtSecret: 'key-1',
      accessKeySecret: 'key-2',
      verification_code: 'code-1',
      code,
    };
    const deep = { a: { b: [{ c: { d: secrets } }] }, auth: { whatever: 'tok-3' }, cookies: ['tok-4'] };
    const text = logged((logger) => {
      logger.info({ ...secrets, deep }, 'hello');
      logger.child(secrets).info('from a child');
    });
    assert.match(text, /hello/);
    assertNone(text, ...Object.values(secrets), 'tok-3', 'tok-4');
  });

  it('A-11 secrets are removed from texts and names of fields that nobody has thought of', () => {
    const text = logged((logger) => {
      logger.info({ who: mobile, number: Number(mobile), [mobile]: 1, [refreshToken]: 2 }, `of ${mobile}`);
      logger.info({ header: `Bearer ${accessToken}`, list: [[refreshToken]] }, accessToken);
      logger.info({ body: JSON.stringify({ mobile, code, refresh_token: refreshToken }) }, `code is ${code}`);
      logger.info('%s and %o', mobile, { accessToken });
      logger.child({ from: Number(mobile) }).info('from a child');
    });
    assertNone(text);
  });

  it('A-11 of a URL the credentials and the values of its query are removed', () => {
    const urls = [
      `/node1/abc/def?sessionId=s-1&_authToken=${accessToken}`,
      `https://dysmsapi.aliyuncs.com/?PhoneNumbers=${mobile}&TemplateParam=%7B%22code%22%3A%22${code}%22%7D`,
      'mysql://root:pass-1@db:3306/kaijiang and redis://:pass-2@cache:6379',
    ];
    const text = logged((logger) => urls.forEach((url) => logger.info({ url }, url)));
    assertNone(text, 's-1', 'pass-1', 'pass-2');
    assert.match(text, /db:3306\/kaijiang/);
    assert.match(text, /"url":"\/node1\/abc\/def\?sessionId=/);
  });

  it('A-11 an error and its causes are logged without secrets in their messages', () => {
    const cause = new Error(`POST https://example.org/?token=${refreshToken} failed for ${mobile}`);
    const error = Object.assign(new Error(`jwt malformed: ${accessToken}`, { cause }), { code: 'E_BAD' });
    const text = logged((logger) => logger.error({ err: error, error: String(error) }, 'failed'));
    assertNone(text);
    assert.match(text, /E_BAD/);
    assert.match(text, /logger\.test\.ts/);
  });

  it('A-11 a failed statement is logged without its values', () => {
    const driverError = Object.assign(new Error(`Duplicate entry ${mobile}`), { code: 'ER_DUP_ENTRY' });
    const error = new QueryFailedError(
      'INSERT INTO users (mobile) VALUES (?)',
      [mobile, 'val-1'],
      driverError,
    );
    const text = logged((logger) => logger.error({ err: error }, 'failed'));
    assert.match(text, /Duplicate entry/);
    assertNone(text, 'val-1');
  });

  it('what is no secret stays', () => {
    const fields = {
      requestId: '6f1c1d5e-7b2a-4680-9f3c-139123456789',
      sha256: 'c0ffee'.repeat(10) + 'abcd',
      atMs: 1_795_374_000_123,
      code: 'ER_DUP_ENTRY',
      status: 401,
      campaignId: 1,
      part: undefined,
      nothing: null,
    };
    const { requestId, ...shown } = JSON.parse(logged((logger) => logger.info(fields, 'the code is E42')));
    const { requestId: given, part: _, ...expected } = fields;
    assert.equal(requestId, given);
    assert.equal(shown.msg, 'the code is E42');
    for (const [name, value] of Object.entries(expected)) assert.equal(shown[name], value);
  });
});
