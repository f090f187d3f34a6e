import { Threads } from '../../platform/threads.ts';
import type { Training } from './trainModel.ts';
import type { Made } from './worker.ts';

/** One thread for one model, which ends with it, or when it is stopped. @throws Error when it was stopped, or could not be made */
export async function trainOnThread(training: Training, stopping?: AbortSignal): Promise<Made> {
  stopping?.throwIfAborted();
  const threads = new Threads<Training, Made>({ beside: import.meta.url, name: 'train', most: 1 });
  const stop = () => void threads.end();
  stopping?.addEventListener('abort', stop, { once: true });
  try {
    return await threads.run(training);
  } finally {
    stopping?.removeEventListener('abort', stop);
    await threads.end();
  }
}
