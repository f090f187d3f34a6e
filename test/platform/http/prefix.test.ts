import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Client } from '@colyseus/sdk';
import { after, before, it } from 'mocha';
import { KaijiangClient } from '../../../src/client/kaijiangClient.ts';
import { onSqlite } from '../../support/databases.ts';
import { startServer, type RunningServer } from '../../support/server.ts';

/** As nginx does with `location /kj/ { proxy_pass http://server/; }`: the path is taken off, and nothing else is served. */
async function startProxy(origin: string, prefix: string) {
  const target = new URL(origin);
  const optionsOf = ({ method, url = '', headers }: IncomingMessage) =>
    url.startsWith(`${prefix}/`)
      ? { host: target.hostname, port: target.port, method, path: url.slice(prefix.length), headers }
      : undefined;
  const proxy = createServer((request, response) => {
    const options = optionsOf(request);
    if (options === undefined) {
      response.writeHead(421).end();
      return;
    }
    const onward = forward(options, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  proxy.on('upgrade', (request, socket, head) => {
    const path = optionsOf(request)?.path;
    if (path === undefined) {
      socket.destroy();
      return;
    }
    const onward = connect(Number(target.port), target.hostname, () => {
      const { rawHeaders } = request;
      const lines = rawHeaders.flatMap((name, at) =>
        at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : [],
      );
      onward.write([`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    // Either end may be gone first.
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    origin: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    close: () => {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}

onSqlite('behind a proxy that serves the product below a path', (_open, openUrl) => {
  let server: RunningServer;
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  before(async () => {
    server = await startServer(await openUrl());
    proxy = await startProxy(server.origin, '/kj');
  });
  after(async () => {
    proxy?.close();
    await server?.close();
  });

  it('S-2 / leads to the docs page, which finds all of its files and the document, and the document the server', async () => {
    const page = await fetch(`${proxy.origin}/kj/`);
    assert.deepEqual([page.status, page.url], [200, `${proxy.origin}/kj/api/v3/docs`]);
    const html = await page.text();
    const files = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(
      ([, file]) => new URL(file!, page.url).href,
    );
    assert.ok(files.length >= 5, html);
    for (const file of files) assert.equal((await fetch(file)).status, 200, file);
    const initializer = await (await fetch(files.find((file) => file.endsWith('initializer.js'))!)).text();
    const url = new URL(/url: '([^']+)'/.exec(initializer)![1]!, page.url).href;
    const document = (await (await fetch(url)).json()) as { servers: { url: string }[]; paths: object };
    const base = new URL(document.servers[0]!.url, url).href.replace(/\/$/, '');
    assert.equal(base, `${proxy.origin}/kj`);
    const path = Object.keys(document.paths).find((one) => one.endsWith('/lottery/campaigns/{id}/fairness'));
    assert.equal((await fetch(`${base}${path!.replace('{id}', '1')}`)).status, 200);
  });

  it('a client logs in, joins, draws and leaves below it', async () => {
    const client = new KaijiangClient({ url: `${proxy.origin}/kj` });
    await client.login('13900000001', '123456');
    const seat = await client.joinCampaign(1);
    const { draws } = await seat.draw({ drawCount: 2 });
    assert.equal(draws.length, 2);
    await seat.leave();
  });

  it('the stock SDK joins and draws below it', async () => {
    const { token } = await server.login('13900000002');
    const client = new Client(`${proxy.origin}/kj`);
    client.auth.token = token;
    const room = await client.joinOrCreate('campaign', { campaign_id: 1 });
    const answer: unknown = await room.request('draw', { request_id: 'below' });
    assert.equal((answer as { draws: unknown[] }).draws.length, 1);
    await room.leave();
  });
});
