import type { Request, Response } from 'express';
import { gzipOf, jsonPiece, type JsonPiece } from '../jsonPieces.ts';

/** `data` as pieces of JSON, and how long whoever has it may keep it. */
export interface PiecesReply {
  pieces: readonly JsonPiece[];
  /** Of the data: the envelope around it differs each time. */
  etag: string;
  /** Absent: whoever keeps it asks each time whether it still is so. */
  maxAgeSeconds?: number;
}

/** Answers with a success in the envelope of the wire contract, or with 304 to a caller who has the same data already. */
export async function sendPieces(request: Request, response: Response, reply: PiecesReply): Promise<void> {
  const { pieces, etag, maxAgeSeconds } = reply;
  response.set('ETag', `W/"${etag}"`);
  response.set(
    'Cache-Control',
    maxAgeSeconds === undefined ? 'no-cache' : `public, max-age=${maxAgeSeconds}, immutable`,
  );
  response.vary('Accept-Encoding');
  if (request.fresh) {
    response.status(304).end();
    return;
  }
  const { before, after } = envelopeAround(response);
  const whole = [await jsonPiece(before), ...pieces, await jsonPiece(after)];
  response.status(200).type('json');
  if (request.acceptsEncodings('gzip') === 'gzip') {
    response.set('Content-Encoding', 'gzip').send(gzipOf(whole));
  } else {
    response.send(Buffer.concat(whole.map(({ text }) => text)));
  }
}

/** The JSON of a success before its data, and after it. */
export function envelopeAround(response: Response): { before: string; after: string } {
  const requestId = JSON.stringify(response.locals['requestId'] as string);
  const timestamp = JSON.stringify(new Date().toISOString());
  return {
    before: '{"success":true,"code":"OK","message":"OK","data":',
    after: `,"request_id":${requestId},"timestamp":${timestamp}}`,
  };
}
