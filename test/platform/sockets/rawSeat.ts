/** A seat in a room taken byte by byte: what no SDK would send. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { decode } from '@colyseus/schema';
import { pack, unpack } from 'msgpackr';
import { eventually } from '../../support/seat.ts';
import type { RunningServer } from '../../support/server.ts';

export const KIND = { join: 10, leave: 12, data: 13, ping: 18, request: 21, response: 22 } as const;
export const OPCODE = { more: 0, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface Reservation {
  processId: string;
  roomId: string;
  sessionId: string;
}

export interface Frame {
  opcode: number;
  payload: Buffer;
}

export interface Response {
  requestId: number;
  status: number;
  payload: unknown;
}

export async function reserve(server: RunningServer, token: string, campaignId = 1): Promise<Reservation> {
  const response = await fetch(`${server.origin}/matchmake/joinOrCreate/campaign`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ campaign_id: campaignId }),
  });
  assert.equal(response.status, 200);
  return (await response.json()) as Reservation;
}

export function pathTo({ processId, roomId, sessionId }: Reservation): string {
  return `/${processId}/${roomId}?sessionId=${sessionId}`;
}

/** A masked frame, as clients send them; the mask is zero. */
export function frame(payload: Buffer, opcode: number = OPCODE.binary, isFinal = true): Buffer {
  const { length } = payload;
  const first = (isFinal ? 0x80 : 0) | opcode;
  const mask = Buffer.alloc(4);
  if (length < 126) return Buffer.concat([Buffer.from([first, 0x80 | length]), mask, payload]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = 0x80 | (length < 65_536 ? 126 : 127);
  if (length < 65_536) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, mask, payload]);
}

export function request(requestId: number, type: string, payload?: unknown): Buffer {
  const body = payload === undefined ? Buffer.alloc(0) : payload instanceof Buffer ? payload : pack(payload);
  return Buffer.concat([Buffer.from([KIND.request]), numberOf(requestId), textOf(type), body]);
}

export function numberOf(value: number): Buffer {
  if (value < 128) return Buffer.from([value]);
  const bytes = Buffer.alloc(5);
  bytes[0] = 0xce;
  bytes.writeUInt32LE(value, 1);
  return bytes;
}

export function textOf(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length < 32) return Buffer.concat([Buffer.from([0xa0 | bytes.length]), bytes]);
  const head = Buffer.alloc(5);
  head[0] = 0xdb;
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** One connection, upgraded or refused. */
export class RawSocket {
  /** The answer to the upgrade. */
  head = '';
  closeCode: number | undefined;
  isEnded = false;
  readonly frames: Frame[] = [];
  private unread: Buffer = Buffer.alloc(0);

  static async open(server: RunningServer, path: string, headers = ''): Promise<RawSocket> {
    const stream = connect(Number(new URL(server.origin).port), '127.0.0.1');
    const socket = new RawSocket(stream);
    await once(stream, 'connect');
    stream.write(
      `GET ${path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${headers}` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await eventually(() => assert.ok(socket.head !== '' || socket.isEnded));
    return socket;
  }

  /** Connected and joined, with the first state received. */
  static async join(server: RunningServer, token: string): Promise<RawSocket> {
    const socket = await RawSocket.open(server, pathTo(await reserve(server, token)));
    await socket.acknowledge();
    return socket;
  }

  private constructor(readonly stream: Socket) {
    stream.on('data', (chunk: Buffer) => this.read(chunk));
    stream.on('error', () => undefined);
    stream.on('close', () => (this.isEnded = true));
  }

  get status(): number {
    return Number(/^HTTP\/1\.1 (\d+)/.exec(this.head)?.[1]);
  }

  async acknowledge(): Promise<void> {
    await eventually(() => assert.ok(this.messages(KIND.join).length > 0));
    this.stream.write(frame(Buffer.from([KIND.join])));
    await eventually(() => assert.ok(this.messages(14).length > 0));
  }

  messages(kind: number): Buffer[] {
    return this.frames
      .filter(({ opcode, payload }) => opcode === OPCODE.binary && (payload[0]! & 0x1f) === kind)
      .map(({ payload }) => payload);
  }

  responses(): Response[] {
    return this.messages(KIND.response).map((payload) => {
      const at = { offset: 1 };
      const requestId = decode.number(payload, at);
      const status = payload[at.offset++]!;
      const body = payload.subarray(at.offset);
      return { requestId, status, payload: body.length === 0 ? undefined : (unpack(body) as unknown) };
    });
  }

  send(requestId: number, type: string, payload?: unknown): void {
    this.stream.write(frame(request(requestId, type, payload)));
  }

  /** Sends one request and waits for its answer. */
  async ask(requestId: number, type: string, payload?: unknown): Promise<Response> {
    this.send(requestId, type, payload);
    return this.answerTo(requestId);
  }

  async answerTo(requestId: number): Promise<Response> {
    let found: Response | undefined;
    await eventually(() => {
      found = this.responses().find((response) => response.requestId === requestId);
      assert.ok(found !== undefined, `request ${requestId} is not answered`);
    });
    return found!;
  }

  /** Sends as fast as the network takes it, until the end or the deadline. */
  async flood(bytes: Buffer, deadlineMs: number): Promise<number> {
    let sent = 0;
    while (!this.isEnded && this.closeCode === undefined && Date.now() < deadlineMs) {
      if (this.stream.writableLength < 1_000_000) {
        this.stream.write(bytes);
        sent += bytes.length;
      }
      await new Promise(setImmediate);
    }
    return sent;
  }

  async ended(): Promise<number | undefined> {
    await eventually(() =>
      assert.ok(this.isEnded || this.closeCode !== undefined, 'the connection stays open'),
    );
    return this.closeCode;
  }

  destroy(): void {
    this.stream.destroy();
  }

  private read(chunk: Buffer): void {
    this.unread = Buffer.concat([this.unread, chunk]);
    if (this.head === '') {
      const end = this.unread.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.head = this.unread.subarray(0, end).toString('latin1');
      this.unread = this.unread.subarray(end + 4);
    }
    if (this.status !== 101) return;
    for (let read = readFrame(this.unread); read !== undefined; read = readFrame(this.unread)) {
      this.unread = this.unread.subarray(read.length);
      this.frames.push(read.frame);
      const { opcode, payload } = read.frame;
      if (opcode === OPCODE.close) this.closeCode = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
    }
  }
}

function readFrame(bytes: Buffer): { frame: Frame; length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 0x7f;
  const start = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < start) return undefined;
  const size =
    short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
  if (bytes.length < start + size) return undefined;
  const payload = bytes.subarray(start, start + size);
  return { frame: { opcode: bytes[0]! & 0x0f, payload }, length: start + size };
}
