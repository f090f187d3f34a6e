import { PassThrough } from 'node:stream';
import type { Request } from 'express';
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';

/**
 * The body of a route that reads text/csv itself (`csvStream`), while it comes.
 * @throws AppError VALIDATION_FAILED for another type, PAYLOAD_TOO_LARGE as soon as it is
 */
export function csvBytes(
  request: Request,
  { bodyBytes = LIMITS.httpBodyBytes }: { bodyBytes?: number },
): AsyncGenerator<Uint8Array> {
  if (Number(request.get('Content-Length') ?? 0) > bodyBytes) throw new AppError('PAYLOAD_TOO_LARGE');
  if (request.is('text/csv') !== 'text/csv') throw unread('must be text/csv');
  if ((request.get('Content-Encoding') ?? 'identity') !== 'identity') throw unread('must not be compressed');
  return bytesOf(request, bodyBytes);
}

async function* bytesOf(request: Request, bodyBytes: number): AsyncGenerator<Uint8Array> {
  // A request has to come within seconds, whatever time its reader takes: what has come waits here.
  const ahead = new PassThrough({ highWaterMark: bodyBytes });
  const breakOff = () => {
    if (!request.complete) ahead.destroy(unread('broke off'));
  };
  request.once('close', breakOff);
  request.pipe(ahead);
  let bytes = 0;
  try {
    for await (const part of ahead as AsyncIterable<Uint8Array>) {
      bytes += part.length;
      if (bytes > bodyBytes) throw new AppError('PAYLOAD_TOO_LARGE');
      yield part;
    }
  } finally {
    request.off('close', breakOff);
    request.unpipe(ahead);
    // Whoever is refused is answered: the connection is no part of what is given up.
    request.resume();
  }
}

function unread(message: string): AppError {
  return new AppError('VALIDATION_FAILED', { details: [{ path: 'body', message }] });
}
