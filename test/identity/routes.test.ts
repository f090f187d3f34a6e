import assert from 'node:assert/strict';
import { after, before, beforeEach, it } from 'mocha';
import { createAuthRateLimits } from '../../src/identity/login/rateLimits.ts';
import { authRoutes } from '../../src/identity/routes.ts';
import { AccessTokens } from '../../src/identity/session/tokens.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { NO_CAP, RATE_LIMITS } from './loginDesk.ts';
import { dataOf, serveRoutes, type ServedRoutes } from './serveRoutes.ts';
import { unlistedWords } from '../support/words.ts';

const SECRET = 'a secret of the tests, 32 bytes long';
const CODES_PER_IP = 6;

forEachDatabase('auth routes', (open) => {
  const clock = new TestClock();
  const tokens = new AccessTokens({ secret: SECRET, lifetimeSeconds: 7200, clock });
  const sent: string[] = [];
  let served: ServedRoutes;
  let mobile: string;
  let numbers = 0;
  before(async () => {
    const config = {
      jwtSecret: SECRET,
      devCode: undefined,
      accessTokenSeconds: 7200,
      refreshTokenSeconds: 604_800,
      failuresBeforeLock: 10,
      lockSeconds: 900,
      accountsPerDevice: 5,
    };
    const database = await open();
    const routes = authRoutes({
      database,
      clock,
      config,
      tokens,
      sender: { send: async (_mobile, code) => void sent.push(code) },
      // Nothing here ends a login or asks for a permission.
      access: { can: () => false, changed: async () => undefined },
      cap: NO_CAP,
      words: unlistedWords({ database, logger: createLogger('silent') }, ['坏人']),
      authLimits: createAuthRateLimits({ ...RATE_LIMITS, codesPerIpPerHour: CODES_PER_IP }, undefined),
    });
    served = await serveRoutes(routes, tokens);
  });
  after(() => served?.close());
  beforeEach(() => {
    mobile = String(13_500_000_000 + numbers++);
  });
  const loggedIn = async () => {
    dataOf(await served.call('POST', '/auth/code', { body: { mobile: `+86${mobile}` } }));
    return dataOf(await served.call('POST', '/auth/login', { body: { mobile, code: sent.at(-1) } }));
  };

  it('A-1 a code and a login with it give what the contract says', async () => {
    const code = await served.call('POST', '/auth/code', { body: { mobile } });
    assert.deepEqual(dataOf(code), { sent: true, expires_in: 300 });
    const login = dataOf(await served.call('POST', '/auth/login', { body: { mobile, code: sent.at(-1) } }));
    const { access_token, refresh_token, user, ...rest } = login;
    assert.deepEqual(rest, { expires_in: 7200, token_type: 'Bearer', is_new: true });
    assert.equal(tokens.verify(access_token).userId, user.user_id);
    assert.equal(refresh_token.length, 43);
    const nickname = `食客${user.user_id}`;
    assert.deepEqual(user, {
      user_id: user.user_id,
      mobile,
      nickname,
      avatar_url: null,
      birthday: null,
      role: 'user',
      level: 1,
    });
  });

  it('A-2 a second code within a minute is refused with the time to wait', async () => {
    dataOf(await served.call('POST', '/auth/code', { body: { mobile } }));
    const again = await served.call('POST', '/auth/code', { body: { mobile } });
    assert.deepEqual(
      [again.status, again.code, again.headers.get('Retry-After')],
      [429, 'RATE_LIMITED', '60'],
    );
  });

  it('A-11 my profile is mine to read and change', async () => {
    const { access_token: token, user } = await loggedIn();
    // Nothing that not everybody may do.
    const own = { permissions: [] };
    assert.deepEqual(dataOf(await served.call('GET', '/auth/me', { token })), { ...user, ...own });
    const changed = dataOf(await served.call('PATCH', '/auth/me', { token, body: { nickname: ' 老王 ' } }));
    assert.deepEqual(changed, { ...user, nickname: '老王' });
    for (const body of [
      { nickname: ' ' },
      { role: 'admin' },
      {},
      { avatar_url: 'http://images.example/1.png' },
    ]) {
      const refused = await served.call('PATCH', '/auth/me', { token, body });
      assert.equal(refused.code, 'VALIDATION_FAILED', JSON.stringify(body));
    }
    assert.deepEqual(dataOf(await served.call('GET', '/auth/me', { token })), { ...changed, ...own });
    assert.equal((await served.call('GET', '/auth/me')).code, 'UNAUTHENTICATED');
  });

  it('A-4 an access token expires', async () => {
    const { access_token: token } = await loggedIn();
    clock.advance(7200_000);
    const { status, code } = await served.call('GET', '/auth/me', { token });
    assert.deepEqual([status, code], [401, 'TOKEN_EXPIRED']);
  });

  it('A-2 an address asks for so many codes per hour, whatever the numbers', async () => {
    const codes: string[] = [];
    for (let calls = 0; calls < CODES_PER_IP; calls++) {
      codes.push(
        (await served.call('POST', '/auth/code', { body: { mobile: String(13_400_000_000 + calls) } })).code,
      );
    }
    assert.equal(codes.at(-1), 'RATE_LIMITED');
  });
});
