import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { bundleClient, type ClientBundle } from '../../build/clientBundle.ts';
import { onSqlite } from '../support/databases.ts';
import { startServer, type RunningServer } from '../support/server.ts';
import { needs } from '../support/shared.ts';
import { inChromium, originOf, TAKEN_AWAY } from './chromium.ts';

/** Logs in, sits down, draws, is told of its state, and leaves. */
const VISIT = `
  import { KaijiangClient } from './src/client/kaijiangClient.ts';
  export async function visit(url: string) {
    const client = new KaijiangClient({ url });
    const { user } = await client.login('13900000003', '123456');
    const seat = await client.joinCampaign(1);
    const { draws, balance } = await seat.draw({ drawCount: 2 });
    const given = new AbortController();
    given.abort();
    const refused = await seat.me({ signal: given.signal }).then(() => 'answered', (error) => error.name);
    const { draws_left_today: left } = await seat.me();
    const name = seat.state.name;
    await seat.leave();
    return { userId: user.user_id, draws: draws.length, balance, left, name, refused };
  }`;

interface Visited {
  userId: number;
  draws: number;
  balance: number;
  left: number;
  name: string;
  refused: string;
}

onSqlite('the client in browsers', (_open, openUrl) => {
  needs('chromium');
  let bundle: ClientBundle;
  let server: RunningServer;
  let pages: Server;
  let told: PromiseWithResolvers<unknown>;

  before('a page is served', async function () {
    this.timeout(60_000);
    bundle = await bundleClient(VISIT);
    pages = createServer((request, response) => {
      if (request.method === 'POST') {
        void text(request).then((body) => told.resolve(JSON.parse(body)));
        response.end();
      } else if (request.url === '/visit.js') {
        response.setHeader('content-type', 'text/javascript').end(bundle.code);
      } else {
        response.setHeader('content-type', 'text/html').end(pageOf(request.url === '/old', server.origin));
      }
    }).listen(0, '127.0.0.1');
    await once(pages, 'listening');
    server = await startServer(await openUrl(), { environment: { CORS_ORIGINS: originOf(pages) } });
  });
  after(async () => {
    pages?.close();
    await server?.close();
  });

  for (const [page, browser] of [
    ['/', 'of today'],
    ['/old', 'like Chrome 87 and Safari 14'],
  ]) {
    it(`S-8 a browser ${browser} logs in, joins, draws and leaves, from another origin`, async () => {
      told = Promise.withResolvers();
      const visited = (await inChromium(`${originOf(pages)}${page}`, told.promise)) as Visited;
      assert.deepEqual(Object.keys(visited).sort(), [
        'balance',
        'draws',
        'left',
        'name',
        'refused',
        'userId',
      ]);
      assert.equal(visited.draws, 2);
      assert.equal(visited.refused, 'AbortError');
      assert.ok(visited.left < 1000 && visited.balance < 10_000 + 100_000 && visited.name.length > 0);
    }).timeout(60_000);
  }

  it('a bundle that imports little costs little', async () => {
    const { gzipBytes } = await bundleClient(
      "import { KaijiangError } from './src/client/kaijiangError.ts'; console.log(KaijiangError);",
    );
    assert.ok(gzipBytes < 1500, `the errors alone cost ${gzipBytes} bytes`);
    const { gzipBytes: apiBytes } = await bundleClient(
      "import { Api } from './src/client/api.ts'; console.log(Api);",
    );
    assert.ok(apiBytes < 3000, `REST alone costs ${apiBytes} bytes`);
    assert.ok(bundle.gzipBytes < 64 * 1024, `all of it costs ${bundle.gzipBytes} bytes`);
    // zod, which the server's shapes are made of, is 14 KB by itself.
    assert.ok(!bundle.code.includes('ZodError'), 'zod is in the bundle');
  }).timeout(30_000);
});

/** Tells the page's server what became of the visit. */
function pageOf(isOld: boolean, url: string): string {
  return `<!doctype html><script>${isOld ? TAKEN_AWAY : ''}</script><script type="module">
    const tell = (what) => fetch('/', { method: 'POST', body: JSON.stringify(what) });
    addEventListener('unhandledrejection', ({ reason }) => tell({ unhandled: String(reason) }));
    import('/visit.js')
      .then(({ visit }) => visit('${url}'))
      .then(tell, (error) => tell({ failed: String(error && error.stack) }));
  </script>`;
}
