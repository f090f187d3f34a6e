/** The processes of the cluster, as Redis tells of them. */
import type { Redis } from 'ioredis';

/** The framework's own key: one field per process, its rooms and clients as "rooms,clients". */
export const PROCESSES = 'roomcount';

/** What a process has of rooms and of clients in them. */
export interface ProcessLoad {
  processId: string;
  rooms: number;
  clients: number;
}

/** Every living process, with what it told about a second ago. */
export async function readProcesses(redis: Redis): Promise<ProcessLoad[]> {
  const told = Object.entries(await redis.hgetall(PROCESSES));
  if (told.length === 0) return [];
  const counted = await countSubscribers(
    redis,
    told.map(([processId]) => `p:${processId}`),
  );
  return told.flatMap(([processId, roomsAndClients], at) => {
    const [rooms, clients] = roomsAndClients.split(',').map(Number);
    if (counted[at] === 0 || !Number.isSafeInteger(rooms) || !Number.isSafeInteger(clients)) return [];
    return [{ processId, rooms: rooms!, clients: clients! }];
  });
}

/** Of each channel, in their order. */
export async function countSubscribers(redis: Redis, channels: readonly string[]): Promise<number[]> {
  const counted = await redis.pubsub('NUMSUB', ...channels);
  return channels.map((_, at) => Number(counted[2 * at + 1]));
}
