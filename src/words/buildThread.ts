/** Long lists are made ready on a thread of their own, so that a change holds nobody up (RC-5). */
import { Worker } from 'node:worker_threads';
import { wordsOf, type StoredPart } from './parts.ts';
import { buildWords, type BuiltWords } from './buildWords.ts';

/** Characters that are made ready at once: so few cost less than a thread. */
const AT_ONCE = 4000;
/** Then it does not end. */
const LONGEST_MS = 30_000;

const IS_SOURCE = import.meta.url.endsWith('.ts');
const WORKER = new URL(IS_SOURCE ? './buildWorker.ts' : './buildWorker.js', import.meta.url);

export async function buildParts(parts: readonly StoredPart[]): Promise<BuiltWords> {
  const characters = parts.reduce((sum, { words }) => sum + words.length, 0);
  return characters <= AT_ONCE ? buildWords(wordsOf(parts)) : buildOnThread(parts);
}

function buildOnThread(parts: readonly StoredPart[]): Promise<BuiltWords> {
  // Node itself reads what it needs of the source: no loader has to start.
  const worker = new Worker(WORKER, { workerData: parts, execArgv: [] });
  const built = new Promise<BuiltWords>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the words are not ready in time')), LONGEST_MS);
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread has ended without a word')));
    worker.once('exit', () => clearTimeout(late));
  });
  return built.finally(() => worker.terminate());
}
