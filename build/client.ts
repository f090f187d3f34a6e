/**
 * `npm run build:client`: for pages without a bundler of their own, in dist/client, and what they cost: the client, kaijiang.js, and
 * the verifier of draws, verifier.js.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { BUNDLES, bundleClient, OLDEST_BROWSERS } from './clientBundle.ts';

const FOLDER = 'dist/client';

mkdirSync(FOLDER, { recursive: true });
for (const [name, source] of Object.entries(BUNDLES)) {
  const { code, gzipBytes } = await bundleClient(source);
  writeFileSync(`${FOLDER}/${name}`, code);
  const from = OLDEST_BROWSERS.join(', ');
  process.stdout.write(`${FOLDER}/${name}: ${Math.round(gzipBytes / 1024)} KiB gzip, from ${from} on\n`);
}
