/**
 * What stays nearly the same when a picture is written anew, smaller or worse, by whatever program: of 16 by 16 places, whether it gets
 * clearly darker to the right. Not by hashes of bytes: every browser writes the photo of one camera in its own way.
 */
import sharp from 'sharp';

const PLACES = 16;
/** Of 256 shades; less is left to how it was written. */
const CLEARLY = 4;
/** Of 256 bits: two photos of one thing differ by far more, one photo that was written twice by less. */
const MOST_APART = 12;
/** What has fewer is nearly of one colour, as others are. */
const FEWEST_MARKS = 24;

/** @returns 64 digits; empty: it is like too many others */
export async function likenessOf(picture: Buffer): Promise<string> {
  const shades = await sharp(picture)
    .flatten({ background: '#fff' })
    .greyscale()
    .resize({ width: PLACES + 1, height: PLACES, fit: 'fill' })
    .raw()
    .toBuffer();
  const bits = Buffer.alloc((PLACES * PLACES) / 8);
  for (let at = 0; at < PLACES * PLACES; at++) {
    const place = Math.floor(at / PLACES) * (PLACES + 1) + (at % PLACES);
    if (shades[place]! - shades[place + 1]! >= CLEARLY) bits[at >> 3]! |= 1 << (at & 7);
  }
  return marksOf(bits) < FEWEST_MARKS ? '' : bits.toString('hex');
}

export function areAlike(one: string, other: string): boolean {
  if (one === '' || other === '') return false;
  const others = Buffer.from(other, 'hex');
  return marksOf(Buffer.from(one, 'hex').map((byte, at) => byte ^ others[at]!)) <= MOST_APART;
}

function marksOf(bytes: Uint8Array): number {
  let marks = 0;
  for (let byte of bytes) for (; byte > 0; byte &= byte - 1) marks += 1;
  return marks;
}
