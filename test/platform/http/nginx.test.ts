/** S-7 what the load balancer of deploy/ answers by itself is what the OpenAPI document says, as of the nodes behind it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { after, afterEach, before, describe, it } from 'mocha';
import { Contract, documentOf } from '../../support/contract.ts';
import { onSqlite } from '../../support/databases.ts';
import { startNginx, type Nginx, type NginxOptions } from '../../support/nginx.ts';
import { startServer, type RunningServer } from '../../support/server.ts';
import { needs } from '../../support/shared.ts';
import { openapiText } from '../../../build/openapiFile.ts';

const contract = new Contract(documentOf(openapiText()));
const HEAD = 'Host: draw.example.com\r\nConnection: close\r\n';

describe('S-7 the load balancer', () => {
  needs('nginx');
  const started: { stop(): Promise<void> }[] = [];
  const start = async (options: NginxOptions): Promise<Nginx> => {
    const nginx = await startNginx(options);
    started.push(nginx);
    return nginx;
  };
  /** A node that takes requests and never answers one. */
  const startSilentNode = async (): Promise<number> => {
    const node: Server = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(node, 'listening');
    started.push({
      stop: async () => {
        node.closeAllConnections();
        node.close();
      },
    });
    return (node.address() as AddressInfo).port;
  };
  afterEach(async () => {
    for (const { stop } of started.splice(0).reverse()) await stop();
  });

  it('refuses what it does not pass on in the envelope of the nodes, in UTC wherever it runs', async () => {
    const nginx = await start({ nodes: [] });
    const long = 'x'.repeat(40_000);
    const chunked = 'Transfer-Encoding: foo\r\n';
    const cases: [status: number, code: string, request: string][] = [
      [404, 'NOT_FOUND', `GET /metrics HTTP/1.1\r\n${HEAD}\r\n`],
      [404, 'NOT_FOUND', `GET /_replies/too_many HTTP/1.1\r\n${HEAD}\r\n`],
      // A room's address without the upgrade to a WebSocket, and of a node that there is not.
      [404, 'NOT_FOUND', `GET /node1/a/b HTTP/1.1\r\n${HEAD}\r\n`],
      [404, 'NOT_FOUND', `GET /node9/a/b HTTP/1.1\r\n${HEAD}\r\n`],
      [404, 'NOT_FOUND', `TRACE /health HTTP/1.1\r\n${HEAD}\r\n`],
      [
        413,
        'PAYLOAD_TOO_LARGE',
        `POST /api/v3/lottery/draw HTTP/1.1\r\n${HEAD}Content-Length: 200000\r\n\r\n`,
      ],
      [400, 'VALIDATION_FAILED', `GET /health HTTP/1.1\r\n${HEAD}X: ${long}\r\n\r\n`],
      [400, 'VALIDATION_FAILED', `POST /api/v3/auth/login HTTP/1.1\r\n${HEAD}${chunked}\r\n`],
      [400, 'VALIDATION_FAILED', `GET /health HTTP/1.1\r\nConnection: close\r\n\r\n`],
      // Of these nginx has not even a path.
      [400, 'VALIDATION_FAILED', `GET /${long} HTTP/1.1\r\n${HEAD}\r\n`],
      [400, 'VALIDATION_FAILED', `GET /%00 HTTP/1.1\r\n${HEAD}\r\n`],
      [400, 'VALIDATION_FAILED', `GET /../../etc HTTP/1.1\r\n${HEAD}\r\n`],
      [400, 'VALIDATION_FAILED', `GET / HTTP/3.0\r\n${HEAD}\r\n`],
      [400, 'VALIDATION_FAILED', `CONNECT a:1 HTTP/1.1\r\n${HEAD}\r\n`],
      [400, 'VALIDATION_FAILED', 'no request at all\r\n\r\n'],
    ];
    for (const [status, code, request] of cases) {
      const [answer] = await exchange(nginx.origin, request);
      const about = `${request.slice(0, 60)}: ${JSON.stringify(answer)}`;
      assert.deepEqual([answer?.status, answer?.body.code], [status, code], about);
      assert.equal(violationOf(request, answer!), undefined);
      assert.match(answer!.body.timestamp, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
      const ageMs = Date.now() - Date.parse(answer!.body.timestamp);
      assert.ok(Math.abs(ageMs) < 60_000, `${answer!.body.timestamp} is ${ageMs} ms ago`);
    }
  });

  it('answers with the request id of the caller when it is a proper one, and else with one of its own', async () => {
    const nginx = await start({ nodes: [] });
    for (const [given, taken] of [
      ['my-id_1', true],
      ['no proper id', false],
    ] as const) {
      const [answer] = await exchange(
        nginx.origin,
        `GET /metrics HTTP/1.1\r\n${HEAD}X-Request-Id: ${given}\r\n\r\n`,
      );
      assert.equal(answer!.headers.get('x-request-id') === given, taken);
      assert.equal(answer!.body.request_id, answer!.headers.get('x-request-id'));
    }
  });

  it('is BUSY with Retry-After when no node can be reached, or the one asked does not answer', async () => {
    const reads = { 'proxy_read_timeout 15s;': 'proxy_read_timeout 1s;', '_timeout 5s;': '_timeout 1s;' };
    const silent = await startSilentNode();
    for (const nginx of [await start({ nodes: [] }), await start({ nodes: [silent], replaced: reads })]) {
      for (const [method, path] of [
        ['GET', '/health'],
        ['GET', '/ready'],
        ['GET', '/api/v3/openapi.json'],
        ['GET', '/api/v3/lottery/campaigns/1/fairness'],
        ['POST', '/api/v3/lottery/draw'],
        ['POST', '/api/v3/points/earn'],
      ]) {
        const request = `${method} ${path} HTTP/1.1\r\n${HEAD}Content-Length: 0\r\n\r\n`;
        const [answer] = await exchange(nginx.origin, request);
        assert.deepEqual([answer?.status, answer?.body.code], [503, 'BUSY'], path);
        assert.equal(violationOf(request, answer!), undefined);
      }
    }
  });

  it('answers 429 with Retry-After to an address that asks more often than its limit', async () => {
    const rate = { 'rate=500r/s': 'rate=1r/s', 'burst=2000 nodelay': 'burst=20 nodelay' };
    const nginx = await start({ nodes: [], replaced: rate });
    const request = 'GET /health HTTP/1.1\r\nHost: draw.example.com\r\n\r\n';
    const last = `GET /health HTTP/1.1\r\n${HEAD}\r\n`;
    const answers = await exchange(nginx.origin, request.repeat(99) + last);
    assert.equal(answers.length, 100);
    const limited = answers.filter(({ status }) => status === 429);
    // One for each second that this may take on a slow machine, besides the first twenty.
    assert.ok(limited.length >= 50 && limited.length <= 80, `${limited.length} of 100`);
    for (const answer of answers) assert.equal(violationOf(request, answer), undefined);
    assert.equal(limited[0]!.body.code, 'RATE_LIMITED');
  });

  it('answers 429 with Retry-After to an address with more connections than its limit', async () => {
    const nginx = await start({
      nodes: [await startSilentNode()],
      replaced: { 'limit_conn connections 2000;': 'limit_conn connections 2;' },
    });
    const request = `GET /health HTTP/1.1\r\n${HEAD}\r\n`;
    const held = [1, 2].map(() => hold(nginx.origin, request));
    for (const socket of held) await once(socket, 'connect');
    // Until it has read both.
    let answer: RawAnswer | undefined;
    while (answer?.status !== 429) [answer] = await exchange(nginx.origin, request, 200);
    assert.equal(answer.body.code, 'RATE_LIMITED');
    assert.equal(violationOf(request, answer), undefined);
    for (const socket of held) socket.destroy();
  });
});

onSqlite('S-7 a node behind the load balancer', (_open, openUrl) => {
  needs('nginx');
  let server: RunningServer;
  let nginx: Nginx;
  before(async () => {
    server = await startServer(await openUrl(), { environment: { TRUSTED_PROXIES: '127.0.0.1' } });
    nginx = await startNginx({ nodes: [Number(new URL(server.origin).port)] });
  });
  after(async () => {
    await nginx?.stop();
    await server?.close();
  });

  it('answers through it as the document says, with the id that the caller gave', async () => {
    for (const [path, status] of [
      ['/health', 200],
      ['/ready', 200],
      ['/api/v3/openapi.json', 200],
      ['/api/v3/lottery/campaigns/1/fairness', 200],
      ['/api/v3/points/account', 401],
      ['/api/v3/nothing', 404],
    ] as const) {
      const request = `GET ${path} HTTP/1.1\r\n${HEAD}X-Request-Id: mine\r\n\r\n`;
      const [answer] = await exchange(nginx.origin, request);
      assert.equal(answer!.status, status, path);
      assert.equal(answer!.headers.get('x-request-id'), 'mine');
      assert.equal(violationOf(request, answer!), undefined);
    }
  });
});

interface RawAnswer {
  status: number;
  headers: Headers;
  text: string;
  body: { code: string; request_id: string; timestamp: string };
}

function hold(origin: string, request: string) {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname, () => socket.write(request));
  // It is torn down by whoever is done first.
  socket.on('error', () => socket.destroy());
  return socket;
}

/** Sends bytes as they are, and reads all answers until the connection is closed, by the other end or after so long. */
async function exchange(origin: string, request: string, timeoutMs = 15_000): Promise<RawAnswer[]> {
  const socket = hold(origin, request);
  const parts: Buffer[] = [];
  socket.on('data', (part) => parts.push(part));
  socket.setTimeout(timeoutMs, () => socket.destroy());
  // It may be reset, after an answer to a request of which the rest was never sent.
  await new Promise((resolve) => socket.once('close', resolve));
  return answersIn(Buffer.concat(parts).toString('latin1'));
}

function answersIn(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = text;
  while (rest !== '') {
    const [head, ...after] = rest.split('\r\n\r\n');
    const [first, ...lines] = head!.split('\r\n');
    const headers = new Headers(lines.map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]));
    const behind = after.join('\r\n\r\n');
    const isChunked = headers.get('transfer-encoding') === 'chunked';
    const length = isChunked ? behind.length : Number(headers.get('content-length'));
    const raw = behind.slice(0, length);
    const body = Buffer.from(isChunked ? unchunked(raw) : raw, 'latin1').toString();
    answers.push({ status: Number(first!.split(' ')[1]), headers, text: body, body: JSON.parse(body) });
    rest = behind.slice(length);
  }
  return answers;
}

function unchunked(text: string): string {
  const end = text.indexOf('\r\n');
  const size = parseInt(text.slice(0, end), 16);
  return size === 0 ? '' : text.slice(end + 2, end + 2 + size) + unchunked(text.slice(end + 4 + size));
}

function violationOf(request: string, answer: RawAnswer): string | undefined {
  const [method, path] = request.split(' ') as [string, string];
  return contract.violationOf({ method, path, ...answer });
}
