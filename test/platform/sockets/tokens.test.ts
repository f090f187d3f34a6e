import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, it } from 'mocha';
import { LOGIN_REVOKED } from '../../../rooms/kernel/roomAuth.ts';
import { TestClock } from '../../support/clock.ts';
import { onSqlite } from '../../support/databases.ts';
import { eventually } from '../../support/seat.ts';
import { startServer, type RunningServer } from '../../support/server.ts';
import { RawSocket, type Response } from './rawSeat.ts';

const LIFE_SECONDS = 7200;
const DAY_MS = 86_400_000;
/** Longer than the rooms take to look. */
const SETTLE_MS = 2500;

interface Tokens {
  access_token: string;
  refresh_token: string;
}

onSqlite('access tokens of open sockets', (_open, openUrl) => {
  const clock = new TestClock();
  const opened: RawSocket[] = [];
  let server: RunningServer;
  before(async () => {
    // Whoever comes second is seated in an audience room.
    const environment = { CAMPAIGN_CLIENT_LIMIT: '1', AUTH_ACCESS_TOKEN_SECONDS: String(LIFE_SECONDS) };
    server = await startServer(await openUrl(), { clock, environment });
  });
  afterEach(() => opened.splice(0).forEach((socket) => socket.destroy()));
  after(() => server?.close());

  const logIn = async (mobile: string): Promise<Tokens> =>
    (await server.api<Tokens>('POST', '/auth/login', { body: { mobile, code: '123456' } })).data;
  const refresh = async ({ refresh_token }: Tokens): Promise<Tokens> =>
    (await server.api<Tokens>('POST', '/auth/refresh', { body: { refresh_token } })).data;
  /** One socket in the campaign's room and one in an audience room of it. */
  const sit = async ({ access_token: token }: Tokens) => {
    const sockets = [await RawSocket.join(server, token), await RawSocket.join(server, token)];
    opened.push(...sockets);
    return sockets;
  };
  const codeOf = ({ payload }: Response) => (payload as { code?: string }).code;
  const secondsAfter = (seconds: number) => clock.advance(seconds * 1000);

  it('A-4 a socket whose token has been expired for 60 s is closed with 4401, in every room, and not before', async () => {
    const sockets = await sit(await logIn('13900000006'));
    secondsAfter(LIFE_SECONDS + 59);
    await sleep(SETTLE_MS);
    for (const socket of sockets) assert.equal((await socket.ask(1, 'me')).status, 0);
    secondsAfter(1);
    for (const socket of sockets) assert.equal(await socket.ended(), LOGIN_REVOKED);
  });

  it('A-4 `token` hands over a fresh token of the same login, and the socket lasts as long as that', async () => {
    const login = await logIn('13900000007');
    const sockets = await sit(login);
    secondsAfter(LIFE_SECONDS - 100);
    const fresh = await refresh(login);
    for (const socket of sockets) {
      const first = await socket.ask(1, 'token', { access_token: login.access_token });
      assert.deepEqual([first.status, first.payload], [0, { expires_in: 100 }]);
      const second = await socket.ask(2, 'token', { access_token: fresh.access_token });
      assert.deepEqual([second.status, second.payload], [0, { expires_in: LIFE_SECONDS }]);
      // The old one again takes nothing away.
      const again = await socket.ask(3, 'token', { access_token: login.access_token });
      assert.deepEqual(again.payload, { expires_in: LIFE_SECONDS });
    }
    secondsAfter(LIFE_SECONDS + 59);
    await sleep(SETTLE_MS);
    for (const socket of sockets) assert.equal((await socket.ask(4, 'me')).status, 0);
    secondsAfter(1);
    for (const socket of sockets) assert.equal(await socket.ended(), LOGIN_REVOKED);
  });

  it('A-4 a token of another login, another person or none is refused, and the socket keeps its own', async () => {
    const login = await logIn('13900000008');
    const [socket] = await sit(login);
    const other = await logIn('13900000008');
    const stranger = await logIn('13900000009');
    const codes: (string | undefined)[] = [];
    for (const [at, payload] of [
      { access_token: other.access_token },
      { access_token: stranger.access_token },
      { access_token: `${login.access_token}x` },
      { access_token: 'x'.repeat(5000) },
    ].entries()) {
      const response = await socket!.ask(at + 1, 'token', payload);
      assert.equal(response.status, 1);
      codes.push(codeOf(response));
    }
    assert.deepEqual(codes, ['FORBIDDEN', 'FORBIDDEN', 'UNAUTHENTICATED', 'VALIDATION_FAILED']);
    assert.equal((await socket!.ask(9, 'me')).status, 0);
  });

  it('TIME-1 setting the clock ends no socket and prolongs none', async () => {
    const [socket] = await sit(await logIn('13900000010'));
    clock.step(DAY_MS);
    await sleep(SETTLE_MS);
    assert.equal((await socket!.ask(1, 'me')).status, 0);
    clock.step(-2 * DAY_MS);
    secondsAfter(LIFE_SECONDS + 60);
    assert.equal(await socket!.ended(), LOGIN_REVOKED);
    clock.step(DAY_MS);
  });

  it('A-5 whoever is sent away is not listened to any more', async () => {
    const [socket] = await sit(await logIn('13900000011'));
    const { userId } = await server.login('13900000011');
    const draws = () =>
      server.context.database.read('SELECT draw_id FROM lottery_draws WHERE user_id = ?', [userId]);
    socket!.stream.pause();
    secondsAfter(LIFE_SECONDS + 60);
    await sleep(SETTLE_MS);
    socket!.send(1, 'draw', { request_id: 'too-late' });
    await sleep(500);
    assert.equal((await draws()).length, 0);
    socket!.stream.resume();
    await eventually(() => assert.equal(socket!.closeCode, LOGIN_REVOKED));
  });
});
