import { pipeline } from 'node:stream/promises';
import type { Duplex, Readable } from 'node:stream';
import type { Response } from 'express';

/** Sends what is made meanwhile, as fast as the client takes it, and ends when the client goes, which is no failure of ours. */
export async function streamTo(response: Response, ...made: [Readable, ...Duplex[]]): Promise<void> {
  try {
    await pipeline([...made, response]);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
