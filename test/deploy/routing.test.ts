/** S-7 nginx as in Kubernetes: which pod a path leads to, and what it is told of the client. */
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'mocha';
import { startNginx, type Nginx } from '../support/nginx.ts';
import { needs } from '../support/shared.ts';

const POD = 'kaijiang-0.kaijiang-nodes.kaijiang.svc.cluster.local';
const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
};

/** A name server that knows one pod, at 127.0.0.1. */
async function openNames(asked: string[]): Promise<Socket> {
  const server = createSocket('udp4');
  server.on('message', (query, from) => {
    const labels: string[] = [];
    let at = 12;
    for (; query[at]! > 0; at += query[at]! + 1)
      labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!));
    const question = query.subarray(12, at + 5);
    const name = labels.join('.');
    asked.push(name);
    const isKnown = name === POD;
    const header = Buffer.from([
      query[0]!,
      query[1]!,
      0x81,
      isKnown ? 0x80 : 0x83,
      0,
      1,
      0,
      isKnown ? 1 : 0,
      0,
      0,
      0,
      0,
    ]);
    const answer = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1]);
    server.send(Buffer.concat([header, question, ...(isKnown ? [answer] : [])]), from.port, from.address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('S-7 nginx in Kubernetes', () => {
  needs('nginx');
  const asked: string[] = [];
  let pod: Server;
  let names: Socket;
  let nginx: Nginx;
  before(async () => {
    // Tells what has come.
    pod = createServer(({ url, headers }, response) => response.end(JSON.stringify({ url, headers })));
    pod.on('upgrade', ({ url, headers }: IncomingMessage, socket) => {
      const body = JSON.stringify({ url, headers });
      socket.end(
        `HTTP/1.1 403 Forbidden\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      );
    });
    pod.listen(0, '127.0.0.1');
    await once(pod, 'listening');
    names = await openNames(asked);
    const { port } = pod.address() as AddressInfo;
    const changes: Record<string, string> = {
      'kube-dns.kube-system.svc.cluster.local': `127.0.0.1:${names.address().port}`,
      // Known to nginx from 1.27.3 on, which this one may not be.
      'kaijiang.kaijiang.svc.cluster.local:2567 resolve': `127.0.0.1:${port}`,
      'svc.cluster.local:2567': `svc.cluster.local:${port}`,
      'set_real_ip_from 10.0.0.0/8': 'set_real_ip_from 127.0.0.0/8',
    };
    let nodesConf = readFileSync('deploy/kubernetes/nodes.conf', 'utf8');
    for (const [from, to] of Object.entries(changes)) {
      assert.ok(nodesConf.includes(from), from);
      nodesConf = nodesConf.replace(from, to);
    }
    nginx = await startNginx({ nodes: [], nodesConf });
  });
  after(async () => {
    await nginx?.stop();
    names?.close();
    pod?.close();
    pod?.closeAllConnections();
  });

  async function ask(path: string, headers: Record<string, string> = {}) {
    const asking = request(`${nginx.origin}${path}`, { headers, agent: false }).end();
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    return { status: response.statusCode, body: JSON.parse(await text(response)) };
  }

  it('a WebSocket goes to the pod that its path names, without the name', async () => {
    const { status, body } = await ask('/kaijiang-0/process/room?sessionId=x', UPGRADE);
    assert.deepEqual([status, body.url], [403, '/process/room?sessionId=x']);
    assert.equal(body.headers.upgrade, 'websocket');
    assert.ok(asked.includes(POD));
  });

  it('to no other name than that of a pod, and to none that is gone', async () => {
    for (const path of [
      '/kaijiang-00/process/room',
      '/kaijiang-x/process/room',
      '/mysql-0/process/room',
      '/node1/process/room',
    ])
      assert.notEqual((await ask(path, UPGRADE)).status, 403, path);
    assert.ok(!asked.some((name) => /mysql|node1|-00|-x/.test(name)), asked.join(' '));
    const { status, body } = await ask('/kaijiang-7/process/room', UPGRADE);
    assert.deepEqual([status, body.code], [503, 'BUSY']);
    assert.equal((await ask('/kaijiang-0/process/room')).status, 404);
  });

  it('a node is told who the client is and what it speaks, as the Ingress controller says', async () => {
    const told = { 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Proto': 'https' };
    for (const [path, headers] of [
      ['/api/v3/about', {}],
      ['/kaijiang-0/process/room', UPGRADE],
    ] as const) {
      const { body } = await ask(path, { ...headers, ...told });
      assert.equal(body.headers['x-forwarded-for'], '203.0.113.7', path);
      assert.equal(body.headers['x-forwarded-proto'], 'https', path);
    }
    const { body } = await ask('/api/v3/about', { 'X-Forwarded-Proto': 'gopher' });
    assert.equal(body.headers['x-forwarded-proto'], 'http');
  });
});
