import type { Database } from '../../platform/database/transaction.ts';
import type { StreamClient } from '../../platform/http/sendEventStream.ts';
import { LIMITS } from '../../platform/limits.ts';
import { frameText, readFrames, type Frame } from './readStream.ts';

/** A comment comes so often: proxies and clients give up on what is silent. */
const HEARTBEAT_MS = 10_000;
const PAGE = 200;

/** What a node has in memory of the stream. */
export interface Memory {
  /** The first frame after a number; undefined: there is none yet. */
  next(after: number): Frame | undefined;
  /** The lowest number that it has, and the one after the highest when it has none. */
  firstId(): number;
}

export interface ListenerOptions {
  client: StreamClient;
  memory: Memory;
  database: Database;
  /** Of all, when absent. */
  types: ReadonlySet<string> | undefined;
  /** The number that it goes on after. */
  after: number;
  /** Nothing can be told of what the client has missed. */
  isLost: boolean;
  onFailure(error: unknown): void;
}

/*
 * One client of the live stream. It has no queue: all that is its own is the number of what it was sent last, and frames are taken
 * from memory as fast as it reads. Memory goes on meanwhile, and what has left it is told as `lagged`.
 *
 *   replaying   what it has missed is older than memory: pages of the table are sent, each when the one before is taken
 *   live        sent from memory, with each event that comes and whenever it has read
 *   ended
 */
export class Listener {
  private state: 'replaying' | 'live' | 'ended' = 'live';
  private lastId: number;
  private isWaiting = false;
  private readonly beating: NodeJS.Timeout;

  constructor(private readonly options: ListenerOptions) {
    const { client, after, isLost, memory } = options;
    this.lastId = after;
    if (isLost) client.send(frameText('resync', after, { last_id: after }));
    else client.send(this.comment('open'));
    this.beating = setInterval(() => this.beat(), HEARTBEAT_MS);
    if (after + 1 < memory.firstId()) void this.replay();
    else this.flush();
  }

  /** Whether there is more in memory than it has taken. */
  get isBehind(): boolean {
    return this.isWaiting;
  }

  /** Sends what is there and can be taken. */
  flush(): void {
    const { client, memory } = this.options;
    if (this.state !== 'live') return;
    for (;;) {
      const frame = memory.next(this.lastId);
      if (frame === undefined) return;
      if (!client.isReady) {
        this.waitForClient();
        return;
      }
      this.send(frame);
    }
  }

  end(): void {
    clearInterval(this.beating);
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.options.client.end();
  }

  private async replay(): Promise<void> {
    const { database, memory, client, onFailure } = this.options;
    this.state = 'replaying';
    try {
      while (this.isReplaying() && this.lastId + 1 < memory.firstId()) {
        const frames = await readFrames(database, this.lastId, PAGE);
        if (frames.length === 0) break;
        for (const frame of frames) {
          if (!client.isReady) await new Promise<void>((resolve) => client.whenReady(resolve));
          if (!this.isReplaying()) return;
          this.send(frame);
        }
      }
      if (!this.isReplaying()) return;
      this.state = 'live';
      this.flush();
    } catch (error) {
      onFailure(error);
      this.end();
    }
  }

  private isReplaying(): boolean {
    return this.state === 'replaying';
  }

  private send({ streamId, type, text }: Frame): void {
    const { client, types } = this.options;
    const dropped = streamId - this.lastId - 1;
    if (dropped > 0) client.send(frameText('lagged', streamId - 1, { dropped, last_id: this.lastId }));
    this.lastId = streamId;
    if (types === undefined || types.has(type)) client.send(text);
  }

  private waitForClient(): void {
    if (this.isWaiting) return;
    this.isWaiting = true;
    this.options.client.whenReady(() => {
      this.isWaiting = false;
      this.flush();
    });
  }

  /** With the number that was reached: a client that wants few types does not fall behind by those that it does not. */
  private beat(): void {
    if (this.options.client.isReady) this.options.client.send(this.comment('heartbeat'));
  }

  private comment(text: string): string {
    return `: ${text}\nid: ${this.lastId}\n\n`;
  }
}

/** The newest frames, no more than may be. */
export class FrameMemory implements Memory {
  private readonly frames: Frame[] = [];
  private bytes = 0;
  private endId = 0;

  /** The highest number that was put in or passed over. */
  get lastId(): number {
    return this.endId;
  }

  firstId(): number {
    return this.frames[0]?.streamId ?? this.endId + 1;
  }

  next(after: number): Frame | undefined {
    let low = 0;
    let high = this.frames.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.frames[middle]!.streamId > after) high = middle;
      else low = middle + 1;
    }
    return this.frames[low];
  }

  add(frame: Frame): void {
    this.frames.push(frame);
    this.bytes += frame.text.length;
    this.endId = frame.streamId;
    while (this.frames.length > LIMITS.eventsInMemory || this.bytes > LIMITS.eventBytesInMemory)
      this.bytes -= this.frames.shift()!.text.length;
  }

  /** Begins anew after a number. */
  passTo(lastId: number): void {
    this.frames.length = 0;
    this.bytes = 0;
    this.endId = lastId;
  }
}
