/*
 * Makes a picture anew (RA-7): what is kept was written here from pixels alone, upright, without anything that was sent beside them. What
 * is behind the picture in the same file, in its metadata, or is another format as well, is not copied.
 *
 * Everything is bounded before a pixel is decoded, by what the header says of pixels and frames; decoding is bounded by that number again,
 * and in time.
 */
import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import { LIMITS } from '../platform/limits.ts';
import { likenessOf } from './likeness.ts';
import { formatOf, refusedImage, type Format } from './sniff.ts';

export interface Made {
  contentType: string;
  bytes: Buffer;
  width: number;
  height: number;
  /** WebP, of the first frame. */
  thumbnail: Buffer;
  likeness: string;
}

export const THUMBNAIL_TYPE = 'image/webp';

/** One thread for each picture, and nothing kept of it: others decide draws. */
sharp.concurrency(1);
sharp.cache(false);
// Of the many formats that the library reads only those that are taken.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'].map((format) => `VipsForeignLoad${format}Buffer`),
});

/** By what was sent: what a browser shows without asking, and is quick to write. */
const WRITTEN: Readonly<Record<Format, (picture: Sharp) => Sharp>> = {
  jpeg: (picture) => picture.jpeg({ quality: 85 }),
  png: (picture) => picture.png({ compressionLevel: 6 }),
  webp: (picture) => picture.webp({ quality: 85, effort: 2 }),
  gif: (picture) => picture.webp({ quality: 85, effort: 2 }),
  avif: (picture) => picture.webp({ quality: 85, effort: 2 }),
};
const TYPES: Readonly<Record<Format, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/webp',
  avif: 'image/webp',
};
/** As the library calls them. */
const CALLED: Readonly<Record<Format, string>> = {
  jpeg: 'jpeg',
  png: 'png',
  webp: 'webp',
  gif: 'gif',
  avif: 'heif',
};

/** @throws AppError VALIDATION_FAILED for what is no picture, none that is taken, or not whole */
export async function convert(bytes: Buffer): Promise<Made> {
  const format = await formatOf(bytes);
  const frames = checkSize(await readHeader(bytes, format), format);
  const picture = open(bytes, { animated: frames > 1 })
    .autoOrient()
    .resize({ width: LIMITS.imageSide, height: LIMITS.imageSide, fit: 'inside', withoutEnlargement: true });
  const { data, info } = await whole(
    WRITTEN[format](picture).timeout({ seconds: LIMITS.imageSeconds }).toBuffer({ resolveWithObject: true }),
  );
  const thumbnail = await open(data, {})
    .resize({
      width: LIMITS.thumbnailSide,
      height: LIMITS.thumbnailSide,
      fit: 'inside',
      withoutEnlargement: true,
    })
    .webp({ quality: 80, effort: 2 })
    .timeout({ seconds: LIMITS.imageSeconds })
    .toBuffer();
  const { width, height, pageHeight = height } = info;
  return {
    contentType: TYPES[format],
    bytes: data,
    width,
    height: pageHeight,
    thumbnail,
    likeness: await likenessOf(thumbnail),
  };
}

function open(bytes: Buffer, options: SharpOptions): Sharp {
  return sharp(bytes, { failOn: 'error', limitInputPixels: LIMITS.imagePixels, ...options });
}

/** What its first bytes say, without a pixel being decoded. */
async function readHeader(bytes: Buffer, format: Format): Promise<Metadata> {
  const metadata = await whole(open(bytes, { limitInputPixels: false }).metadata());
  // What has two heads is neither.
  const isIt = metadata.format === CALLED[format] && (format !== 'avif' || metadata.compression === 'av1');
  if (!isIt) throw refusedImage('is not what its first bytes say');
  return metadata;
}

/** @returns frames */
function checkSize({ width, height, pageHeight = height, pages = 1 }: Metadata, format: Format): number {
  // A picture that has several in one file, and no animation, is its first.
  const frames = format === 'avif' ? 1 : pages;
  if (frames > LIMITS.imageFrames) throw refusedImage(`has more than ${LIMITS.imageFrames} frames`);
  if (width * pageHeight * frames > LIMITS.imagePixels)
    throw refusedImage(`has more than ${LIMITS.imagePixels} pixels in all`);
  return frames;
}

/** Whatever the library says of a file is about the file. */
async function whole<Read>(work: Promise<Read>): Promise<Read> {
  try {
    return await work;
  } catch (error) {
    const isSlow = error instanceof Error && /timeout/i.test(error.message);
    throw refusedImage(isSlow ? 'takes too long to read' : 'cannot be read, or is not whole');
  }
}
