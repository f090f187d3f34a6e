import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ReceivedFrame {
  id: number;
  event: string;
  data: any;
}

/** Server-sent events as a client reads them. */
export class FrameReader {
  readonly frames: ReceivedFrame[] = [];
  readonly comments: string[] = [];
  /** As a browser would send it when it comes again. */
  lastId: string | undefined;
  private rest = '';

  read(text: string): void {
    const blocks = (this.rest + text).split('\n\n');
    this.rest = blocks.pop()!;
    for (const block of blocks) this.readBlock(block);
  }

  /** Waits for the first sign of life. */
  async begun(): Promise<void> {
    while (this.comments.length + this.frames.length === 0) await sleep(5);
  }

  /** Waits until so many frames have come. */
  async until(count: number, withinMs = 8000): Promise<ReceivedFrame[]> {
    const untilMs = performance.now() + withinMs;
    while (this.frames.length < count) {
      assert.ok(performance.now() < untilMs, `${this.frames.length} of ${count} frames have come`);
      await sleep(20);
    }
    return this.frames;
  }

  private readBlock(block: string): void {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      const [name, value] = [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)];
      if (name === '') this.comments.push(value);
      else fields.set(name, value);
    }
    this.lastId = fields.get('id') ?? this.lastId;
    const data = fields.get('data');
    if (data === undefined) return;
    this.frames.push({ id: Number(fields.get('id')), event: fields.get('event')!, data: JSON.parse(data) });
  }
}

export interface OpenStream extends FrameReader {
  status: number;
  headers: Headers;
  /** What it was refused with. */
  code: string | undefined;
  /** Resolves when the server has ended it. */
  ended: Promise<void>;
  close(): void;
}

export interface AskedOfServer {
  token?: string;
  query?: string;
  lastId?: string | number | undefined;
}

export async function openStream(
  origin: string,
  { token, query = '', lastId }: AskedOfServer,
): Promise<OpenStream> {
  const leaving = new AbortController();
  const response = await fetch(`${origin}/api/v3/events/stream${query}`, {
    signal: leaving.signal,
    headers: {
      'Accept-Encoding': 'gzip, br',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(lastId === undefined ? {} : { 'Last-Event-ID': String(lastId) }),
    },
  });
  const reader = new FrameReader();
  const isRefused = response.status !== 200;
  const code = isRefused ? ((await response.json()) as { code: string }).code : undefined;
  return Object.assign(reader, {
    status: response.status,
    headers: response.headers,
    code,
    ended: isRefused ? Promise.resolve() : readAll(response, reader, leaving.signal),
    close: () => leaving.abort(),
  });
}

async function readAll(response: Response, reader: FrameReader, leaving: AbortSignal): Promise<void> {
  const decoder = new TextDecoder();
  try {
    for await (const part of response.body!)
      reader.read(decoder.decode(part as Uint8Array, { stream: true }));
  } catch (error) {
    if (!leaving.aborted) throw error;
  }
}

export interface SlowStream extends FrameReader {
  goOn(): void;
  close(): void;
}

/** A client that takes nothing until it is told to go on. */
export async function listenSlowly(origin: string, token: string): Promise<SlowStream> {
  const reader = new FrameReader();
  const asked = request(`${origin}/api/v3/events/stream`, { headers: { authorization: `Bearer ${token}` } });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.setEncoding('utf8');
  response.pause();
  response.on('data', (text: string) => reader.read(text));
  response.on('error', () => undefined);
  response.pause();
  return Object.assign(reader, { goOn: () => void response.resume(), close: () => asked.destroy() });
}
