import { RedisPresence } from '@colyseus/redis-presence';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { briefly } from './briefly.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { PROCESSES } from './processes.ts';
import { keyShape } from './roomName.ts';

/** Longer messages are not even parsed. */
const MESSAGE_LIMIT = 1024 * 1024;

/** Where an answer goes: the framework's ids and our `calls-<uuid>`. */
const replyChannelShape = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const seatIdShape = replyChannelShape.refine((id) => id !== '__proto__');

/** The methods that a room is called by; the framework's own channel would call any, and read any property. */
const roomCallShape = z.union([
  z.tuple([
    z.literal('onOwnerCall'),
    replyChannelShape,
    z.tuple([z.string().max(64), z.unknown(), z.uuid()]),
  ]),
  z.tuple([z.literal('_reserveSeat'), replyChannelShape, z.tuple([seatIdShape, z.unknown(), z.unknown()])]),
  z.tuple([z.literal('checkReconnectionToken'), replyChannelShape, z.tuple([z.string().max(64)])]),
  // What src/platform/http/monitor.ts does to a room; of the rest that the monitor adds to rooms nothing may come over Redis.
  z.tuple([z.literal('getInspectData'), replyChannelShape, z.tuple([])]),
  z.tuple([z.literal('_forceClientDisconnect'), replyChannelShape, z.tuple([seatIdShape])]),
]);
const ROOM_METHODS: readonly unknown[] = roomCallShape.options.map(({ def }) => [...def.items[0].values][0]);

/** Rooms are opened for a key (roomDirectory.ts), 7 or 7-1; the last two are the framework's: nothing to restore, and its id. */
const openingShape = z.tuple([
  z.string().max(64),
  z.looseObject({
    key: keyShape,
    processId: z.string().max(64),
  }),
  z.null(),
  z.string().max(64).nullable(),
]);
const processCallShape = z.union([
  z.tuple([z.literal('healthcheck'), replyChannelShape, z.unknown()]),
  z.tuple([z.null(), replyChannelShape, openingShape]),
]);
const answerShape = z.tuple([z.literal([0, 1, 2]), z.unknown()]);

const SHAPES: [prefix: string, shape: z.ZodType][] = [
  ['$', roomCallShape],
  ['p:', processCallShape],
  ['ipc:', answerShape],
];

/**
 * The framework's messages between processes, each checked before the framework sees it: it takes them apart as they come,
 * and one that is not the expected list would end the process. What is refused is logged and, where an answer can be sent,
 * answered with a code.
 */
export class GuardedPresence extends RedisPresence {
  private isOffLists = false;

  constructor(
    client: Redis,
    private readonly logger: Logger,
  ) {
    super(client);
  }

  /** The connection that is subscribed to the channels of this process and its rooms. */
  get subscriber(): Redis {
    return this.sub as Redis;
  }

  protected override handleSubscription = (channel: string, text: string): void => {
    const message = parseJson(text);
    const shape = SHAPES.find(([prefix]) => channel.startsWith(prefix))?.[1];
    if (message === undefined || shape?.safeParse(message).success === false) {
      this.refuse(channel, message);
      return;
    }
    try {
      this.subscriptions.emit(channel, message);
    } catch (error) {
      this.logger.error({ err: error, channel }, 'a message of another process failed');
    }
  };

  /** Takes this process off the list of those that rooms are opened in, for good: it goes on counting its clients. */
  async leaveLists(processId: string): Promise<void> {
    this.isOffLists = true;
    await this.hdel(PROCESSES, processId);
  }

  override async hset(key: string, field: string, value: string): Promise<boolean> {
    return this.isOffLists && key === PROCESSES ? false : super.hset(key, field, value);
  }

  /** A process that ends takes itself off a list with this. */
  override hdel(key: string, field: string): Promise<boolean> {
    return briefly(super.hdel(key, field), false);
  }

  /** A room that closes leaves its channel. */
  override unsubscribe(topic: string, callback?: (message: unknown) => void): Promise<this> {
    return briefly(super.unsubscribe(topic, callback), this);
  }

  override shutdown(): void {
    for (const client of [this.sub, this.pub]) client.disconnect();
  }

  private refuse(channel: string, message: unknown): void {
    const [method, replyChannel] = Array.isArray(message) ? (message as unknown[]) : [];
    const isForbidden =
      channel.startsWith('$') && typeof method === 'string' && !ROOM_METHODS.includes(method);
    const { code, status, message: reason } = new AppError(isForbidden ? 'FORBIDDEN' : 'VALIDATION_FAILED');
    // Not String(method): that may throw for an object out of JSON.
    const named = typeof method === 'string' ? method.slice(0, 64) : typeof method;
    this.logger.warn({ channel, code, method: named }, 'a message of another process is refused');
    if (channel.startsWith('ipc:') || !replyChannelShape.safeParse(replyChannel).success) return;
    const answer = [1, JSON.stringify({ code: status, message: reason })];
    void this.publish(`ipc:${String(replyChannel)}`, answer).catch((error: unknown) => {
      this.logger.warn({ err: error }, 'redis is not reachable');
    });
  }
}

/** Undefined for what is not JSON, or too long. */
function parseJson(text: string): unknown {
  if (text.length > MESSAGE_LIMIT) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
