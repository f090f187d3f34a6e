/** A camera for Chromium whose picture a test changes while it runs: grey, 640 × 480, as a phone held up to it looks. */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../src/draw/random.ts';

const [WIDTH, HEIGHT] = [640, 480];
/** Each with noise of its own. The browser plays them round and round. */
const FRAMES = 4;
const HEADER = `YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420\n`;
const FRAME = 'FRAME\n';
const FRAME_BYTES = FRAME.length + (WIDTH * HEIGHT * 3) / 2;
/** Of the code with its quiet margin, in px, and how far it is turned. */
const SIDE = 300;
const TURN = (5 * Math.PI) / 180;
const [DARK, BRIGHT, TABLE] = [38, 214, 120];
const NOISE = 24;

export class FakeCamera {
  /** For Chromium. */
  readonly switches: string[];
  private readonly folder = mkdtempSync(join(tmpdir(), 'kaijiang-camera-'));
  private readonly file: number;
  private readonly random = new Random('camera');

  constructor() {
    const path = join(this.folder, 'camera.y4m');
    this.file = openSync(path, 'w');
    writeSync(this.file, HEADER, 0);
    this.showNothing();
    this.switches = [
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${path}`,
    ];
  }

  /** @param svg a QR code as the server draws it, in units of ten with its margin */
  show(svg: string): void {
    const size = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]) / 10;
    const dark = new Set(
      [...svg.matchAll(/M(\d+),(\d+)h10/g)].map(([, x, y]) => (Number(y) / 10) * size + Number(x) / 10),
    );
    if (dark.size === 0) throw new Error('No QR code in this picture');
    this.write((x, y) => {
      const [fromX, fromY] = [x - WIDTH / 2, y - HEIGHT / 2];
      const across = fromX * Math.cos(TURN) + fromY * Math.sin(TURN) + SIDE / 2;
      const down = fromY * Math.cos(TURN) - fromX * Math.sin(TURN) + SIDE / 2;
      if (across < 0 || down < 0 || across >= SIDE || down >= SIDE) return TABLE;
      const module = Math.floor((down * size) / SIDE) * size + Math.floor((across * size) / SIDE);
      return dark.has(module) ? DARK : BRIGHT;
    });
  }

  showNothing(): void {
    this.write(() => TABLE);
  }

  remove(): void {
    closeSync(this.file);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private write(lightAt: (x: number, y: number) => number): void {
    const sharp = Float32Array.from({ length: WIDTH * HEIGHT }, (_, at) =>
      lightAt(at % WIDTH, Math.floor(at / WIDTH)),
    );
    const picture = blurred(sharp);
    for (let frame = 0; frame < FRAMES; frame++) {
      const bytes = Buffer.alloc(FRAME_BYTES, 128);
      bytes.write(FRAME, 'latin1');
      for (let at = 0; at < picture.length; at++)
        bytes[FRAME.length + at] = picture[at]! + this.random.below(NOISE) - NOISE / 2;
      writeSync(this.file, bytes, 0, bytes.length, HEADER.length + frame * FRAME_BYTES);
    }
  }
}

/** Out of focus: each point is the mean of the nine around it. */
function blurred(sharp: Float32Array): Float32Array {
  return sharp.map((light, at) => {
    let sum = 0;
    for (const down of [-WIDTH, 0, WIDTH])
      for (const across of [-1, 0, 1]) sum += sharp[at + down + across] ?? light;
    return sum / 9;
  });
}
