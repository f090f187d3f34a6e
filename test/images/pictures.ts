/** Pictures for tests, made by the library that reads them. */
import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

type Colour = readonly [red: number, green: number, blue: number];

/** Of the four quarters, from the left of the first line to the right of the second: no two ways of turning it look alike. */
export const QUARTERS: readonly Colour[] = [
  [220, 30, 30],
  [30, 200, 30],
  [30, 30, 220],
  [230, 220, 40],
];

/** Upright, in four colours. */
export async function quarters(width = 64, height = 32): Promise<Sharp> {
  const part = { width: width / 2, height: height / 2 };
  const input = (at: number) => {
    const [r, g, b] = QUARTERS[at]!;
    return {
      input: { create: { ...part, channels: 3 as const, background: { r, g, b } } },
      left: (at % 2) * part.width,
      top: Math.floor(at / 2) * part.height,
    };
  };
  const base = sharp({ create: { width, height, channels: 3, background: 'black' } });
  return sharp(await base.composite([0, 1, 2, 3].map(input)).png().toBuffer());
}

const again = async (picture: Sharp) => sharp(await picture.png().toBuffer());

/** Its pixels turned so that whoever follows the orientation of EXIF sees it upright. */
export async function turned(upright: Sharp, orientation: number): Promise<Sharp> {
  const clockwise = () => again(upright.clone().rotate(90));
  switch (orientation) {
    case 2:
      return again(upright.clone().flop());
    case 3:
      return again(upright.clone().rotate(180));
    case 4:
      return again(upright.clone().flip());
    case 5:
      return again((await clockwise()).flop());
    case 6:
      return again(upright.clone().rotate(270));
    case 7:
      return again((await clockwise()).flip());
    case 8:
      return clockwise();
    default:
      return upright.clone();
  }
}

/** The colours in the middle of its quarters. */
export async function coloursOf(picture: Buffer): Promise<Colour[]> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return [0, 1, 2, 3].map((at) => {
    const x = Math.floor((info.width * (1 + 2 * (at % 2))) / 4);
    const y = Math.floor((info.height * (1 + 2 * Math.floor(at / 2))) / 4);
    const from = (y * info.width + x) * info.channels;
    return [data[from]!, data[from + 1]!, data[from + 2]!] as const;
  });
}

/** The largest difference of a colour from what it is upright. */
export function turnOf(colours: readonly Colour[]): number {
  return Math.max(
    ...colours.flatMap((colour, at) => colour.map((value, part) => Math.abs(value - QUARTERS[at]![part]!))),
  );
}

/** Frames of one colour each. */
export async function animated(frames: number, side = 8): Promise<Buffer> {
  const data = Buffer.alloc(side * side * frames * 3);
  for (let at = 0; at < frames; at++)
    data.fill((at * 37) % 256, at * side * side * 3, (at + 1) * side * side * 3);
  return sharp(data, { raw: { width: side, height: side * frames, channels: 3, pageHeight: side } })
    .gif({ delay: Array.from({ length: frames }, () => 50) })
    .toBuffer();
}

/** Of noise: nothing that compresses well. */
export function noisy(width: number, height: number): Sharp {
  return sharp({
    create: {
      width,
      height,
      channels: 3,
      background: 'black',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  });
}

/** As a photo has them: soft spots of light, no two of them in one place. */
export function scene(seed: number): Sharp {
  const shade = (x: number, y: number) =>
    128 +
    60 * Math.sin(x / (17 + seed) + seed) * Math.cos(y / (23 - seed)) +
    50 * Math.sin((x + y * seed) / 31);
  const data = Buffer.from(
    Array.from({ length: 480 * 320 }, (_, at) => shade(at % 480, Math.floor(at / 480))),
  );
  return sharp(data, { raw: { width: 480, height: 320, channels: 1 } });
}

/** What says that it is that large, and has as many bytes of one colour behind it. */
export function hollowPng(width: number, height: number, bytes: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 8;
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.alloc(bytes))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

export function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const around = Buffer.alloc(8);
  around.writeUInt32BE(data.length, 0);
  around.writeUInt32BE(crcOf(body), 4);
  return Buffer.concat([around.subarray(0, 4), body, around.subarray(4)]);
}

function crcOf(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
