/**
 * A seat in a room that costs its process as little as one can: what it is told is handed on as it came, and only answers are
 * decoded. The stock SDK would take more of a shared machine for receiving than the server does for sending.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { decode } from '@colyseus/schema';
import { Protocol, ResponseStatus } from '@colyseus/core';
import { pack, unpack } from 'msgpackr';
import { WebSocket } from 'ws';

/** The framework keeps modifiers in the upper bits. */
const KIND_BITS = 0x1f;
/** Names of messages are short texts, of which the length is in the first byte. */
const SHORT_TEXT = 0xa0;
const MOST_SHORT = 31;
const BUSY = 503;
const MAX_TRIES = 60;
const RETRY_MS = 500;

export interface Seating {
  url: string;
  room: string;
  options: object;
  token: string;
}

interface Reservation {
  processId: string;
  roomId: string;
  sessionId: string;
  publicAddress?: string;
}

interface Asked {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

export class LeanSeat {
  private readonly asked = new Map<number, Asked>();
  private requests = 0;
  private isLeaving = false;

  /**
   * @param heard is given each message of the room with its name still in it (`isNamed`)
   * @param came is given everything that comes over the socket, of whatever kind
   * @throws Error with the refusal's text
   */
  static async take(
    { url, room, options, token }: Seating,
    heard: (message: Buffer) => void,
    came?: (frame: Buffer) => void,
  ): Promise<LeanSeat> {
    const { processId, roomId, sessionId, publicAddress } = await reserve({ url, room, options, token });
    // Of a cluster it may be another node than the one that was asked.
    const host = publicAddress ?? new URL(url).host;
    const address = `ws://${host}/${processId}/${roomId}?sessionId=${sessionId}`;
    const socket = new WebSocket(address, {
      perMessageDeflate: false,
      headers: { authorization: `Bearer ${token}` },
    });
    const seat = new LeanSeat(socket, roomId, heard);
    if (came !== undefined) socket.on('message', came);
    await seat.joined;
    return seat;
  }

  private readonly joined: Promise<void>;

  private constructor(
    private readonly socket: WebSocket,
    readonly roomId: string,
    private readonly heard: (message: Buffer) => void,
  ) {
    this.joined = new Promise((resolve, reject) => {
      socket.on('message', (frame: Buffer) => {
        const kind = frame[0]! & KIND_BITS;
        if (kind === Protocol.ROOM_DATA) this.heard(frame);
        else if (kind === Protocol.ROOM_RESPONSE) this.settle(frame);
        else if (kind === Protocol.JOIN_ROOM) {
          socket.send(Buffer.from([Protocol.JOIN_ROOM]));
          resolve();
        } else if (kind === Protocol.ERROR) reject(new Error(`no seat in ${roomId}`));
      });
      socket.on('error', reject);
      socket.on('close', (code: number) => {
        reject(new Error(`${roomId} closed a seat with ${code}`));
        if (this.isLeaving) return;
        // Figures of fewer seats than were asked for would say nothing.
        console.error(`a seat in ${roomId} was lost (${code})`);
        process.exit(1);
      });
    });
  }

  /** @throws Error with the refusal */
  request<Answer>(type: string, payload: unknown): Promise<Answer> {
    const id = (this.requests += 1);
    this.socket.send(
      Buffer.concat([Buffer.from([Protocol.ROOM_REQUEST]), numberOf(id), textOf(type), pack(payload)]),
    );
    return new Promise((resolve, reject) => this.asked.set(id, { resolve: resolve, reject }));
  }

  async leave(): Promise<void> {
    this.isLeaving = true;
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
  }

  private settle(frame: Buffer): void {
    const at = { offset: 1 };
    const id = decode.number(frame, at);
    const status = frame[at.offset];
    const payload = frame.subarray(at.offset + 1);
    const asked = this.asked.get(id);
    this.asked.delete(id);
    const answer: unknown = payload.length === 0 ? undefined : unpack(payload);
    if (status === ResponseStatus.OK) asked?.resolve(answer);
    else asked?.reject(new Error(`refused: ${JSON.stringify(answer)}`));
  }
}

/** As any client: what is busy is asked again. @throws Error with the refusal's text */
async function reserve({ url, room, options, token }: Seating): Promise<Reservation> {
  for (let tries = 1; ; tries++) {
    const response = await fetch(`${url}/matchmake/joinOrCreate/${room}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(options),
    });
    const answer: unknown = await response.json();
    if (response.ok) return answer as Reservation;
    if (response.status !== BUSY || tries === MAX_TRIES)
      throw new Error(`no seat in ${room}: ${JSON.stringify(answer)}`);
    await sleep(RETRY_MS);
  }
}

/** Whether that is the name of a message that was heard. */
export function isNamed(message: Buffer, name: Buffer): boolean {
  return message.compare(name, 0, name.length, 1, 1 + name.length) === 0;
}

/** A name as messages carry it. */
export function textOf(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > MOST_SHORT) throw new RangeError(`${text} is too long`);
  return Buffer.concat([Buffer.from([SHORT_TEXT | bytes.length]), bytes]);
}

/** What a message says, without its name. */
export function payloadOf(message: Buffer, name: Buffer): unknown {
  return unpack(message.subarray(1 + name.length));
}

function numberOf(value: number): Buffer {
  if (value < 128) return Buffer.from([value]);
  const bytes = Buffer.alloc(5);
  bytes[0] = 0xce;
  bytes.writeUInt32LE(value, 1);
  return bytes;
}
