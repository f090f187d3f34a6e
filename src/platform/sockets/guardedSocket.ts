/*
 * A WebSocket whose client can take no more of the server than its share (ROOM-6): what it sends is counted before anything
 * is decoded, and what it does not read is not kept for it.
 *
 *   joining → open ⇄ held → closing
 *
 * joining: until the client has acknowledged its join, which is all it may send. Over its bytes or its time: closing.
 * held: it sent more than its bound, or has too many requests unanswered. Nothing more is read from the network (the client
 *   feels it by TCP); what was read already waits in order and is passed on as the bound allows. Too many waiting, or held
 *   for too long in all: closing.
 * closing: a code is on its way; nothing is read or passed on any more, and the end comes in any case.
 *
 * Messages reach the room in the order they came. Whoever keeps to the bound is never held. The time spent held is counted by
 * runs of a timer, so that a server which stood still does not take that for its clients' fault.
 *
 * What one turn sends is gathered and goes out as one write: a group commit tells everybody of many messages at once, and it is the
 * writes that cost the most of telling.
 */
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { Protocol } from '@colyseus/core';
import { WebSocket } from 'ws';
import { LIMITS } from '../limits.ts';
import { CLOSE_CODES } from './closeCodes.ts';
import type { ConnectionBounds } from './connectionBounds.ts';
import { kindOf, refusalOf } from './inboundMessage.ts';
import { settled } from './outboundMessage.ts';
import { TokenBucket } from './tokenBucket.ts';

const HELD_RUN_MS = 25;
/** Of one turn, of one connection: more is not gathered, and is sent as far as the network takes it. */
const GATHERED_BYTES = 64 * 1024;
/** What a client gets to read its close code. */
export const CLOSING_MS = 3000;
const PING_EVERY_BEATS = 3;
/** Pings without a pong after which nobody is there any more. */
const MISSED_PINGS = 2;
/** How often the server looks after every connection. */
export const BEAT_MS = 1000;

export interface Guarding {
  /** The connection below the WebSocket. */
  stream: Duplex;
  bounds: ConnectionBounds;
  /** What the client said it reads best. */
  acceptLanguage: string | undefined;
}

/** Connections that were sent something in this turn. */
let gathering: GuardedSocket[] = [];

function sendGathered(): void {
  const sockets = gathering;
  gathering = [];
  for (const socket of sockets) socket.sendGathered();
}

export class GuardedSocket extends WebSocket {
  private guarding: Guarding | undefined;
  private messages!: TokenBucket;
  private bytes!: TokenBucket;
  private patience!: TokenBucket;
  private hasJoined = false;
  private isGathering = false;
  private isClosing = false;
  private joiningBytes = 0;
  private beats = 0;
  private unanswered = 0;
  private waiting: Buffer[] = [];
  private holding: NodeJS.Timeout | undefined;
  private pinged: Buffer | undefined;
  private missedPings = 0;

  /** Begins to guard, before the first byte is read. */
  guard(guarding: Guarding): void {
    const nowMs = performance.now();
    const runs = LIMITS.heldMs / HELD_RUN_MS;
    this.guarding = guarding;
    this.messages = new TokenBucket(guarding.bounds.messages, nowMs);
    this.bytes = new TokenBucket(guarding.bounds.bytes, nowMs);
    this.patience = new TokenBucket({ perSecond: 1000 / HELD_RUN_MS / 10, burst: runs }, nowMs);
    // Heard after the WebSocket's own listener: one read of the network, of 64 KiB at most, is parsed before it counts.
    guarding.stream.on('data', (chunk: Buffer) => this.countBytes(chunk.length));
    this.once('close', () => clearTimeout(this.holding));
  }

  /** Whatever the client sends passes here, before the room's listeners get it. */
  override emit(event: string | symbol, ...given: unknown[]): boolean {
    if (this.guarding === undefined) return super.emit(event, ...given);
    switch (event) {
      case 'message':
        this.receive(given[0] as Buffer);
        return true;
      case 'ping':
        if (this.isClosing) return true;
        if (this.messages.take(performance.now())) this.pong(given[0]);
        else this.hold();
        return true;
      case 'pong':
        this.hearPong(given[0] as Buffer);
        return true;
      default:
        return super.emit(event, ...given);
    }
  }

  override send(data: Uint8Array | string, ...rest: unknown[]): void {
    if (typeof data !== 'string' && data[0] === Protocol.ROOM_RESPONSE) this.unanswered -= 1;
    this.gather();
    super.send(typeof data === 'string' ? data : settled(data), ...(rest as []));
    if (this.bufferedAmount > GATHERED_BYTES) this.sendGathered();
    if (this.bufferedAmount > LIMITS.unsentBytes) this.end(CLOSE_CODES.TOO_SLOW, 'too much is left unread');
  }

  /** Whether there is something that was asked and is not answered. */
  get isOwed(): boolean {
    return this.unanswered > 0 || this.waiting.length > 0;
  }

  /** What was held back of this turn. */
  sendGathered(): void {
    if (!this.isGathering) return;
    this.isGathering = false;
    this.guarding!.stream.uncork();
  }

  /** Whoever is sent away is not listened to any more, however long they take to go. */
  override close(code?: number, reason?: string | Buffer): void {
    this.isClosing = true;
    super.close(code, reason);
  }

  /** Looks after the connection; called every BEAT_MS. */
  beat(): void {
    if (this.isClosing || this.readyState !== WebSocket.OPEN) return;
    this.beats += 1;
    if (!this.hasJoined && this.beats * BEAT_MS > LIMITS.joinAcknowledgementMs)
      this.end(CLOSE_CODES.TOO_SLOW, 'the join was not acknowledged');
    else if (this.bufferedAmount > LIMITS.unsentBytes)
      this.end(CLOSE_CODES.TOO_SLOW, 'too much is left unread');
    // While nothing is read, no pong can be.
    else if (this.holding === undefined && this.beats % PING_EVERY_BEATS === 0) this.askForPong();
  }

  /** Closes with a code that the client may read for a moment, and then in any case. */
  end(code: number, reason: string): void {
    if (this.isClosing) return;
    this.isClosing = true;
    this.waiting = [];
    clearTimeout(this.holding);
    if (this.readyState !== WebSocket.OPEN) return;
    this.close(code, reason);
    this.pause();
    const timer = setTimeout(() => this.terminate(), CLOSING_MS);
    this.once('close', () => clearTimeout(timer));
  }

  private gather(): void {
    if (this.isGathering || this.guarding === undefined) return;
    this.isGathering = true;
    this.guarding.stream.cork();
    if (gathering.push(this) === 1) process.nextTick(sendGathered);
  }

  private receive(message: Buffer): void {
    if (this.isClosing) return;
    if (this.waiting.length === 0 && this.mayPass(performance.now())) this.pass(message);
    else if (this.waiting.length === LIMITS.heldMessages) this.end(CLOSE_CODES.TOO_FAST, 'too many messages');
    else {
      this.waiting.push(message);
      this.hold();
    }
  }

  private mayPass(nowMs: number): boolean {
    return this.unanswered < this.guarding!.bounds.unanswered && this.messages.take(nowMs);
  }

  private pass(message: Buffer): void {
    const kind = kindOf(message);
    if (!this.hasJoined) {
      // Before the room listens there is nothing to acknowledge.
      if (this.listenerCount('message') === 0) return;
      if (kind === Protocol.JOIN_ROOM) this.hasJoined = true;
      else if (kind !== Protocol.LEAVE_ROOM) {
        this.end(CLOSE_CODES.TOO_SLOW, 'the join was not acknowledged');
        return;
      }
    }
    if (kind === Protocol.ROOM_REQUEST) this.unanswered += 1;
    const refusal = refusalOf(message, this.guarding!.acceptLanguage);
    if (refusal === 'ignored') return;
    if (refusal !== undefined) this.send(refusal);
    else super.emit('message', message, true);
  }

  private countBytes(amount: number): void {
    const nowMs = performance.now();
    this.bytes.charge(amount, nowMs);
    if (this.isClosing) {
      // Sent away, and floods on: what is left of its time it may spend unread.
      if (this.bytes.isInDebt(nowMs)) this.pause();
    } else if (!this.hasJoined && (this.joiningBytes += amount) > LIMITS.joiningBytes)
      this.end(CLOSE_CODES.TOO_LARGE, 'too much before the join');
    else if (this.bytes.isInDebt(nowMs)) this.hold();
  }

  private hold(): void {
    if (this.holding !== undefined || this.isClosing) return;
    this.pause();
    this.holding = setTimeout(() => this.goOn(), HELD_RUN_MS);
  }

  private goOn(): void {
    this.holding = undefined;
    if (this.isClosing) return;
    const nowMs = performance.now();
    while (this.waiting.length > 0 && this.mayPass(nowMs)) {
      this.pass(this.waiting.shift()!);
      if (this.isClosing) return;
    }
    if (!this.patience.take(nowMs)) this.end(CLOSE_CODES.TOO_FAST, 'too many messages for too long');
    else if (this.waiting.length > 0 || this.bytes.isInDebt(nowMs)) this.hold();
    else this.resume();
  }

  /** What nobody can know who has not read the ping is in it: a client that does not read is not kept alive by pongs. */
  private askForPong(): void {
    if (this.missedPings === MISSED_PINGS) {
      this.terminate();
      return;
    }
    this.missedPings += 1;
    this.pinged = randomBytes(8);
    this.ping(this.pinged);
  }

  private hearPong(payload: Buffer): void {
    if (this.isClosing) return;
    if (this.pinged?.equals(payload) === true) {
      this.pinged = undefined;
      this.missedPings = 0;
    } else if (!this.messages.take(performance.now())) this.hold();
  }
}
