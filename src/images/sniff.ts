/** What is sent is what its first bytes say, whatever it calls itself. */
import { fileTypeFromBuffer } from 'file-type';
import { AppError } from '../platform/errors.ts';

export type Format = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif';

const FORMATS: Readonly<Record<string, Format>> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/apng': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/avif': 'avif',
};
const TAKEN = 'JPEG, PNG, WebP, GIF and AVIF are taken';
/** As much as any format needs to be known. */
const HEAD_BYTES = 4096;
const HEIC = /^image\/hei[cf]/;
const MARKUP = /^\s*(<\?xml|<!|<svg)/i;

/** @throws AppError VALIDATION_FAILED that names what it is instead */
export async function formatOf(bytes: Buffer): Promise<Format> {
  const head = bytes.subarray(0, HEAD_BYTES);
  const found = await fileTypeFromBuffer(head);
  const format = found && FORMATS[found.mime];
  if (format !== undefined) return format;
  if (found !== undefined && HEIC.test(found.mime))
    throw refusedImage(
      `HEIC and HEIF pictures are not taken: ${TAKEN}. Phones send JPEG when they are set to "most compatible"`,
    );
  const text = head.toString('utf8').replace(/^\ufeff/, '');
  if (MARKUP.test(text)) throw refusedImage(`SVG and other markup is not taken: ${TAKEN}`);
  throw refusedImage(
    found === undefined ? `is no picture: ${TAKEN}` : `${found.mime} is not taken: ${TAKEN}`,
  );
}

export function refusedImage(message: string): AppError {
  return new AppError('VALIDATION_FAILED', { details: [{ path: 'file', message }] });
}
