import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'mocha';
import { onSqlite } from '../../support/databases.ts';
import { eventually } from '../../support/seat.ts';
import { startServer, type RunningServer } from '../../support/server.ts';
import { KIND, pathTo, RawSocket, reserve, type Reservation } from './rawSeat.ts';

const SOCKETS = 5;

onSqlite('who is upgraded to a WebSocket', (_open, openUrl) => {
  let server: RunningServer;
  let token: string;
  const opened: RawSocket[] = [];
  before(async () => {
    const environment = { CONNECTIONS_PER_ADDRESS: String(SOCKETS), TRUSTED_PROXIES: '127.0.0.1' };
    server = await startServer(await openUrl(), { environment });
    ({ token } = await server.login('13900000005'));
  });
  afterEach(() => opened.splice(0).forEach((socket) => socket.destroy()));
  after(() => server?.close());

  const open = async (path: string, headers?: string) => {
    const socket = await RawSocket.open(server, path, headers);
    opened.push(socket);
    return socket;
  };

  it('ROOM-6 only who has a seat reserved, in that room, and once; everybody else is refused before the handshake', async () => {
    const seat = await reserve(server, token);
    const wrong: Partial<Reservation>[] = [
      { sessionId: 'guess' },
      { sessionId: '__proto__' },
      { sessionId: 'constructor' },
      { roomId: 'campaign-999' },
      { roomId: '__proto__' },
      { roomId: 'constructor' },
    ];
    const taken = await open(pathTo(seat));
    assert.equal(taken.status, 101);
    await taken.acknowledge();
    const paths = [
      '/',
      '/p/campaign-1',
      '/campaign-1?sessionId=x',
      pathTo(seat),
      ...wrong.map((part) => pathTo({ ...seat, ...part })),
      `${pathTo({ ...seat, sessionId: 'guess' })}&reconnectionToken=guess`,
      `${pathTo(seat)}&reconnectionToken=guess`,
      '/?skipHandshake',
    ];
    for (const path of paths) {
      const refused = await open(path);
      assert.equal(refused.status, 403, path);
      await eventually(() => assert.ok(refused.isEnded, `${path} stays open`));
      assert.equal(refused.frames.length, 0);
    }
    assert.equal(taken.isEnded, false);
  });

  it('ROOM-6 a network has so many connections; the next is refused, and admitted when one has gone', async () => {
    const from = (ip: string) => `X-Forwarded-For: ${ip}\r\n`;
    const sockets: RawSocket[] = [];
    // One diner has a few seats and no more.
    const tokenOf = async (diner: number) => (await server.login(`139000000${10 + diner}`)).token;
    for (let at = 0; at < SOCKETS; at++)
      sockets.push(await open(pathTo(await reserve(server, await tokenOf(at))), from('192.0.2.7')));
    assert.ok(sockets.every(({ status }) => status === 101));
    const next = await reserve(server, token);
    const refused = await open(pathTo(next), from('198.51.100.1, 192.0.2.7'));
    assert.equal(refused.status, 429);
    const other = await open(pathTo(await reserve(server, token)), from('192.0.2.8'));
    assert.equal(other.status, 101);
    sockets[0]!.destroy();
    await eventually(async () => {
      const again = await open(pathTo(next), from('192.0.2.7'));
      assert.equal(again.status, 101);
      await eventually(() => assert.ok(again.messages(KIND.join).length > 0));
    });
  });
});
