import assert from 'node:assert/strict';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { request } from 'node:http';
import { after, before, it } from 'mocha';
import { onSqlite } from '../../support/databases.ts';
import { startServer, type RunningServer } from '../../support/server.ts';

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

const API = '/api/v3';

onSqlite('the document and its UI', (_open, openUrl) => {
  let server: RunningServer;
  before(async () => (server = await startServer(await openUrl())));
  after(() => server?.close());

  /** As it is on the wire: fetch would unpack it. */
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<Answer>((resolve, reject) => {
      request(`${server.origin}${path}`, { method, headers }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(parts),
          }),
        );
      })
        .on('error', reject)
        .end();
    });
  const paths = ['/openapi.json', '/docs', '/docs/swagger-ui-bundle.js', '/docs/swagger-ui.css'].map(
    (path) => `${API}${path}`,
  );

  it('S-3 are compressed once: the best that the client takes, the same bytes each time, told apart by strong ETags', async () => {
    for (const path of paths) {
      const plain = await get(path);
      const packed = await get(path, { 'accept-encoding': 'gzip, deflate, br' });
      const older = await get(path, { 'accept-encoding': 'gzip;q=0.8, br;q=0' });
      assert.deepEqual(
        [plain, packed, older].map(({ status, headers }) => [status, headers['content-encoding']]),
        [
          [200, undefined],
          [200, 'br'],
          [200, 'gzip'],
        ],
        path,
      );
      assert.deepEqual(brotliDecompressSync(packed.body), plain.body);
      assert.deepEqual(gunzipSync(older.body), plain.body);
      const etags = [plain, packed, older].map(({ headers }) => String(headers['etag']));
      assert.equal(new Set(etags).size, 3);
      for (const etag of etags) assert.match(etag, /^"[\w-]+"$/);
      for (const { headers, body } of [plain, packed, older]) {
        assert.match(String(headers['vary']), /accept-encoding/i);
        assert.equal(Number(headers['content-length']), body.length);
        assert.ok(headers['cache-control'] !== undefined);
      }
      const head = await get(path, { 'accept-encoding': 'br' }, 'HEAD');
      assert.deepEqual([head.status, head.body.length], [200, 0]);
      assert.equal(head.headers['content-length'], packed.headers['content-length']);
    }
  });

  it('S-3 are not sent again to who has them', async () => {
    for (const path of paths) {
      const { headers } = await get(path, { 'accept-encoding': 'br' });
      const etag = String(headers['etag']);
      for (const given of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
        const again = await get(path, { 'accept-encoding': 'br', 'if-none-match': given });
        assert.deepEqual([again.status, again.body.length, again.headers['etag']], [304, 0, etag]);
      }
      assert.equal((await get(path, { 'accept-encoding': 'br', 'if-none-match': '"x"' })).status, 200);
      // What was kept for one encoding is none for another.
      assert.equal((await get(path, { 'if-none-match': etag })).status, 200);
    }
  });

  it('S-3 of the package of the UI only what its page asks for is to be had', async () => {
    const page = (await get(`${API}/docs`)).body.toString();
    const asked = [...page.matchAll(/(?:src|href)="\.\/(docs\/[^"]+)"/g)].map(([, path]) => `${API}/${path}`);
    assert.ok(asked.length >= 6);
    for (const path of asked) assert.equal((await get(path)).status, 200, path);
    for (const name of ['package.json', 'swagger-ui-bundle.js.map', 'index.html', 'README.md']) {
      assert.equal((await get(`${API}/docs/${name}`)).status, 404, name);
    }
  });
});
