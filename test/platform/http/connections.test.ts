import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, it } from 'mocha';
import { awaitFile, GuardedServer, PATIENCE } from '../../../src/platform/http/guardedServer.ts';
import { LIMITS } from '../../../src/platform/limits.ts';
import { onSqlite } from '../../support/databases.ts';
import { eventually } from '../../support/seat.ts';
import { startServer, type RunningServer } from '../../support/server.ts';
import { sendRaw } from '../../security/rawHttp.ts';

const OFFER =
  'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n';
const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const UPGRADE = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{';

describe('connections', () => {
  const sockets: Socket[] = [];
  let server: GuardedServer;
  const listen = async (settings: { connectionsPerAddress?: number; trustedProxies?: string[] } = {}) => {
    const patience = {
      ...PATIENCE,
      headersMs: 300,
      requestMs: 600,
      fileMs: 1500,
      betweenMs: 300,
      unreadMs: 600,
      checkMs: 50,
    };
    server = new GuardedServer({ connectionsPerAddress: 100, trustedProxies: [], ...settings }, patience);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  const open = async (sent = '') => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(socket.on('error', () => undefined));
    await once(socket, 'connect');
    socket.write(sent);
    return socket;
  };
  const isOpen = (socket: Socket) => !socket.destroyed && socket.readyState === 'open';
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server?.close();
  });

  it('S-3 whoever sends nothing, or a request bit by bit, is closed after seconds', async () => {
    (await listen()).on('request', (request, response) => request.resume().on('end', () => response.end()));
    const silent = await open();
    const headers = await open('GET / HTTP/1.1\r\nHost: x\r\n');
    const body = await open(POST);
    const join = await open(POST.replace('/', '/matchmake/joinOrCreate/campaign'));
    const all = [silent, headers, body, join];
    for (const socket of all) socket.resume();
    const drip = setInterval(() => {
      headers.write('X-a: b\r\n');
      body.write(' ');
      join.write(' ');
    }, 40);
    try {
      await eventually(() => assert.deepEqual(all.filter(isOpen), []));
    } finally {
      clearInterval(drip);
    }
  });

  it('R-5 R-10 a file may take longer than another request, but not for ever, and what comes late of it counts', async () => {
    const bodies: string[] = [];
    (await listen()).on('request', (request: IncomingMessage, response) => {
      awaitFile(request);
      request.setEncoding('utf8');
      let body = '';
      request.on('data', (part: string) => (body += part));
      request.on('end', () => (bodies.push(body), response.end()));
    });
    const late = await open(POST.replace('1000', '10').slice(0, -1));
    const never = await open(POST);
    for (const socket of [late, never]) socket.resume();
    const drip = setInterval(() => never.write(' '), 40);
    try {
      for (const part of '1234567890') {
        await sleep(90);
        late.write(part);
      }
      await eventually(() => assert.deepEqual(bodies, ['1234567890']));
      await eventually(() => assert.equal(isOpen(never), false));
    } finally {
      clearInterval(drip);
    }
  });

  it('S-3 a connection is closed when no next request comes, or its answer is not taken', async () => {
    const answer = Buffer.alloc(64 * 1024 * 1024);
    (await listen()).on('request', ({ url }, response) => response.end(url === '/large' ? answer : 'x'));
    const done = await open('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const unread = await open('GET /large HTTP/1.1\r\nHost: x\r\n\r\n');
    done.resume();
    unread.pause();
    await eventually(async () => {
      const count = Promise.withResolvers<number>();
      server.getConnections((_error, found) => count.resolve(found));
      assert.equal(await count.promise, 0);
    });
  });

  it('S-3 one network has so many connections in use and gets another when one is closed; a trusted proxy as many as it likes', async () => {
    const answers: ServerResponse[] = [];
    (await listen({ connectionsPerAddress: 3 })).on('request', (_request, response) =>
      answers.push(response),
    );
    const first = [await open(GET), await open(GET), await open(GET)];
    await eventually(() => assert.equal(answers.length, 3));
    const refused = await open();
    await eventually(() => assert.equal(isOpen(refused), false));
    assert.ok(first.every(isOpen));
    first[0]!.destroy();
    await sleep(50);
    const next = await open('GET /');
    await sleep(100);
    assert.equal(isOpen(next), true);
    server.close();

    await listen({ connectionsPerAddress: 3, trustedProxies: ['127.0.0.1'] });
    const proxied = [await open(), await open(), await open(), await open()];
    await sleep(100);
    assert.ok(proxied.every(isOpen));
  });
});

describe('connections that are idle', () => {
  const sockets: Socket[] = [];
  let server: GuardedServer;
  const answers: ServerResponse[] = [];
  before(async () => {
    server = new GuardedServer({ connectionsPerAddress: 3, trustedProxies: [] });
    server.on('request', ({ url }, response) => {
      if (url === '/slow') answers.push(response);
      else response.end('x');
    });
    server.on('upgrade', (_request, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));
  after(() => server.close());
  const open = async (sent = '') => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(socket.on('error', () => undefined));
    await once(socket, 'connect');
    if (sent !== '') {
      socket.write(sent);
      await once(socket, 'data');
    }
    return socket.resume();
  };
  const assertEnded = (socket: Socket) => eventually(() => assert.equal(socket.destroyed, true));

  it('S-3 make room for others of their network, the one that has been idle for longest first', async () => {
    const [silent, partial, answered] = [await open(), await open(), await open(GET)];
    partial.write('GET / HTTP/1.1\r\nHost: x\r\n');
    const fourth = await open(GET);
    await assertEnded(silent);
    const fifth = await open(GET);
    await assertEnded(partial);
    assert.deepEqual(
      [answered, fourth, fifth].map(({ destroyed }) => destroyed),
      [false, false, false],
    );
    // What was asked on again has been idle for a shorter time.
    answered.write(GET);
    await once(answered, 'data');
    await open(GET);
    await assertEnded(fourth);
    assert.deepEqual([answered.destroyed, fifth.destroyed], [false, false]);
  });

  it('S-3 are none of those that wait for an answer, or that carry a WebSocket', async () => {
    const upgraded = await open(UPGRADE);
    const waiting = await open();
    waiting.write(GET.replace('/', '/slow'));
    await eventually(() => assert.equal(answers.length, 1));
    for (let at = 0; at < 5; at++) await open(GET);
    assert.deepEqual([upgraded.destroyed, waiting.destroyed], [false, false]);
    answers[0]!.end('x');
    await once(waiting, 'data');
  });
});

describe('callers who were refused', () => {
  const WAIT_MS = 400;
  const sockets: Socket[] = [];
  const unanswered: ServerResponse[] = [];
  let seen = 0;
  let server: GuardedServer;
  before(async () => {
    const refusals = { atOnce: { perSecond: 0.001, burst: 5 }, waitMs: WAIT_MS };
    server = new GuardedServer(
      { connectionsPerAddress: 100, trustedProxies: ['127.0.0.9'] },
      { ...PATIENCE, refusals },
    );
    server.on('request', ({ url }, response) => {
      seen += 1;
      if (url === '/kept') unanswered.push(response);
      else response.writeHead(url === '/refused' ? 429 : 200).end('x');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));
  after(() => server.close());
  const open = async (localAddress: string) => {
    const socket = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, localAddress });
    sockets.push(socket.on('error', () => undefined));
    await once(socket, 'connect');
    return socket;
  };
  /** How long the answer took. */
  const ask = async (socket: Socket, path: string) => {
    const startedMs = performance.now();
    socket.write(GET.replace('/', path));
    await once(socket, 'data');
    return performance.now() - startedMs;
  };

  it('S-3 are heard more slowly when they go on, each connection for itself; nobody else is', async () => {
    const [flood, beside, elsewhere, proxy] = await Promise.all(
      ['127.0.0.1', '127.0.0.1', '127.0.0.2', '127.0.0.9'].map(open),
    );
    for (let at = 0; at < 6; at++) await ask(flood!, '/refused');
    const before = seen;
    const slow = ask(flood!, '/');
    for (let at = 0; at < 10; at++) {
      await ask(beside!, '/');
      await ask(elsewhere!, '/');
      await ask(proxy!, '/refused');
    }
    assert.equal(seen - before, 30, 'the one that was refused is not heard yet');
    assert.ok((await slow) >= WAIT_MS - 5);
  });

  it('S-3 whoever sends request upon request without an answer is closed', async () => {
    const socket = await open('127.0.0.3');
    socket.resume().write(GET.replace('/', '/kept').repeat(LIMITS.requestsPerConnection + 1));
    await eventually(() => assert.equal(socket.destroyed, true));
    assert.equal(unanswered.length, LIMITS.requestsPerConnection);
  });
});

onSqlite('an offer of another protocol', (_open, openUrl) => {
  let server: RunningServer;
  before(async () => (server = await startServer(await openUrl())));
  after(() => server?.close());

  const ask = (method: string, path: string, body = '') =>
    sendRaw(
      server.origin,
      `${method} ${path} HTTP/1.1\r\nHost: x\r\n${OFFER}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );

  it('RFC 9110 7.8 is passed over, and the request answered as without it', async () => {
    assert.equal((await ask('GET', '/health')).status, 200);
    assert.equal((await ask('GET', '/api/v3/lottery/campaigns/1/fairness')).status, 200);
    const login = await ask('POST', '/api/v3/auth/login', '{"mobile":"13900000008","code":"123456"}');
    assert.equal(login.status, 200, login.text);
    const join = await ask('POST', '/matchmake/joinOrCreate/campaign', '{"campaign_id":1}');
    assert.equal(join.status, 401, join.text);
  });
});
