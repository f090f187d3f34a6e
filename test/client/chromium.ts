/** Pages in a real browser, which tell what became of them by a request of their own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What Chrome 87 or Safari 14 do not have yet, of what the client or its dependencies might take for granted. */
export const TAKEN_AWAY = `
  delete AbortSignal.any; delete AbortSignal.timeout; delete AbortSignal.abort;
  Object.defineProperty(AbortSignal.prototype, 'reason', { get: () => undefined });
  delete Promise.withResolvers; delete Promise.try; delete Promise.any;
  delete globalThis.FinalizationRegistry; delete globalThis.WeakRef; delete globalThis.structuredClone;
  delete crypto.randomUUID; delete Object.hasOwn; delete Object.groupBy; delete Map.groupBy;
  for (const name of ['at', 'findLast', 'findLastIndex', 'toSorted', 'toReversed', 'toSpliced', 'with'])
    delete Array.prototype[name];
  for (const typed of [Uint8Array, Float64Array].map((one) => Object.getPrototypeOf(one).prototype)) delete typed.at;
  delete String.prototype.at; delete String.prototype.replaceAll; delete String.prototype.isWellFormed;
  delete Blob.prototype.stream;`;

/** Opens the page until it has told what it has to. */
export async function inChromium(page: string, told: Promise<unknown>): Promise<unknown> {
  const profile = mkdtempSync(join(tmpdir(), 'kaijiang-chromium-'));
  const child = spawn(
    'chromium',
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ...['--disable-dev-shm-usage', '--remote-debugging-port=0', `--user-data-dir=${profile}`, page],
    ],
    { stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  try {
    return await Promise.race([
      told,
      ended.then(() => Promise.reject(new Error('chromium ended before the page told anything'))),
    ]);
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

export function originOf(pages: Server): string {
  return `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
}
