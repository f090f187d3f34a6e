import { setTimeout as sleep } from 'node:timers/promises';
import { matchMaker, type AuthContext, type IRoomCache } from '@colyseus/core';
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { roomIdOf, type RoomDirectory, type RoomName } from './roomDirectory.ts';

const TRIES = 4;
const PAUSE_MS = 15;

type Seat = Awaited<ReturnType<typeof matchMaker.joinById>>;
interface Joining {
  clientOptions: unknown;
  authContext: AuthContext | undefined;
}

/**
 * Finds joining clients their seats: in the room they asked for, or, when that is full, in an audience room of it on the
 * node with the fewest clients. The client cannot tell which it got.
 */
export class Seats {
  constructor(
    private readonly directory: RoomDirectory,
    /** Room type → the type of its audience rooms, whose ids are <type>-<key>-<number>. */
    private readonly audiences: Readonly<Record<string, string>>,
  ) {}

  /** @throws AppError, or the matchmaker's refusal */
  async take(name: RoomName, clientOptions: unknown, authContext: AuthContext | undefined): Promise<Seat> {
    const joining = { clientOptions, authContext };
    const seat = await this.seatIn(name, joining);
    if (seat !== undefined) return seat;
    const audience = this.audiences[name.type];
    if (audience === undefined) throw new AppError('BUSY');
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const place = await this.chooseAudience({ ...name, type: audience });
      const inAudience = await this.seatIn(place, joining);
      if (inAudience !== undefined) return { ...inAudience, name: name.type };
    }
    throw new AppError('BUSY');
  }

  /** Opens the room unless it is open and reserves a seat there; undefined when it is full. */
  private async seatIn(name: RoomName, { clientOptions, authContext }: Joining): Promise<Seat | undefined> {
    for (let attempt = 1; ; attempt++) {
      const roomId = await this.directory.ensure(name);
      try {
        return await matchMaker.joinById(roomId, clientOptions, authContext);
      } catch (error) {
        if (attempt === TRIES || !isPassing(error)) throw error;
        const [listing] = await this.directory.listings([roomId]);
        if (listing !== undefined && isFull(listing)) return undefined;
        // No seat from an owner in another process: it may be stopped, with its connection still open.
        await this.directory.replaceSilent(name);
        await sleep(PAUSE_MS);
      }
    }
  }

  private async chooseAudience({ type, key }: RoomName): Promise<RoomName> {
    const names = Array.from({ length: LIMITS.audiencesPerCampaign }, (_, at) => ({
      type,
      key: `${key}-${at + 1}`,
    }));
    const [listings, loads] = await Promise.all([
      this.directory.listings(names.map(roomIdOf)),
      this.directory.loads(),
    ]);
    const place = leastLoaded(loads, listings);
    const withSeats = (at: number) => {
      const listing = listings[at];
      return listing !== undefined && !isFull(listing) && loads.has(listing.processId);
    };
    const chosen =
      names.find((_, at) => withSeats(at) && listings[at]?.processId === place) ??
      names.find((_, at) => listings[at] === undefined) ??
      names.find((_, at) => withSeats(at));
    if (chosen === undefined) throw new AppError('BUSY');
    return { ...chosen, place };
  }
}

/** Loads are a second old; who has come to the audience since is known better by its listings. */
function leastLoaded(
  loads: ReadonlyMap<string, number>,
  listings: readonly (IRoomCache | undefined)[],
): string {
  const seated = new Map<string, number>();
  for (const listing of listings) {
    if (listing !== undefined)
      seated.set(listing.processId, (seated.get(listing.processId) ?? 0) + listing.clients);
  }
  const weightOf = (processId: string) => Math.max(loads.get(processId) ?? 0, seated.get(processId) ?? 0);
  const [first] = [...loads.keys()].sort((a, b) => weightOf(a) - weightOf(b));
  return first ?? matchMaker.processId;
}

function isFull({ clients, maxClients }: IRoomCache): boolean {
  return clients >= maxClients;
}

/** The room was full, closing or gone a moment ago. */
function isPassing(error: unknown): boolean {
  return error instanceof Error && /locked|full|available|not found|disposed/.test(error.message);
}
