import type { Readable } from 'node:stream';
import type { Request, Response } from 'express';
import { streamTo } from './streamTo.ts';

/** The first and the last byte. */
interface ByteRange {
  start: number;
  end: number;
}

/** Bytes under a name that never stands for others: whoever has them keeps them. */
export interface ObjectReply {
  object: {
    type: string;
    bytes: number;
    /** Of the bytes. */
    hash: string;
    open(range?: ByteRange): Promise<Readable>;
  };
}

/** They are elsewhere, by a link that is good for so long. */
export interface LinkReply {
  link: { url: string; seconds: number };
}

const YEAR_SECONDS = 31_536_000;

/**
 * Answers with the bytes, or the part that is asked for, or with 304 to whoever has them. A page of another origin may show them, and
 * nothing of them is ever taken for a page.
 */
export async function sendObject(
  request: Request,
  response: Response,
  { object }: ObjectReply,
): Promise<void> {
  const { type, bytes, hash, open } = object;
  response.set({
    'Cache-Control': `public, max-age=${YEAR_SECONDS}, immutable`,
    ETag: `"${hash.slice(0, 32)}"`,
    'Accept-Ranges': 'bytes',
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'X-Content-Type-Options': 'nosniff',
  });
  if (request.fresh) {
    response.status(304).end();
    return;
  }
  const range = rangeOf(request, bytes, String(response.getHeader('ETag')));
  const { start, end } = range ?? { start: 0, end: bytes - 1 };
  const isHead = request.method === 'HEAD';
  // Before anything is said of a success.
  const opened = isHead ? undefined : await open(range);
  response.status(range === undefined ? 200 : 206);
  if (range !== undefined) response.set('Content-Range', `bytes ${start}-${end}/${bytes}`);
  response.set({ 'Content-Type': type, 'Content-Length': String(end - start + 1) });
  if (opened === undefined) response.end();
  else await streamTo(response, opened);
}

/** As long as what it leads to is there. */
export function sendLink(response: Response, { link }: LinkReply): void {
  response.set({
    'Cache-Control': `public, max-age=${link.seconds}`,
    'Cross-Origin-Resource-Policy': 'cross-origin',
  });
  response.status(302).set('Location', link.url).end();
}

/** One part alone; several at once, and what is beyond the end, are answered with all of it. */
function rangeOf(request: Request, bytes: number, etag: string): ByteRange | undefined {
  const known = request.get('If-Range');
  if (known !== undefined && known !== etag) return undefined;
  const ranges = request.range(bytes, { combine: true });
  if (ranges === undefined || ranges === -1 || ranges === -2) return undefined;
  const [first] = ranges;
  return ranges.type === 'bytes' && ranges.length === 1 ? first : undefined;
}
