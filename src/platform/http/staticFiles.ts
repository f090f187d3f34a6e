import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Request, RequestHandler } from 'express';
import Negotiator from 'negotiator';

export interface StaticFile {
  type: string;
  body: Buffer;
  /** Seconds for which a browser need not ask whether it is still the same. */
  maxAgeSeconds: number;
}

const ENCODINGS = ['br', 'gzip', 'identity'] as const;
type Encoding = (typeof ENCODINGS)[number];

const compress: Record<Encoding, (body: Buffer) => Promise<Buffer>> = {
  // Not the slowest levels, which take seconds for a little less.
  br: (body) => promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }),
  gzip: (body) => promisify(gzip)(body),
  identity: async (body) => body,
};

/**
 * Answers with a file that never changes while the server runs. It is compressed once for each encoding, when it is first asked
 * for in it, and off the thread that decides draws; a client that has it already is told so.
 */
export function serveFile({ type, body, maxAgeSeconds }: StaticFile, onServe: Serve): RequestHandler {
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 27);
  const made = new Map<Encoding, Promise<Buffer>>();
  const inEncoding = (encoding: Encoding) => {
    const known = made.get(encoding) ?? compress[encoding](body);
    made.set(encoding, known);
    return known;
  };
  return async (request, response) => {
    const encoding = encodingFor(request);
    response.vary('Accept-Encoding');
    response.set({
      'Cache-Control': maxAgeSeconds === 0 ? 'no-cache' : `public, max-age=${maxAgeSeconds}`,
      ETag: `"${hash}-${encoding}"`,
    });
    if (request.fresh) {
      response.status(304).end();
      return;
    }
    const sent = await inEncoding(encoding);
    onServe(request, sent.length);
    response.set({ 'Content-Type': type, 'Content-Length': String(sent.length) });
    if (encoding !== 'identity') response.set('Content-Encoding', encoding);
    // Not response.send, which would make an ETag of the body again.
    response.end(request.method === 'HEAD' ? undefined : sent);
  };
}

/** Told of what is about to be sent; may refuse it. */
export type Serve = (request: Request, bytes: number) => void;

function encodingFor(request: Request): Encoding {
  const taken = new Negotiator(request).encodings([...ENCODINGS]);
  return ENCODINGS.find((encoding) => taken.includes(encoding)) ?? 'identity';
}
