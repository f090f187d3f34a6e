import { Readable } from 'node:stream';
import type { Request, Response } from 'express';
import { gzipAsMade, type MadePiece } from '../jsonPieces.ts';
import { envelopeAround } from './sendPieces.ts';
import { streamTo } from './streamTo.ts';

/** `data` as pieces of JSON that are made while they are sent, to be saved as a file. */
export interface FileReply {
  /** Of letters that need no quoting. */
  name: string;
  /** Refusals are thrown before the first piece. */
  made: AsyncGenerator<MadePiece>;
}

/**
 * Answers with a success in the envelope of the wire contract, as fast as the client takes it. Once something is sent a failure can
 * only end the connection: what was received then is no whole JSON.
 */
export async function sendFile(request: Request, response: Response, reply: FileReply): Promise<void> {
  const { name, made } = reply;
  // Before anything is said of a success.
  const first = await made.next();
  response.set('Content-Disposition', `attachment; filename="${name}"`);
  response.vary('Accept-Encoding');
  response.status(200).type('json');
  if (request.method === 'HEAD') {
    await made.return(undefined);
    response.end();
    return;
  }
  const whole = around(envelopeAround(response), first, made);
  const isZipped = request.acceptsEncodings('gzip') === 'gzip';
  if (isZipped) response.set('Content-Encoding', 'gzip');
  try {
    await streamTo(response, Readable.from(isZipped ? gzipAsMade(whole) : textsOf(whole)));
  } finally {
    // Where nothing of `whole` was ever asked for, it does not end what it is made of.
    await made.return(undefined);
  }
}

async function* around(
  { before, after }: { before: string; after: string },
  first: IteratorResult<MadePiece>,
  rest: AsyncGenerator<MadePiece>,
): AsyncGenerator<MadePiece> {
  yield { text: Buffer.from(before) };
  if (first.done !== true) yield first.value;
  yield* rest;
  yield { text: Buffer.from(after) };
}

async function* textsOf(pieces: AsyncIterable<MadePiece>): AsyncGenerator<Buffer> {
  for await (const { text } of pieces) yield text;
}
