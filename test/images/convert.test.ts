import assert from 'node:assert/strict';
import { it } from 'mocha';
import sharp from 'sharp';
import { convert } from '../../src/images/convert.ts';
import { areAlike } from '../../src/images/likeness.ts';
import { AppError } from '../../src/platform/errors.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { animated, chunk, coloursOf, hollowPng, noisy, quarters, scene, turned, turnOf } from './pictures.ts';

/** Of GIF, as its sides. */
const LARGEST = Buffer.from('ffffffff', 'hex');
const SECRET = 'A-SECRET-OF-THE-SENDER';

async function refusalOf(bytes: Buffer): Promise<string> {
  try {
    await convert(bytes);
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, 'VALIDATION_FAILED');
    const [{ path, message }] = error.details as [{ path: string; message: string }];
    assert.equal(path, 'file');
    return message;
  }
  return 'taken';
}

describe('a picture that is made anew', () => {
  for (const format of ['jpeg', 'webp', 'png', 'avif'] as const)
    it(`RA-7 is the same upright picture and thumbnail in all 8 orientations of EXIF, as ${format}`, async () => {
      for (let orientation = 1; orientation <= 8; orientation++) {
        const upright = await quarters(640, 400);
        const pixels = await turned(upright, orientation);
        const sent = await pixels.withMetadata({ orientation }).toFormat(format, { quality: 95 }).toBuffer();
        // AVIF is turned by its own boxes where it is at all.
        if (format !== 'avif') assert.equal((await sharp(sent).metadata()).orientation, orientation);
        else if ((await sharp(sent).metadata()).orientation !== orientation) continue;
        const { bytes, width, height, thumbnail } = await convert(sent);
        assert.deepEqual([width, height], [640, 400], `orientation ${orientation}`);
        assert.ok(turnOf(await coloursOf(bytes)) < 30, `orientation ${orientation}`);
        assert.ok(turnOf(await coloursOf(thumbnail)) < 30, `the thumbnail of ${orientation}`);
        const small = await sharp(thumbnail).metadata();
        assert.deepEqual([small.width, small.height], [320, 200]);
        for (const made of [bytes, thumbnail])
          assert.equal((await sharp(made).metadata()).orientation, undefined);
      }
    });

  it('RA-7 has no metadata: neither where it was taken nor by what, nor anything that was put in or behind it', async () => {
    const exif = {
      IFD0: { Copyright: SECRET, Software: SECRET },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '31/1 14/1 5/1' },
    };
    const upright = await quarters();
    const jpeg = await upright.clone().withExif(exif).withIccProfile('p3').jpeg().toBuffer();
    assert.ok(jpeg.includes(SECRET));
    const png = await upright.clone().png().toBuffer();
    const text = chunk('tEXt', Buffer.from(`Comment\0<script>${SECRET}</script>`));
    const withText = Buffer.concat([png.subarray(0, 33), text, png.subarray(33)]);
    const gif = await animated(2);
    for (const sent of [
      jpeg,
      withText,
      await upright.clone().withExif(exif).webp().toBuffer(),
      // What is a page, an archive or a program for whoever reads it from its end.
      Buffer.concat([jpeg, Buffer.from(`<html><script>${SECRET}</script>`)]),
      Buffer.concat([png, Buffer.from(`PK\x03\x04${SECRET}PK\x05\x06`, 'latin1')]),
      Buffer.concat([gif, Buffer.from(`*/=1;alert("${SECRET}")`)]),
    ]) {
      const { bytes, thumbnail } = await convert(sent);
      for (const made of [bytes, thumbnail]) {
        for (const trace of [SECRET, 'script', 'GPS', 'Exif', 'PK\x05\x06'])
          assert.ok(!made.includes(Buffer.from(trace, 'latin1')), trace);
        const { exif: left, icc, xmp, iptc } = await sharp(made).metadata();
        assert.deepEqual([left, icc, xmp, iptc], [undefined, undefined, undefined, undefined]);
      }
    }
  });

  it('R-5 keeps its size unless it is too large, and its thumbnail is never larger than it', async () => {
    for (const [width, height, shown, small] of [
      [32, 16, [32, 16], [32, 16]],
      [1, 1, [1, 1], [1, 1]],
      [3000, 1500, [2048, 1024], [320, 160]],
      [10, 5000, [4, 2048], [1, 320]],
    ] as const) {
      const sent = await sharp({ create: { width, height, channels: 3, background: 'red' } })
        .png()
        .toBuffer();
      const made = await convert(sent);
      assert.deepEqual([made.width, made.height], shown);
      const [large, thumbnail] = [await sharp(made.bytes).metadata(), await sharp(made.thumbnail).metadata()];
      assert.deepEqual([large.width, large.height], shown);
      assert.deepEqual([thumbnail.width, thumbnail.height], small);
    }
  });

  it('R-5 is of a type that browsers show, whatever it was', async () => {
    const upright = await quarters();
    const types = {
      jpeg: 'image/jpeg',
      png: 'image/png',
      webp: 'image/webp',
      gif: 'image/webp',
      avif: 'image/webp',
    };
    for (const [format, type] of Object.entries(types)) {
      const sent = await upright
        .clone()
        .toFormat(format as 'jpeg')
        .toBuffer();
      const { contentType, bytes, thumbnail } = await convert(sent);
      assert.equal(contentType, type, format);
      assert.equal(`image/${(await sharp(bytes).metadata()).format}`, type);
      assert.equal((await sharp(thumbnail).metadata()).format, 'webp');
      assert.ok(turnOf(await coloursOf(bytes)) < 60, format);
    }
    const clear = await sharp({ create: { width: 8, height: 8, channels: 4, background: '#0000' } })
      .png()
      .toBuffer();
    assert.equal((await sharp((await convert(clear)).bytes).stats()).isOpaque, false);
  });

  it('RA-7 moves on as it did, with all of its frames, and its thumbnail is the first', async () => {
    const { bytes, width, height, thumbnail, contentType } = await convert(await animated(7, 40));
    assert.deepEqual([width, height, contentType], [40, 40, 'image/webp']);
    assert.equal((await sharp(bytes).metadata()).pages, 7);
    const small = await sharp(thumbnail).metadata();
    assert.deepEqual([small.pages ?? 1, small.width, small.height], [1, 40, 40]);
    assert.equal(
      await refusalOf(await animated(LIMITS.imageFrames + 1)),
      `has more than ${LIMITS.imageFrames} frames`,
    );
  }).timeout(30_000);
});

describe('pictures that are alike', () => {
  it('RA-4 one is known again however it was written, and others are not taken for it', async () => {
    const likeness = async (bytes: Buffer) => (await convert(bytes)).likeness;
    const scenes = [1, 2, 3, 4, 5, 6];
    const first = await Promise.all(scenes.map(async (seed) => likeness(await scene(seed).png().toBuffer())));
    for (const [at, seed] of scenes.entries()) {
      for (const copy of [
        scene(seed).jpeg({ quality: 60 }),
        scene(seed).resize(300, 200).jpeg({ quality: 80 }),
        scene(seed).modulate({ brightness: 1.05 }).webp({ quality: 70 }),
      ]) {
        const again = await likeness(await copy.toBuffer());
        assert.deepEqual(
          first.map((one) => areAlike(one, again)),
          scenes.map((_, other) => other === at),
          `scene ${seed}`,
        );
      }
    }
    const plain = { width: 90, height: 60, channels: 3, background: 'white' } as const;
    assert.equal(await likeness(await sharp({ create: plain }).png().toBuffer()), '');
    assert.equal(areAlike('', ''), false);
  });
});

describe('what is refused as a picture', () => {
  it('RA-7 HEIC is named, in every brand of it', async () => {
    for (const brand of ['heic', 'heix', 'hevc', 'mif1', 'msf1']) {
      const head = Buffer.from(`\0\0\0\x18ftyp${brand}\0\0\0\0mif1${brand}`, 'latin1');
      assert.match(await refusalOf(Buffer.concat([head, Buffer.alloc(500)])), /^HEIC and HEIF/, brand);
    }
  });

  it('R-5 SVG is refused, whatever is in it, and so is whatever else is no picture', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
    for (const text of [
      svg,
      `<?xml version="1.0"?>${svg}`,
      `\ufeff \n${svg}`,
      `<!-- x -->${svg}`,
      '<!DOCTYPE html>',
    ])
      assert.match(await refusalOf(Buffer.from(text)), /^SVG and other markup is not taken/, text);
    for (const text of ['', 'x', '#!/bin/sh', '\xff\xd8', 'GI', 'RIFF'])
      assert.match(await refusalOf(Buffer.from(text, 'latin1')), /^is no picture/, text);
    for (const bytes of [
      Buffer.from('%PDF-1.7\n'),
      Buffer.from('PK\x03\x04', 'latin1'),
      await (await quarters()).tiff().toBuffer(),
      Buffer.from(`BM${'\0'.repeat(60)}`),
    ])
      assert.match(await refusalOf(bytes), /not taken|no picture/);
  });

  it('RA-7 one that is not whole is refused, wherever it ends, and one that only begins like a picture', async () => {
    const picture = noisy(300, 200);
    for (const format of ['jpeg', 'png', 'webp', 'gif', 'avif'] as const) {
      const whole = await picture.clone().toFormat(format).toBuffer();
      assert.equal(await refusalOf(whole), 'taken', format);
      for (const share of [0.1, 0.5, 0.9]) {
        const part = whole.subarray(0, Math.floor(whole.length * share));
        assert.equal(await refusalOf(part), 'cannot be read, or is not whole', `${format} ${share}`);
      }
      const other = Buffer.concat([whole.subarray(0, 32), Buffer.alloc(2000, 0x41)]);
      assert.notEqual(await refusalOf(other), 'taken', format);
    }
  }).timeout(30_000);

  it('RA-7 what says that it has too many pixels is refused before any is decoded', async () => {
    const jpeg = await (await quarters()).jpeg().toBuffer();
    const gif = await animated(1);
    const size = jpeg.indexOf(Buffer.from('ffc0', 'hex')) + 5;
    // Of the screen, and of the one frame.
    const frame = gif.indexOf(Buffer.from('2c00000000', 'hex')) + 5;
    const bombs = {
      // What it says of its size is a lie, and as good as true.
      png: hollowPng(60_000, 60_000, 1000),
      jpeg: Buffer.concat([jpeg.subarray(0, size), Buffer.from('fde8fde8', 'hex'), jpeg.subarray(size + 4)]),
      gif: Buffer.concat([
        ...[gif.subarray(0, 6), LARGEST, gif.subarray(10, frame)],
        ...[LARGEST, gif.subarray(frame + 4)],
      ]),
    };
    for (const [format, bomb] of Object.entries(bombs)) {
      const startMs = performance.now();
      const message = await refusalOf(bomb);
      assert.ok(performance.now() - startMs < 500, format);
      assert.equal(message, `has more than ${LIMITS.imagePixels} pixels in all`, format);
    }
    // Each frame is small, all of them are not.
    const frames = await animated(150, 600);
    assert.equal(await refusalOf(frames), `has more than ${LIMITS.imagePixels} pixels in all`);
  }).timeout(60_000);

  it('RA-7 the largest that is taken costs bounded time and memory, and so does what unpacks to more than it says', async () => {
    const most = await sharp({ create: { width: 7000, height: 7000, channels: 4, background: '#0a0a' } })
      .png()
      .toBuffer();
    assert.ok(most.length < LIMITS.imageBytes);
    for (const bomb of [most, hollowPng(10, 10, 100_000_000), hollowPng(7000, 7000, 49_007_000)]) {
      const before = process.memoryUsage().rss;
      let peak = before;
      const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 5);
      const startMs = performance.now();
      await refusalOf(bomb);
      clearInterval(watch);
      const tookMs = performance.now() - startMs;
      assert.ok(tookMs < LIMITS.imageSeconds * 1000, `${tookMs} ms`);
      assert.ok(peak - before < 400 * 1024 * 1024, `${Math.round((peak - before) / 1e6)} MB`);
    }
  }).timeout(60_000);
});
