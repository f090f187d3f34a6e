/** `npm run dev`: the server, started again at every change, and the pages as they are written, changed in place. */
import { spawn } from 'node:child_process';
import { createServer } from 'vite';

const PORT = process.env['PORT'] ?? '2567';

/** It looks at what the server imports alone; Node's own watcher takes what is written to temporary folders for changes. */
const WATCHER = ['node_modules/tsx/dist/cli.mjs', 'watch', '--clear-screen=false', 'src/index.ts'];

const server = spawn(process.execPath, WATCHER, {
  stdio: 'inherit',
  // Rooms are joined there: what hands the pages' calls on does not know the rooms' addresses.
  env: { ...process.env, PORT, PUBLIC_ADDRESS: process.env['PUBLIC_ADDRESS'] ?? `127.0.0.1:${PORT}` },
});
const pages = await createServer({ configFile: 'web/vite.config.ts' });
await pages.listen();
const [address] = pages.resolvedUrls?.local ?? [];
process.stdout.write(`The pages, as they are written: ${address} and ${address}admin/\n`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => server.kill(signal));
server.on('exit', (code) => {
  void pages.close().then(() => process.exit(code ?? 1));
});
