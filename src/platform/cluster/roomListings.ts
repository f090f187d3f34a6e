import { initializeRoomCache, matchMaker, type IRoomCache } from '@colyseus/core';
import { RedisDriver } from '@colyseus/redis-driver';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { briefly } from './briefly.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';

/** The framework's own key: one field per room id, its listing as JSON. */
export const LISTINGS = 'roomcaches';

/** A row that is no listing has no owner, and is as good as none. */
const OWNER_OF = `
local function ownerOf(row)
  if not row then return nil end
  local isJson, listing = pcall(cjson.decode, row)
  if isJson and type(listing) == 'table' then return listing.processId end
end`;

/** Writes a listing only over one of the same process. ARGV: room id, process id, listing, '1' to write where there is none. */
const SAVE = `${OWNER_OF}
local owner = ownerOf(redis.call('HGET', KEYS[1], ARGV[1]))
if owner then
  if owner ~= ARGV[2] then return 0 end
elseif ARGV[4] ~= '1' then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1`;

/** Removes a listing only if it is of this process. ARGV: room id, process id. */
const REMOVE = `${OWNER_OF}
if ownerOf(redis.call('HGET', KEYS[1], ARGV[1])) == ARGV[2] then return redis.call('HDEL', KEYS[1], ARGV[1]) end
return 0`;

/** As the framework writes it; `maxClients` is Infinity there, which JSON has no number for. A later one may write more. */
const listingShape = z.object({
  name: z.string().max(64),
  roomId: z.string().max(64),
  processId: z.string().min(1).max(64),
  publicAddress: z.string().max(255).optional(),
  clients: z.int(),
  maxClients: z.number().nullish(),
  locked: z.boolean().optional(),
  private: z.boolean().optional(),
  unlisted: z.boolean().optional(),
  metadata: z.unknown().optional(),
  createdAt: z.iso.datetime().optional(),
});

/** The listing that a row of Redis is; undefined for anything else, whoever has written it. */
export function parseListing(roomId: string, row: string): IRoomCache | undefined {
  let json: unknown;
  try {
    json = JSON.parse(row);
  } catch {
    return undefined;
  }
  const { success, data } = listingShape.safeParse(json);
  return success && data.roomId === roomId ? initializeRoomCache(data as Partial<IRoomCache>) : undefined;
}

/**
 * The listings of rooms in Redis, one per room id: the first process to list an id keeps it. A process changes and removes its
 * own listings only, so a fenced room that still counts its leaving clients never touches the new owner's (DRAW-1).
 *
 * This is a convenience for finding rooms. Nothing depends on it for safety: two owners are told apart by the epoch.
 */
export class RoomListings extends RedisDriver {
  constructor(
    private readonly redis: Redis,
    private readonly logger: Logger,
  ) {
    super(redis);
  }

  /** Lists a room unless its id is taken. Returns whether it is this process's listing now. */
  async insert(room: IRoomCache): Promise<boolean> {
    return this.save(room, { whereNone: true });
  }

  override async persist(room: IRoomCache): Promise<boolean> {
    return room.roomId === undefined ? false : this.save(room, { whereNone: true });
  }

  /**
   * A listing that is gone stays gone: the room's clients may still be leaving after its disposal. Where Redis does not take a change the
   * room goes on: only after this the framework counts who has left, and sets the time by which a seat is to be taken.
   */
  override async update(
    room: IRoomCache,
    { $set, $inc }: Partial<{ $set: Partial<IRoomCache>; $inc: Partial<IRoomCache> }>,
  ): Promise<boolean> {
    const listing = room as unknown as Record<string, unknown>;
    Object.assign(listing, $set);
    for (const [field, step] of Object.entries($inc ?? {})) {
      listing[field] = Number(listing[field]) + Number(step);
    }
    return this.save(room, { whereNone: false }).catch((error: unknown) => {
      this.logger.warn({ err: error, roomId: room.roomId }, 'a listing could not be changed');
      return false;
    });
  }

  override async remove(roomId: string): Promise<boolean> {
    return roomId === undefined ? false : briefly(this.removeOf(roomId, matchMaker.processId), false);
  }

  /** Removes the listing of a process that is gone, unless somebody else has listed the room since. */
  async removeOf(roomId: string, processId: string): Promise<boolean> {
    return (await this.redis.eval(REMOVE, 1, LISTINGS, roomId, processId)) === 1;
  }

  /** What a process that ends while Redis is away leaves behind is removed by whoever finds that nobody serves it. */
  override async cleanup(processId: string): Promise<void> {
    const listings = await briefly(this.query({ processId }), []);
    await briefly(Promise.all(listings.map(({ roomId }) => this.removeOf(roomId, processId))), []);
  }

  /** Rows that are no listings are passed over: one of them must not hide the others. In no order. */
  override async query(conditions: Partial<IRoomCache>): Promise<IRoomCache[]> {
    const rows = await this.redis.hgetall(LISTINGS);
    const wanted = Object.entries(conditions) as [keyof IRoomCache, unknown][];
    return Object.entries(rows)
      .flatMap(([roomId, row]) => this.parse(roomId, row) ?? [])
      .filter((listing) => wanted.every(([field, value]) => listing[field] === value));
  }

  override async findByIds(roomIds: string[]): Promise<Map<string, IRoomCache>> {
    const rows = roomIds.length === 0 ? [] : await this.redis.hmget(LISTINGS, ...roomIds);
    const listings = rows.flatMap((row, at) => (row === null ? [] : (this.parse(roomIds[at]!, row) ?? [])));
    return new Map(listings.map((listing) => [listing.roomId, listing]));
  }

  /** A room of this process is known here best, also while Redis is away. */
  override findOne(conditions: Partial<IRoomCache>): Promise<IRoomCache> {
    return this.find(conditions) as Promise<IRoomCache>;
  }

  private async find(conditions: Partial<IRoomCache>): Promise<IRoomCache | undefined> {
    const { roomId } = conditions;
    if (roomId === undefined) return (await this.query(conditions))[0];
    const room = matchMaker.getLocalRoomById(roomId);
    if (room !== undefined) return room['_listing'] as IRoomCache;
    if (this.redis.status !== 'ready') throw new AppError('BUSY');
    const row = await this.redis.hget(LISTINGS, roomId);
    return row === null ? undefined : this.parse(roomId, row);
  }

  private parse(roomId: string, row: string): IRoomCache | undefined {
    const listing = parseListing(roomId, row);
    if (listing === undefined) this.logger.warn({ roomId, row: row.slice(0, 200) }, 'not a listing');
    return listing;
  }

  override async shutdown(): Promise<void> {
    this.redis.disconnect();
  }

  private async save(room: IRoomCache, { whereNone }: { whereNone: boolean }): Promise<boolean> {
    // Its process alone knows of it; another one may have a room of the same id.
    if (room.unlisted === true) return true;
    const listing = JSON.stringify(room);
    const flag = whereNone ? '1' : '0';
    return (await this.redis.eval(SAVE, 1, LISTINGS, room.roomId, room.processId, listing, flag)) === 1;
  }
}
