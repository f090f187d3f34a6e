import type { Verified } from '../../../src/verifier/browser.ts';

/** @param signal gives up, and ends what was begun for it */
export async function verifyCampaign(file: Blob, signal: AbortSignal): Promise<Verified> {
  const worker = new Worker(new URL('./verifyWorker.ts', import.meta.url));
  try {
    return await new Promise<Verified>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('the check was given up')));
      worker.onmessage = ({ data }: MessageEvent<Verified>) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(file);
    });
  } finally {
    worker.terminate();
  }
}
