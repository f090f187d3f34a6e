import { setTimeout as sleep } from 'node:timers/promises';
import { generateId, matchMaker, type AuthContext, type IRoomCache, type Room } from '@colyseus/core';
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { RoomDirectory } from './roomDirectory.ts';
import { mirrorKeyOf, roomIdOf, type RoomName } from './roomName.ts';

const TRIES = 4;
const PAUSE_MS = 15;
/** How long a seat waits for who asked for it, by the framework's default. */
const SEAT_SECONDS = 15;

type Seat = ReturnType<typeof matchMaker.buildSeatReservation>;
export interface Joining {
  /** As they were parsed: a room keeps them until the seat is taken. */
  options: object;
  authContext: AuthContext;
}

/** What a room answers that is asked for a seat; false when it is full. A seat may be one that the person had already. */
export type SeatOutcome = boolean | { sessionId: string } | { refused: 'TOO_MANY' };

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
  async take(name: RoomName, joining: Joining): Promise<Seat> {
    if (isLocalType(name.type)) return this.takeHere(name, joining);
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

  /** In a room of this process, which is opened only for whom it is there. */
  private async takeHere(name: RoomName, joining: Joining): Promise<Seat> {
    const auth = await authenticateFor(name.type, joining);
    roomTypeOf<LocalRoomType>(name.type).checkJoin(auth, name.key);
    const room = matchMaker.getLocalRoomById(await this.directory.ensureHere(name)) as unknown as
      (SharedRoom & { _listing: IRoomCache }) | undefined;
    if (room === undefined) throw new AppError('MOVED');
    const sessionId = generateId();
    // Not over Redis, where a room of this id in another process would answer as well.
    const seat = seatOf(room._listing, sessionId, await room._reserveSeat(sessionId, joining.options, auth));
    if (seat === undefined) throw new AppError('BUSY');
    return seat;
  }

  /** Opens the room unless it is open and reserves a seat there; undefined when it is full. */
  private async seatIn(name: RoomName, joining: Joining): Promise<Seat | undefined> {
    for (let attempt = 1; ; attempt++) {
      const roomId = await this.directory.ensure(name);
      try {
        return await reserve(roomId, joining);
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
    const names = Array.from({ length: LIMITS.mirrorsPerRoom }, (_, at) => ({
      type,
      key: mirrorKeyOf(key, at + 1),
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

/** A type of rooms that every node has its own of (rooms/kernel/localRoom.ts), as its class tells. */
export interface LocalRoomType {
  readonly isLocal: true;
  /** @throws AppError FORBIDDEN for whom the room with this key is not there */
  checkJoin(auth: unknown, key: RoomName['key']): void;
}

export function isLocalType(type: string): boolean {
  return roomTypeOf<Partial<LocalRoomType> | undefined>(type)?.isLocal === true;
}

/** What a room with shared seats (rooms/kernel/shareSeats.ts) answers. */
interface SharedRoom extends Pick<Room, 'roomId'> {
  _reserveSeat(sessionId: string, options: object, auth: unknown): Promise<SeatOutcome>;
}

/** As the framework's joinById, but that a room knows who holds seats there (rooms/shareSeats.ts). */
async function reserve(roomId: string, joining: Joining): Promise<Seat> {
  const room = (await matchMaker.driver.findOne({ roomId })) as IRoomCache | undefined;
  if (room === undefined) throw new Error(`${roomId} is not found`);
  if (room.locked) throw new Error(`${roomId} is locked`);
  const auth = await authenticateFor(room.name, joining);
  const sessionId = generateId();
  const asked = [sessionId, joining.options, auth];
  const outcome = await matchMaker.remoteRoomCall<SharedRoom, '_reserveSeat'>(roomId, '_reserveSeat', asked);
  const seat = seatOf(room, sessionId, outcome);
  if (seat === undefined) throw new Error(`${roomId} is full`);
  return seat;
}

/** What every room type here asks of who joins. */
function authenticateFor(type: string, { options, authContext }: Joining): Promise<unknown> {
  return roomTypeOf<typeof Room>(type).onAuth(authContext.token ?? '', options, authContext);
}

/** undefined: the room is full. */
function seatOf(room: IRoomCache, sessionId: string, outcome: SeatOutcome): Seat | undefined {
  if (outcome === false) return undefined;
  if (outcome === true) return matchMaker.buildSeatReservation(room, sessionId);
  if ('sessionId' in outcome) return matchMaker.buildSeatReservation(room, outcome.sessionId);
  throw new AppError('RATE_LIMITED', { retryAfterSeconds: SEAT_SECONDS });
}

function roomTypeOf<Type>(type: string): Type {
  return matchMaker.getRoomClass(type) as unknown as Type;
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

/** The room was full, closing, gone or silent a moment ago. */
function isPassing(error: unknown): boolean {
  if (error instanceof AppError || !(error instanceof Error)) return false;
  return /locked|full|available|not found|disposed|timeout|timed out/.test(error.message);
}
