/*
 * How a node's guests leave it before it ends (RO-2).
 *
 *   staying → leaving → emptying
 *
 * leaving: the node is not ready, and on no list of places: other nodes open nothing here any more. Everything that is here goes on.
 * emptying: its rooms are full for whoever comes, who is seated in an audience room elsewhere instead; those who sit here are told one
 *   after the other that their room has moved, evenly over a time, so that they do not come back all at once. Owners decide until the
 *   last of their guests has gone.
 *
 * Where there is no other node nobody is sent anywhere.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../logger.ts';

export interface DepartingRoom {
  /** Whoever asks for a seat finds the room full. */
  refuseSeats(): void;
  /** Those who sit here now. */
  readonly guests: readonly Guest[];
}

export interface Guest {
  /** Tells them to come again elsewhere. */
  tellMoved(): void;
  /** Whether they wait for an answer. */
  readonly isOwed: boolean;
  /** Ends the connection, if it has not ended yet. */
  close(): void;
}

export interface OtherNodes {
  /** This one is on no list of places any more. */
  leaveLists(): Promise<void>;
  hasOthers(): Promise<boolean>;
}

export interface Emptying {
  /** From the first guest to the last. */
  spreadMs: number;
  /** Sends nobody any more. */
  stopping: AbortSignal;
}

/** What somebody who was told to go gets to find another node, and for the answers that they are owed. */
const GRACE_MS = 1000;
const OWED_MS = 3000;
const LOOK_MS = 50;

export class Departure {
  private readonly rooms = new Set<DepartingRoom>();
  private hasBegun = false;

  /** @param others undefined: there are none. */
  constructor(
    private readonly others: OtherNodes | undefined,
    private readonly logger: Logger,
  ) {}

  get isLeaving(): boolean {
    return this.hasBegun;
  }

  /** @returns how to take it away again */
  add(room: DepartingRoom): () => void {
    this.rooms.add(room);
    return () => void this.rooms.delete(room);
  }

  /** staying → leaving. */
  async begin(): Promise<void> {
    this.hasBegun = true;
    await this.others?.leaveLists().catch((error: unknown) => {
      this.logger.warn({ err: error }, 'other nodes could not be told that this one leaves');
    });
  }

  /** leaving → emptying. @returns how many were sent away, once they have gone */
  async empty({ spreadMs, stopping }: Emptying): Promise<number> {
    if (spreadMs === 0 || !(await this.isAnybodyElse())) return 0;
    for (const room of this.rooms) room.refuseSeats();
    const guests = [...this.rooms].flatMap((room) => room.guests);
    const startMs = performance.now();
    const going: Promise<void>[] = [];
    for (const [at, guest] of guests.entries()) {
      const dueMs = startMs + (at * spreadMs) / guests.length;
      await sleep(Math.max(0, dueMs - performance.now()), undefined, { signal: stopping }).catch(
        () => undefined,
      );
      if (stopping.aborted) break;
      going.push(sendAway(guest, stopping));
    }
    await Promise.all(going);
    return going.length;
  }

  private async isAnybodyElse(): Promise<boolean> {
    if (this.others === undefined) return false;
    try {
      return await this.others.hasOthers();
    } catch {
      // Without Redis nobody finds them.
      return false;
    }
  }
}

async function sendAway(guest: Guest, stopping: AbortSignal): Promise<void> {
  guest.tellMoved();
  const toldMs = performance.now();
  const isOwed = () => guest.isOwed && performance.now() - toldMs < OWED_MS;
  while (!stopping.aborted && (performance.now() - toldMs < GRACE_MS || isOwed())) await sleep(LOOK_MS);
  if (!stopping.aborted) guest.close();
}
