import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { BUNDLES, bundleClient } from '../../build/clientBundle.ts';
import { verify } from '../../src/books/verify.ts';
import { nodeSha256 } from '../../src/lottery/sha256.ts';
import { nobleSha256 } from '../../src/verifier/nobleSha256.ts';
import { inChromium, originOf, TAKEN_AWAY } from '../client/chromium.ts';
import { needs } from '../support/shared.ts';
import { exportedFiles } from './exportedFiles.ts';

type Told = { name: string; verdict: number; lines: string[]; counts?: { draws: number } }[];

describe('the verifier in browsers', () => {
  needs('chromium');
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-verifier-'));
  const files = exportedFiles();
  let pages: Server;
  let told: PromiseWithResolvers<unknown>;

  before('a page is served', async function () {
    this.timeout(60_000);
    const { code } = await bundleClient(BUNDLES['verifier.js']);
    pages = createServer((request, response) => {
      const name = decodeURIComponent(request.url!.slice(1));
      if (request.method === 'POST') {
        void text(request).then((body) => told.resolve(JSON.parse(body)));
        response.end();
      } else if (name === 'verifier.js') {
        response.setHeader('content-type', 'text/javascript').end(code);
      } else if (name in files) {
        response.end(files[name]);
      } else {
        response.setHeader('content-type', 'text/html');
        // No eval, and none that is only tried.
        response.setHeader('content-security-policy', "script-src 'self' 'nonce-page'");
        response.end(pageOf(name === 'old', Object.keys(files)));
      }
    }).listen(0, '127.0.0.1');
    await once(pages, 'listening');
  });
  after(() => {
    pages?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [page, browser] of [
    ['', 'of today'],
    ['old', 'like Chrome 87 and Safari 14'],
  ]) {
    it(`L-5 RW-12 a browser ${browser} says of each file what npm run verify says of it`, async () => {
      told = Promise.withResolvers();
      const answered = await inChromium(`${originOf(pages)}/${page}`, told.promise);
      assert.ok(Array.isArray(answered), JSON.stringify(answered));
      const verdicts: Told = [];
      for (const [name, json] of Object.entries(files)) {
        const file = join(folder, name);
        writeFileSync(file, json);
        const lines: string[] = [];
        const verdict = await verify({ file }, (line) => lines.push(line.replace(`${folder}/`, '')));
        verdicts.push({ name, verdict, lines });
      }
      assert.deepEqual(
        (answered as Told).map(({ name, verdict, lines }) => ({ name, verdict, lines })),
        verdicts,
      );
      for (const { verdict, lines, counts } of answered as Told)
        assert.equal(lines[0]?.includes(`${counts?.draws.toLocaleString('en-US')} draws`), verdict === 0);
      assert.deepEqual(new Set(verdicts.map(({ verdict }) => verdict)), new Set([0, 1, 2]));
    }).timeout(60_000);
  }

  it('L-5 SHA-256 is the same in both', () => {
    for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000]) {
      const bytes = Uint8Array.from({ length }, (_, at) => (at * 7 + length) % 256);
      assert.equal(nobleSha256.binary(bytes), nodeSha256.binary(bytes));
      const shown = '开奖𝄞'.repeat(length);
      assert.equal(nobleSha256.hex(shown), nodeSha256.hex(shown));
    }
  });

  it('L-5 is a small file that holds nothing of the server', async () => {
    const { code, gzipBytes } = await bundleClient(BUNDLES['verifier.js']);
    assert.ok(gzipBytes < 45 * 1024, `${gzipBytes} bytes`);
    assert.ok(!/node:|typeorm|colyseus/i.test(code));
  }).timeout(30_000);
});

/** Verifies all files and tells the page's server what it found, or that it did what the page forbids. */
function pageOf(isOld: boolean, names: string[]): string {
  return `<!doctype html><script nonce="page">
    ${isOld ? TAKEN_AWAY : ''}
    const tell = (what) => fetch('/', { method: 'POST', body: JSON.stringify(what) });
    addEventListener('unhandledrejection', ({ reason }) => tell({ unhandled: String(reason) }));
    document.addEventListener('securitypolicyviolation', ({ blockedURI }) => tell({ violation: blockedURI }));
    import('/verifier.js').then(async ({ verifyFile }) => {
      const told = [];
      for (const name of ${JSON.stringify(names)}) {
        const blob = await (await fetch('/' + encodeURIComponent(name))).blob();
        told.push({ name, ...(await verifyFile(new File([blob], name))) });
      }
      return told;
    }).then(tell, (error) => tell({ failed: String(error && error.stack) }));
  </script>`;
}
