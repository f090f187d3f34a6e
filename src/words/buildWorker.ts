/** What the thread runs. */
import { parentPort, workerData } from 'node:worker_threads';
import { buffersOf } from './matcher.ts';
import { wordsOf, type StoredPart } from './parts.ts';
import { buildWords } from './buildWords.ts';

const built = buildWords(wordsOf(workerData as StoredPart[]));
parentPort!.postMessage(built, buffersOf(built.matcher));
