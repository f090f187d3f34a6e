import type { Room } from '@colyseus/sdk';
import { asKaijiangError, KaijiangError, requestError } from './kaijiangError.ts';
import { deferred, sleep } from './patience.ts';

const CLOSED_ABNORMALLY = 1006;
const PULSE_MS = 2500;
/** After such a silence the server is asked for a sign of life, and given up when none came for as long again. */
const SILENCE_MS = 5000;
/** What a room that has moved gets for the answers it still owes, and a room that is left to say goodbye. */
const MOVED_GRACE_MS = 10_000;
const LEAVE_GRACE_MS = 2000;

/** How a visit ended: with the code of the closed connection, or because the room asked to come again elsewhere. */
export interface Loss {
  closeCode: number | undefined;
}

export interface VisitListener<State> {
  state(state: State): void;
  message(type: string | number, payload: unknown): void;
}

/*
 * One connection to one room, from the join to its loss.
 *
 * here → lost (`moved`, closed, or dead) → over (nothing more is answered). After `moved` the room still answers what it
 * owes until it closes; in all other cases lost and over are one. `lost` is told once, and no state or message after it.
 */
export class Visit<State> {
  private readonly loss = deferred<Loss>();
  private readonly arrival = deferred<void>();
  private isLost = false;
  private isOver = false;
  /** Requests under way. A closing handshake with a dead server takes long; they are not left to wait for it. */
  private readonly unanswered = new Set<(error: KaijiangError) => void>();
  private heardMs = Date.now();
  private pingedMs: number | undefined;
  private readonly pulse: ReturnType<typeof setInterval>;
  private grace: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly room: Room,
    listener: VisitListener<State>,
  ) {
    this.pulse = setInterval(() => this.checkPulse(), PULSE_MS);
    // It would try the dead address for a minute, where joining anew leads to wherever the room is now.
    room.reconnection.enabled = false;
    room.onStateChange((state: State) => {
      this.heardMs = Date.now();
      if (this.isLost) return;
      listener.state(state);
      this.arrival.resolve();
    });
    room.onMessage('*', (type, payload: unknown) => {
      this.heardMs = Date.now();
      if (this.isLost) return;
      if (type === 'moved') this.moveOn();
      else listener.message(type, payload);
    });
    room.onLeave((closeCode) => this.end(closeCode));
  }

  get lost(): Promise<Loss> {
    return this.loss.promise;
  }

  /** The first whole state has arrived. */
  get shown(): Promise<void> {
    return this.arrival.promise;
  }

  /** @throws KaijiangError as refused, or UNREACHABLE when no answer came. */
  request<Reply>(type: string, payload: unknown): Promise<Reply> {
    // Whoever asks again must find a new connection instead: the event of this one's end may be yet to come.
    if (!this.room.connection.isOpen) this.end(CLOSED_ABNORMALLY);
    if (this.isOver) return Promise.reject(asKaijiangError(new Error('the connection is closed')));
    const { promise, resolve, reject } = deferred<Reply>();
    this.unanswered.add(reject);
    void this.room
      .request<unknown, Reply>(type, payload)
      .then(resolve, (error: unknown) => reject(requestError(error)))
      .finally(() => this.unanswered.delete(reject));
    return promise;
  }

  async leave(): Promise<void> {
    if (!this.isOver && this.room.connection.isOpen) {
      const waiting = new AbortController();
      await Promise.race([this.room.leave(), sleep(LEAVE_GRACE_MS, waiting.signal)]);
      waiting.abort();
    }
    this.end(CLOSED_ABNORMALLY);
  }

  /** Gives the connection up, whatever the server may still do with it. */
  end(closeCode: number): void {
    this.lose({ closeCode });
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.grace);
    this.room.connection.close();
    const error = new KaijiangError('UNREACHABLE', { message: `the connection was closed (${closeCode})` });
    for (const reject of this.unanswered) reject(error);
    this.unanswered.clear();
  }

  private moveOn(): void {
    this.lose({ closeCode: undefined });
    this.grace = setTimeout(() => this.end(CLOSED_ABNORMALLY), MOVED_GRACE_MS);
  }

  private lose(loss: Loss): void {
    if (this.isLost) return;
    this.isLost = true;
    clearInterval(this.pulse);
    this.loss.resolve(loss);
  }

  /** Finds a server that is frozen, or a network that is gone: nothing would ever close such a connection. */
  private checkPulse(): void {
    const nowMs = Date.now();
    if (this.pingedMs !== undefined && this.heardMs >= this.pingedMs) this.pingedMs = undefined;
    if (this.pingedMs !== undefined && nowMs - this.pingedMs >= SILENCE_MS) this.end(CLOSED_ABNORMALLY);
    else if (this.pingedMs === undefined && nowMs - this.heardMs >= SILENCE_MS) {
      this.pingedMs = nowMs;
      this.room.ping(() => (this.heardMs = Date.now()));
    }
  }
}
