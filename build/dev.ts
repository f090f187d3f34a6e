/** `npm run dev`: the server, started again at every change, and the pages as they are written, changed in place. */
import { spawn } from 'node:child_process';
import { createServer } from 'vite';

const PORT = process.env['PORT'] ?? '2567';

const server = spawn(process.execPath, ['--watch', '--import', 'tsx', 'src/index.ts'], {
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
