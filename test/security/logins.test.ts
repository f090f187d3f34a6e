import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, it } from 'mocha';
import { forEachDatabase } from '../support/databases.ts';
import { TestClock } from '../support/clock.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { MOBILES } from './people.ts';

const LOGIN_REVOKED = 4401;

interface Tokens {
  access_token: string;
  refresh_token: string;
}

forEachDatabase('replayed refresh tokens', (_open, openUrl) => {
  const clock = new TestClock();
  let venue: Venue;
  before(async () => {
    venue = await openVenue(await openUrl(), { clock });
  });
  after(() => venue?.close());

  const logIn = async (mobile: string = MOBILES.diner): Promise<Tokens> => {
    const { data } = await venue.api<Tokens>('POST', '/auth/login', { body: { mobile, code: '123456' } });
    return data;
  };
  const refresh = (token: unknown) =>
    venue.api<Tokens>('POST', '/auth/refresh', { body: { refresh_token: token } });
  const codeOf = async (token: string) => (await venue.api('GET', '/points/account', { token })).code;

  it('A-4 a refresh token that is used again ends its login: both of its users are out, nobody else is', async () => {
    const [stolen, bystander] = [await logIn(), await logIn()];
    const seat = await venue.sit(MOBILES.otherDiner);
    const first = (await refresh(stolen.refresh_token)).data;
    const second = (await refresh(first.refresh_token)).data;
    assert.equal(await codeOf(second.access_token), 'OK');
    clock.advance(10_000);
    assert.equal((await refresh(stolen.refresh_token)).status, 401);
    for (const token of [stolen, first, second]) {
      assert.equal(await codeOf(token.access_token), 'TOKEN_REVOKED');
      assert.equal((await refresh(token.refresh_token)).status, 401);
    }
    assert.equal(await codeOf(bystander.access_token), 'OK');
    assert.equal((await refresh(bystander.refresh_token)).code, 'OK');
    assert.ok(seat.room.connection.isOpen);
  });

  it('A-4 of many who use one token at once from different browsers none keeps the login', async () => {
    const { refresh_token: token } = await logIn();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        venue.api<Tokens>('POST', '/auth/refresh', {
          body: { refresh_token: token },
          headers: { 'user-agent': `browser ${at}` },
        }),
      ),
    );
    const served = answers.filter(({ code }) => code === 'OK');
    assert.ok(served.length <= 1, `${served.length} were served`);
    for (const { status, code } of answers) assert.ok(code === 'OK' || status === 401, code);
    for (const { data } of served) {
      assert.equal(await codeOf(data.access_token), 'TOKEN_REVOKED');
      assert.equal((await refresh(data.refresh_token)).status, 401);
    }
  });

  it('A-4 nothing but a refresh token of ours refreshes', async () => {
    const { access_token: access, refresh_token: good } = await logIn();
    const texts = [
      access,
      '',
      ' ',
      `${good} `,
      good.slice(0, -1),
      good.toLowerCase(),
      `${good}=`,
      '%',
      "' OR 1=1 -- ",
    ];
    for (const token of [...texts, 'x'.repeat(256)]) {
      const { status } = await refresh(token);
      assert.ok([400, 401].includes(status), `${token}: ${status}`);
    }
    for (const token of [null, 1, true, [good], { token: good }, 'x'.repeat(10_000)]) {
      assert.equal((await refresh(token)).code, 'VALIDATION_FAILED');
    }
    const hashes = await venue.context.database.read<{ refresh_token_hash: string }>(
      'SELECT refresh_token_hash FROM customer_sessions ORDER BY session_id DESC',
    );
    assert.equal((await refresh(hashes[0]!.refresh_token_hash)).status, 401, 'a stolen hash is no token');
    assert.ok(hashes.every(({ refresh_token_hash: hash }) => hash !== good));
    assert.equal((await refresh(good)).code, 'OK');
  });

  it('A-5 A-8 a login that was ended cannot be refreshed, and its sockets are closed', async () => {
    const ways: Record<string, (token: string, other: string) => Promise<string>> = {
      'POST /auth/logout': async (token) => (await venue.api('POST', '/auth/logout', { token })).code,
      'DELETE /auth/sessions/:id': async (token, other) => {
        const { data } = await venue.api<{ items: { session_id: number; is_current: boolean }[] }>(
          'GET',
          '/auth/sessions',
          { token },
        );
        const { session_id: id } = data.items.find((session) => session.is_current)!;
        return (await venue.api('DELETE', `/auth/sessions/${id}`, { token: other })).code;
      },
      'DELETE /auth/sessions': async (_token, other) =>
        (await venue.api('DELETE', '/auth/sessions', { token: other })).code,
    };
    for (const [way, end] of Object.entries(ways)) {
      const [ended, other] = [await logIn('13900000005'), await logIn('13900000005')];
      const room = await venue.joinCampaign(ended.access_token);
      const closed = new Promise<number>((resolve) => room.onLeave(resolve));
      assert.equal(await end(ended.access_token, other.access_token), 'OK', way);
      assert.equal(await Promise.race([closed, sleep(3000, 'still open')]), LOGIN_REVOKED, way);
      assert.equal(await codeOf(ended.access_token), 'TOKEN_REVOKED', way);
      assert.equal((await refresh(ended.refresh_token)).status, 401, way);
      await assert.rejects(venue.joinCampaign(ended.access_token), /TOKEN_REVOKED/, way);
      assert.equal(await codeOf(other.access_token), 'OK', way);
    }
  });

  it('A-4 refreshing does not make a login last longer than it may, nor an old token good again', async () => {
    const { access_token: old, refresh_token: token } = await logIn('13900000006');
    clock.advance(2 * 3_600_000 + 1000);
    assert.equal(await codeOf(old), 'TOKEN_EXPIRED');
    const { data } = await refresh(token);
    assert.equal(await codeOf(data.access_token), 'OK');
    assert.equal(await codeOf(old), 'TOKEN_EXPIRED');
    clock.advance(8 * 24 * 3_600_000);
    assert.equal((await refresh(data.refresh_token)).status, 401);
  });

  it('A-11 an account is not closed without a code of its own number, nor by a guess', async () => {
    const { access_token: token } = await logIn('13900000007');
    for (const code of ['000000', '999999']) {
      const { status } = await venue.api('DELETE', '/auth/me', { token, body: { code } });
      assert.ok([401, 429].includes(status));
    }
    assert.equal((await venue.api('DELETE', '/auth/me', { token, body: {} })).code, 'VALIDATION_FAILED');
    assert.equal(await codeOf(token), 'OK');
  });
});
