import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { matchMaker, type IRoomCache } from '@colyseus/core';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { AppError, ERRORS, type ErrorCode } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { OwnerReply } from './ownedRoom.ts';
import { countSubscribers, PROCESSES, readProcesses, type ProcessLoad } from './processes.ts';
import { GuardedPresence } from './guardedPresence.ts';
import type { RedisClients } from './redisClients.ts';
import { LISTINGS, parseListing, RoomListings } from './roomListings.ts';

/** An owner that has not answered for this long is asked whether it lives. */
const CALL_LIMIT_MS = 1000;
const PING_LIMIT_MS = 800;
/** How often a pending call looks whether its owner's process still holds its channel. */
const WATCH_INTERVAL_MS = 40;
const OPENING_LIMIT_MS = 10_000;

/** What a listing tells whoever looks for the room. */
const SHOWN_FIELDS = ['name', 'publicAddress', 'locked', 'private'] as const;

const UNLOCK = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/** ARGV: room id, the row as it was read. */
const REMOVE_ROW = `if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then return redis.call('HDEL', KEYS[1], ARGV[1]) end return 0`;

const replyShape = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), callId: z.string(), data: z.unknown().optional() }),
  z.object({
    ok: z.literal(false),
    callId: z.string(),
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
    details: z.unknown().optional(),
    retryAfterSeconds: z.number().optional(),
  }),
]);

/** Of this process. */
export function ownLoad(): ProcessLoad {
  const { roomCount: rooms, ccu: clients } = matchMaker.stats.local;
  return { processId: matchMaker.processId, rooms, clients };
}

/** A room as it is listed by another process. */
export type RemoteRoom = Pick<IRoomCache, 'roomId' | 'processId'>;

/** What became of a call to another process: its answer, or that nobody was there, or that somebody was and kept silent. */
export type RemoteOutcome = { kind: 'answered'; reply: OwnerReply } | { kind: 'gone' } | { kind: 'silent' };

/*
 * The other processes, as Redis tells of them.
 *
 * Whether a process lives is told by its subscriptions, which Redis drops with the connection of a process that dies; so a
 * dead owner is known of at once, and only one that is stopped but connected has to be waited for.
 *
 * Calls of rooms use the framework's channels. All answers to this process come over one channel of its own and are told
 * apart by a call id: a subscription per call would cost two more round trips each.
 */
export class Cluster {
  readonly presence: GuardedPresence;
  readonly listings: RoomListings;
  /** Does not wait for a lost connection: its commands fail at once, and the caller says BUSY. */
  private readonly commands: Redis;
  private readonly pending = new Map<string, (reply: OwnerReply) => void>();
  private readonly replyChannel = `calls-${randomUUID()}`;
  private isListening: Promise<unknown> | undefined;

  constructor(
    private readonly clients: RedisClients,
    private readonly logger: Logger,
  ) {
    // The framework's own commands wait for the connection to come back; nothing of theirs is in the path of a draw.
    const patient = { maxRetriesPerRequest: null } as const;
    this.presence = new GuardedPresence(clients.open(patient), logger);
    clients.adopt(this.presence.subscriber);
    this.listings = new RoomListings(clients.open(patient), logger);
    this.commands = clients.open({
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      commandTimeout: 2000,
    });
  }

  /** Rejects while Redis does not do what rooms and joins need of it. */
  async checkReady(): Promise<void> {
    await this.clients.checkWritable(this.commands, matchMaker.processId);
  }

  /**
   * The listing of a room. One that is malformed or contradicts the room that is here is taken away, so that the room is
   * listed again: whoever can write to Redis must not be able to close a room with a row.
   */
  async findListing(roomId: string): Promise<IRoomCache | undefined> {
    return this.busyWithoutRedis(async () => {
      const row = await this.commands.hget(LISTINGS, roomId);
      if (row === null) return undefined;
      const listing = parseListing(roomId, row);
      if (listing !== undefined && !(await this.isUntrue(listing))) return listing;
      this.logger.warn({ roomId, row: row.slice(0, 200) }, 'a listing that cannot be true is removed');
      await this.commands.eval(REMOVE_ROW, 1, LISTINGS, roomId, row);
      return undefined;
    });
  }

  async findListings(roomIds: readonly string[]): Promise<(IRoomCache | undefined)[]> {
    return this.busyWithoutRedis(async () => {
      const rows = await this.commands.hmget(LISTINGS, ...roomIds);
      return rows.map((row, at) => (row === null ? undefined : parseListing(roomIds[at]!, row)));
    });
  }

  /** Those of this process's listings that Redis does not have as they are: one command for all of them. */
  async findDoubtful(own: readonly IRoomCache[]): Promise<IRoomCache[]> {
    const listed = await this.findListings(own.map(({ roomId }) => roomId));
    return own.filter((listing, at) => {
      const found = listed[at];
      return (
        found?.processId !== listing.processId ||
        SHOWN_FIELDS.some((field) => found[field] !== listing[field])
      );
    });
  }

  /** Which of the rooms are listed and served by a living process. */
  async findServed(roomIds: readonly string[]): Promise<Set<string>> {
    const [listed, counted] = await Promise.all([
      this.findListings(roomIds),
      this.countSubscribers(...roomIds.map((roomId) => `$${roomId}`)),
    ]);
    return new Set(roomIds.filter((_, at) => listed[at] !== undefined && counted[at] !== 0));
  }

  /** Clients in every living process, as each told it about a second ago. */
  async loads(): Promise<Map<string, number>> {
    return new Map((await this.processes()).map(({ processId, clients }) => [processId, clients]));
  }

  /** Every living process, with what it told about a second ago. */
  async processes(): Promise<ProcessLoad[]> {
    return this.busyWithoutRedis(() => readProcesses(this.commands));
  }

  /** No other process opens anything here any more. */
  leaveLists(): Promise<void> {
    return this.presence.leaveLists(matchMaker.processId);
  }

  /** Whether a living process other than this one takes rooms. */
  async hasOthers(): Promise<boolean> {
    return (await this.processes()).some(({ processId }) => processId !== matchMaker.processId);
  }

  /** Told for rooms of this process only: another process is believed unless nobody but this one serves the room. */
  private async isUntrue({ roomId, ...listing }: IRoomCache): Promise<boolean> {
    const room = matchMaker.getLocalRoomById(roomId);
    if (room === undefined) return false;
    const own = room['_listing'] as IRoomCache;
    if (listing.processId === own.processId) {
      // Mended in place: a row that only lags behind must not be missing for a moment.
      if (SHOWN_FIELDS.some((field) => listing[field] !== own[field])) await this.listings.persist(own);
      return false;
    }
    // Who opens the room in this one's place lists it a moment before it serves it, and holds this lock meanwhile.
    const unlock = await this.lockOpening(roomId);
    if (unlock === undefined) return false;
    try {
      return (await this.countSubscribers(`$${roomId}`))[0]! <= 1;
    } finally {
      await unlock();
    }
  }

  /** @throws AppError BUSY while Redis is away, without waiting for it */
  async checkConnected(): Promise<void> {
    await this.busyWithoutRedis(() => this.commands.ping());
  }

  /** Whether a living process has the room. A stopped one counts as living. */
  async isServed(roomId: string): Promise<boolean> {
    return this.hasSubscriber(`$${roomId}`);
  }

  /** Takes the right to open a room; undefined while another living process has it. Returns how to give it back. */
  async lockOpening(roomId: string): Promise<(() => Promise<void>) | undefined> {
    return this.busyWithoutRedis(async () => {
      const key = `opening:${roomId}`;
      const mine = matchMaker.processId;
      if ((await this.commands.set(key, mine, 'PX', OPENING_LIMIT_MS, 'NX')) !== null) {
        return async () => {
          await this.commands.eval(UNLOCK, 1, key, mine);
        };
      }
      const holder = await this.commands.get(key);
      if (holder !== null && holder !== mine && !(await this.hasSubscriber(`p:${holder}`))) {
        await this.commands.eval(UNLOCK, 1, key, holder);
      }
      return undefined;
    });
  }

  /** Which of the living processes should open a room: the same answer from each of them (rendezvous hashing). */
  async choosePlace(roomId: string): Promise<string> {
    return this.busyWithoutRedis(async () => {
      // A process that shuts down leaves this list first, its channel only when it has closed its rooms.
      const listed = await this.commands.hkeys(PROCESSES);
      const weighed = listed
        .map((processId) => ({
          processId,
          weight: createHash('sha256').update(`${processId}:${roomId}`).digest('hex'),
        }))
        .sort((a, b) => (a.weight < b.weight ? 1 : -1));
      for (const { processId } of weighed) {
        if (await this.hasSubscriber(`p:${processId}`)) return processId;
      }
      return matchMaker.processId;
    });
  }

  /** Whether the room's owner answers, and not only its connection is there. */
  async answers(owner: RemoteRoom): Promise<boolean> {
    const outcome = await this.call(owner, 'ping', {}, PING_LIMIT_MS);
    return outcome.kind === 'answered';
  }

  /** Calls `onOwnerCall` of a room in another process. The call may run there even when it is not answered here. */
  async call(
    { roomId, processId }: RemoteRoom,
    method: string,
    payload: unknown,
    limitMs = CALL_LIMIT_MS,
  ): Promise<RemoteOutcome> {
    await this.listen();
    const callId = randomUUID();
    const answered = new Promise<RemoteOutcome>((resolve) => {
      this.pending.set(callId, (reply) => resolve({ kind: 'answered', reply }));
    });
    const stop = new AbortController();
    try {
      const message = JSON.stringify(['onOwnerCall', this.replyChannel, [method, payload, callId]]);
      const receivers = await this.busyWithoutRedis(() => this.commands.publish(`$${roomId}`, message));
      if (receivers === 0) return { kind: 'gone' };
      return await Promise.race([answered, this.watch({ roomId, processId }, limitMs, stop.signal)]);
    } finally {
      stop.abort();
      this.pending.delete(callId);
    }
  }

  /** Watches the process as well as the room, which by the next look may already be served by the owner's successor. */
  private async watch(
    { roomId, processId }: RemoteRoom,
    limitMs: number,
    stop: AbortSignal,
  ): Promise<RemoteOutcome> {
    const channels = [`p:${processId}`, `$${roomId}`];
    const untilMs = performance.now() + limitMs;
    while (performance.now() < untilMs) {
      await sleep(WATCH_INTERVAL_MS);
      if (stop.aborted) break;
      if ((await this.countSubscribers(...channels)).includes(0)) return { kind: 'gone' };
    }
    return { kind: 'silent' };
  }

  private listen(): Promise<unknown> {
    this.isListening ??= this.presence.subscribe(`ipc:${this.replyChannel}`, (message: unknown) =>
      this.onReply(message),
    );
    return this.isListening;
  }

  private onReply(message: unknown): void {
    const parsed = replyShape.safeParse(Array.isArray(message) ? (message as unknown[])[1] : undefined);
    if (!parsed.success) {
      this.logger.error({ err: parsed.error }, 'an owner answered with something else than a reply');
      return;
    }
    const { callId, ...reply } = parsed.data;
    const resolve = this.pending.get(callId);
    // After the caller has given up it is of no use: the same request id will find the stored result.
    if (resolve === undefined) this.logger.warn({ callId }, 'an answer that nobody waits for');
    else resolve(reply as OwnerReply);
  }

  private async hasSubscriber(channel: string): Promise<boolean> {
    return (await this.countSubscribers(channel))[0] !== 0;
  }

  /** Of each channel, in their order. */
  private async countSubscribers(...channels: string[]): Promise<number[]> {
    return this.busyWithoutRedis(() => countSubscribers(this.commands, channels));
  }

  private async busyWithoutRedis<T>(command: () => Promise<T>): Promise<T> {
    try {
      return await command();
    } catch (error) {
      throw error instanceof AppError ? error : new AppError('BUSY', { cause: error });
    }
  }
}
