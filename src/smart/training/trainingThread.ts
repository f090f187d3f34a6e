import { Tinypool } from 'tinypool';
import type { Training } from './trainModel.ts';
import type { Made } from './worker.ts';

/** A thread loads TypeScript as this process does. */
const IS_SOURCE = import.meta.url.endsWith('.ts');
const WORKER = new URL(IS_SOURCE ? './worker.ts' : './worker.js', import.meta.url);

/** One thread for one model, which ends with it, or when it is stopped. @throws Error when it was stopped, or could not be made */
export async function trainOnThread(training: Training, stopping?: AbortSignal): Promise<Made> {
  const pool = new Tinypool({
    filename: WORKER,
    name: 'train',
    minThreads: 0,
    maxThreads: 1,
    ...(IS_SOURCE && { execArgv: ['--import', 'tsx'] }),
  });
  // A thread that cannot even begin fails no task.
  const broken = new Promise<never>((_, reject) => pool.on('error', reject));
  const stop = () => void pool.destroy();
  stopping?.addEventListener('abort', stop, { once: true });
  try {
    stopping?.throwIfAborted();
    return await Promise.race([broken, pool.run(training) as Promise<Made>]);
  } finally {
    stopping?.removeEventListener('abort', stop);
    await pool.destroy();
  }
}
