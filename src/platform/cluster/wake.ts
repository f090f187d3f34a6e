import type { Redis } from 'ioredis';
import type { Logger } from '../logger.ts';

/** Tells all nodes that something has changed. One that is lost costs time and nothing else: whoever listens polls as well. */
export interface Wake {
  publish(): void;
  /** Returns the end of the subscription. */
  subscribe(listener: () => void): () => void;
}

/** Within one process. */
export function localWake(): Wake {
  const listeners = new Set<() => void>();
  return {
    publish: () => {
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export interface RedisWakeOptions {
  channel: string;
  redis: Redis;
  /** A connection of its own, `redis.duplicate()`: one that subscribes can do nothing else. Its owner ends it. */
  duplicate: Redis;
  logger: Logger;
}

/** Between all nodes. While Redis is away nobody is woken; when it is back all are, because wakes may have been lost. */
export function redisWake({ channel, redis, duplicate, logger }: RedisWakeOptions): Wake {
  const { publish: wakeAll, subscribe } = localWake();
  const onFailure = (error: unknown) => logger.debug({ err: error }, 'nobody is woken over redis');
  const onMessage = (on: string) => {
    if (on === channel) wakeAll();
  };
  const join = () => {
    duplicate.subscribe(channel).then(wakeAll, onFailure);
  };
  let subscriptions = 0;
  const begin = () => {
    duplicate.on('message', onMessage);
    duplicate.on('ready', join);
    if (duplicate.status === 'ready') join();
  };
  const end = () => {
    duplicate.off('message', onMessage);
    duplicate.off('ready', join);
    if (duplicate.status === 'ready') duplicate.unsubscribe(channel).catch(onFailure);
  };
  return {
    publish: () => {
      redis.publish(channel, '').catch(onFailure);
    },
    subscribe: (listener) => {
      const leave = subscribe(listener);
      if (subscriptions++ === 0) begin();
      return () => {
        leave();
        if (--subscriptions === 0) end();
      };
    },
  };
}
