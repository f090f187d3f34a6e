import { matchMaker, type IRoomCache } from '@colyseus/core';
import { RedisDriver } from '@colyseus/redis-driver';
import type { Redis } from 'ioredis';
import { AppError } from '../errors.ts';

/** The framework's own key: one field per room id, its listing as JSON. */
export const LISTINGS = 'roomcaches';

/** Writes a listing only over one of the same process. ARGV: room id, process id, listing, '1' to write where there is none. */
const SAVE = `
local row = redis.call('HGET', KEYS[1], ARGV[1])
if row then
  if cjson.decode(row).processId ~= ARGV[2] then return 0 end
elseif ARGV[4] ~= '1' then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1`;

/** Removes a listing only if it is of this process. ARGV: room id, process id. */
const REMOVE = `
local row = redis.call('HGET', KEYS[1], ARGV[1])
if row and cjson.decode(row).processId == ARGV[2] then return redis.call('HDEL', KEYS[1], ARGV[1]) end
return 0`;

/**
 * The listings of rooms in Redis, one per room id: the first process to list an id keeps it. A process changes and removes its
 * own listings only, so a fenced room that still counts its leaving clients never touches the new owner's (DRAW-1).
 *
 * This is a convenience for finding rooms. Nothing depends on it for safety: two owners are told apart by the epoch.
 */
export class RoomListings extends RedisDriver {
  constructor(private readonly redis: Redis) {
    super(redis);
  }

  /** Lists a room unless its id is taken. Returns whether it is this process's listing now. */
  async insert(room: IRoomCache): Promise<boolean> {
    return this.save(room, { whereNone: true });
  }

  override async persist(room: IRoomCache): Promise<boolean> {
    return room.roomId === undefined ? false : this.save(room, { whereNone: true });
  }

  /** A listing that is gone stays gone: the room's clients may still be leaving after its disposal. */
  override async update(
    room: IRoomCache,
    { $set, $inc }: Partial<{ $set: Partial<IRoomCache>; $inc: Partial<IRoomCache> }>,
  ): Promise<boolean> {
    const listing = room as unknown as Record<string, unknown>;
    Object.assign(listing, $set);
    for (const [field, step] of Object.entries($inc ?? {})) {
      listing[field] = Number(listing[field]) + Number(step);
    }
    return this.save(room, { whereNone: false });
  }

  override async remove(roomId: string): Promise<boolean> {
    return roomId === undefined ? false : this.removeOf(roomId, matchMaker.processId);
  }

  /** Removes the listing of a process that is gone, unless somebody else has listed the room since. */
  async removeOf(roomId: string, processId: string): Promise<boolean> {
    return (await this.redis.eval(REMOVE, 1, LISTINGS, roomId, processId)) === 1;
  }

  override async cleanup(processId: string): Promise<void> {
    const listings = await this.query({ processId });
    for (const { roomId } of listings) await this.removeOf(roomId, processId);
  }

  /** While Redis is away the rooms of this process can still be joined. */
  override findOne(...asked: Parameters<RedisDriver['findOne']>): Promise<IRoomCache> {
    const [{ roomId }] = asked;
    if (this.redis.status === 'ready' || roomId === undefined) return super.findOne(...asked);
    const room = matchMaker.getLocalRoomById(roomId);
    if (room === undefined) return Promise.reject(new AppError('BUSY'));
    return Promise.resolve(room['_listing'] as IRoomCache);
  }

  private async save(room: IRoomCache, { whereNone }: { whereNone: boolean }): Promise<boolean> {
    const listing = JSON.stringify(room);
    const flag = whereNone ? '1' : '0';
    return (await this.redis.eval(SAVE, 1, LISTINGS, room.roomId, room.processId, listing, flag)) === 1;
  }
}
