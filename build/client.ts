/** `npm run build:client`: the client for pages without a bundler of their own, dist/client/kaijiang.js, and what it costs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { bundleClient, OLDEST_BROWSERS } from './clientBundle.ts';

const FOLDER = 'dist/client';

const { code, gzipBytes } = await bundleClient(
  "export * from './src/client/kaijiangClient.ts';\nexport * from './src/client/kaijiangError.ts';",
);
mkdirSync(FOLDER, { recursive: true });
writeFileSync(`${FOLDER}/kaijiang.js`, code);
process.stdout.write(
  `${FOLDER}/kaijiang.js: ${Math.round(gzipBytes / 1024)} KiB gzip, from ${OLDEST_BROWSERS.join(', ')} on\n`,
);
