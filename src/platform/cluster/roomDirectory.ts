import { setTimeout as sleep } from 'node:timers/promises';
import { matchMaker, type IRoomCache } from '@colyseus/core';
import { AppError, asAppError, ERRORS, type ErrorCode } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { measuredTakeovers, type Takeover } from '../measured.ts';
import { untraced } from '../trace.ts';
import { NodeWatch } from './nodeWatch.ts';
import type { Cluster } from './cluster.ts';
import type { KnownRooms } from './knownRooms.ts';
import type { OwnedRoom, OwnerReply } from './ownedRoom.ts';
import { roomIdOf, type RoomName } from './roomName.ts';

/** How long a join or a call waits for a room to be opened or to change hands. */
const PATIENCE_MS = 5000;
const POLL_MS = 15;
/** How often the listings of this process's rooms are looked at. */
const LISTING_CHECK_MS = 1000;

/*
 * Who owns what: finds the room with a fixed id, opens it where there is none, and calls it.
 *
 * Without Redis there is one process and every room is here. With it a room is listed by the process that has it. A listing
 * whose process is gone is removed and the room opened here, at once; a process that is connected but silent is asked once
 * more and then passed over. Either way the new room claims the campaign's next epoch, so that it does not matter for safety
 * whether the old owner was really dead (DRAW-1).
 */
export class RoomDirectory {
  /** Rooms being opened here, so that joins at the same moment share one. */
  private readonly opening = new Map<string, Promise<unknown>>();

  /** Rooms of this process that stay listed. */
  private readonly kept: NodeWatch<string>;
  private readonly known: KnownRooms;

  constructor(
    private readonly cluster: Cluster | undefined,
    { known, logger }: { known: KnownRooms; logger: Logger },
  ) {
    this.known = known;
    this.kept = new NodeWatch({
      intervalMs: LISTING_CHECK_MS,
      look: (roomIds) => this.keepAllListed(roomIds),
      onError: (error) => logger.error({ err: error }, 'the listings could not be kept'),
    });
  }

  /** Opens the room unless it is open. Returns its id. @throws AppError as the room's own refusal to open, or BUSY. */
  async ensure(name: RoomName): Promise<string> {
    const roomId = roomIdOf(name);
    if (isHere(roomId)) return roomId;
    this.known.refuseUnknown(name);
    const { cluster } = this;
    await this.shareOpening(roomId, () =>
      cluster === undefined ? this.openHere(name) : this.find(name, roomId, cluster),
    );
    return roomId;
  }

  /** As `ensure`, for a room that this process has whatever others have. */
  async ensureHere(name: RoomName): Promise<string> {
    const roomId = roomIdOf(name);
    if (isHere(roomId)) return roomId;
    this.known.refuseUnknown(name);
    await this.shareOpening(roomId, async () => {
      // A room that listens to Redis would wait for it to come back.
      await this.cluster?.checkConnected();
      await this.openHere(name);
    });
    return roomId;
  }

  /** Calls the owner of a room, wherever it runs and whatever becomes of it meanwhile. @throws AppError as it refused. */
  async callOwner<T>(name: RoomName, method: string, payload: unknown): Promise<T> {
    const untilMs = performance.now() + PATIENCE_MS;
    for (let attempt = 1; ; attempt++) {
      const reply = (await this.callOnce(name, method, payload)) ?? (await this.openForCall(name));
      if (reply?.ok) return reply.data as T;
      if (reply !== undefined && reply.code !== 'MOVED') throw toError(reply);
      if (performance.now() > untilMs) throw toError(reply ?? MOVED);
      if (reply !== undefined) await sleep(Math.min(POLL_MS * attempt, 100));
    }
  }

  /** After a seat could not be had: takes the room from an owner that does not answer. */
  async replaceSilent(name: RoomName): Promise<void> {
    const roomId = await this.ensure(name);
    if (this.cluster === undefined || isHere(roomId)) return;
    const asked = await this.cluster.findListing(roomId);
    // Without a listing nobody can have been asked for the seat; the next join looks again.
    if (asked === undefined || (await this.cluster.answers(asked))) return;
    await this.takeOver(name, roomId, asked.processId, this.cluster);
  }

  /** Lists a room of this process again when its listing was lost, as after a FLUSHALL. Returns how to end it. */
  keepListed(roomId: string): () => void {
    return this.cluster === undefined ? () => undefined : this.kept.add(roomId);
  }

  private async keepAllListed(roomIds: readonly string[]): Promise<void> {
    const own = roomIds.flatMap((roomId) => listingHere(roomId) ?? []);
    if (this.cluster === undefined || own.length === 0) return;
    const { cluster } = this;
    const doubtful = await cluster.findDoubtful(own);
    await Promise.all(
      doubtful.map(async (listing) => {
        if ((await cluster.findListing(listing.roomId)) === undefined && isHere(listing.roomId))
          await cluster.listings.insert(listing);
      }),
    );
  }

  /** Which of the rooms no living process has. */
  async findClosed(names: readonly RoomName[]): Promise<RoomName[]> {
    const elsewhere = names.filter((name) => !isHere(roomIdOf(name)));
    if (this.cluster === undefined || elsewhere.length === 0) return elsewhere;
    const open = await this.cluster.findServed(elsewhere.map(roomIdOf));
    return elsewhere.filter((name) => !open.has(roomIdOf(name)));
  }

  /** The listing of each room, or undefined where none is open. */
  async listings(roomIds: readonly string[]): Promise<(IRoomCache | undefined)[]> {
    if (this.cluster !== undefined) return this.cluster.findListings(roomIds);
    return roomIds.map(listingHere);
  }

  /** Clients in every living process, as of about a second ago. */
  async loads(): Promise<Map<string, number>> {
    if (this.cluster !== undefined) return this.cluster.loads();
    return new Map([[matchMaker.processId, matchMaker.stats.local.ccu]]);
  }

  /** MOVED: the owner is going, ask again. undefined: no living process has the room. */
  private async callOnce(name: RoomName, method: string, payload: unknown): Promise<OwnerReply | undefined> {
    const roomId = roomIdOf(name);
    const here = matchMaker.getLocalRoomById(roomId) as unknown as OwnedRoom | undefined;
    if (here !== undefined) return here.callHere(method, payload);
    const asked = await this.cluster?.findListing(roomId);
    if (this.cluster === undefined || asked === undefined) return undefined;
    const outcome = await this.cluster.call(asked, method, payload);
    if (outcome.kind === 'answered') return outcome.reply;
    if (outcome.kind === 'gone') return undefined;
    if (!(await this.cluster.answers(asked))) {
      await this.takeOver(name, roomId, asked.processId, this.cluster);
    }
    return MOVED;
  }

  /** undefined: the room can be called. */
  private async openForCall(name: RoomName): Promise<OwnerReply | undefined> {
    try {
      await this.ensure(name);
      return undefined;
    } catch (error) {
      if (error instanceof AppError && error.code === 'MOVED') return MOVED;
      throw error;
    }
  }

  private async shareOpening(roomId: string, open: () => Promise<void>): Promise<void> {
    let opening = this.opening.get(roomId);
    if (opening === undefined) {
      opening = open().finally(() => this.opening.delete(roomId));
      this.opening.set(roomId, opening);
    }
    await opening;
  }

  private async openHere(name: RoomName): Promise<void> {
    await this.known.check(name);
    await openIn(name, matchMaker.processId);
  }

  /** Waits until some process has the room, and opens it when none does. */
  private async find(name: RoomName, roomId: string, cluster: Cluster): Promise<void> {
    const untilMs = performance.now() + PATIENCE_MS;
    let isKnown = false;
    while (performance.now() < untilMs) {
      if (isHere(roomId) || (await isListedAndServed(roomId, cluster))) return;
      if (!isKnown) await this.known.check(name);
      isKnown = true;
      const unlock = await cluster.lockOpening(roomId);
      if (unlock !== undefined) {
        try {
          if (await this.openUnlessServed(name, roomId, cluster)) return;
        } finally {
          await unlock();
        }
      }
      await sleep(POLL_MS);
    }
    throw new AppError('BUSY');
  }

  /** Under the opening lock. Returns false while a living process has the room without a listing, which it will renew. */
  private async openUnlessServed(name: RoomName, roomId: string, cluster: Cluster): Promise<boolean> {
    const listing = await cluster.findListing(roomId);
    const isServed = await cluster.isServed(roomId);
    if (isServed) return listing !== undefined;
    if (listing === undefined) {
      await openIn(name, name.place ?? (await cluster.choosePlace(roomId)));
    } else {
      await this.openInPlace(name, listing, { cluster, because: 'gone' });
    }
    return true;
  }

  /** Opens the room here in place of the process that was asked and kept silent, unless it has another owner by now. */
  private async takeOver(
    name: RoomName,
    roomId: string,
    silentProcessId: string,
    cluster: Cluster,
  ): Promise<void> {
    const unlock = await cluster.lockOpening(roomId);
    if (unlock === undefined) return;
    try {
      const listing = await cluster.findListing(roomId);
      if (listing !== undefined && listing.processId !== silentProcessId) return;
      await this.openInPlace(name, listing, { cluster, because: 'silent' });
    } finally {
      await unlock();
    }
  }

  /** Under the opening lock. */
  private async openInPlace(
    name: RoomName,
    listing: IRoomCache | undefined,
    { cluster, because }: Takeover & { cluster: Cluster },
  ): Promise<void> {
    if (listing !== undefined) await cluster.listings.removeOf(listing.roomId, listing.processId);
    await openIn(name, matchMaker.processId);
    measuredTakeovers.tell({ because });
  }
}

const MOVED = { ok: false, code: 'MOVED' } as const satisfies OwnerReply;

function listingHere(roomId: string): IRoomCache | undefined {
  return matchMaker.getLocalRoomById(roomId)?.['_listing'] as IRoomCache | undefined;
}

function isHere(roomId: string): boolean {
  return matchMaker.getLocalRoomById(roomId) !== undefined;
}

async function isListedAndServed(roomId: string, cluster: Cluster): Promise<boolean> {
  return (await cluster.findListing(roomId)) !== undefined && (await cluster.isServed(roomId));
}

async function openIn({ type, key }: RoomName, processId: string): Promise<void> {
  try {
    // A room is there for longer than for whom it was opened.
    await untraced(() => matchMaker.createRoom(type, { key, processId }));
  } catch (error) {
    throw toAppError(error);
  }
}

/** Where createRoom opens a room: where its opener said (see `openIn`). */
export async function placeOf(_type: string, options: unknown): Promise<string> {
  const { processId } = options as { processId?: unknown };
  return typeof processId === 'string' ? processId : matchMaker.processId;
}

/** This process is going; or another one was quicker to open the room, and has closed it again. */
const PASSING = /(shutting down|is no longer available\.)$/;

/** The framework wraps what onCreate threw: here it keeps the code, from another process only the message. */
function toAppError(error: unknown): AppError {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (PASSING.test(String(message))) return new AppError('MOVED', { cause: error });
  const known = [code, /^(\w+): /.exec(String(message))?.[1]].find(
    (text): text is ErrorCode => typeof text === 'string' && Object.hasOwn(ERRORS, text),
  );
  return known === undefined ? asAppError(error) : new AppError(known, { cause: error });
}

function toError({ code, details, retryAfterSeconds }: Extract<OwnerReply, { ok: false }>): AppError {
  return new AppError(code, { details, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) });
}
