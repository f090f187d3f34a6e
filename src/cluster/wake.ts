import type { Redis } from 'ioredis';
import type { Logger } from '../logger.ts';

/** Tells relays that there is something to do. A wake that is lost costs time, never an event: relays poll as well. */
export interface EventWake {
  publish(): void;
  /** Returns the end of the subscription. */
  subscribe(listener: () => void): () => void;
}

/** Between the relays of one process. */
export function localWake(): EventWake {
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

const CHANNEL = 'kaijiang:events';

export interface RedisWakeOptions {
  redis: Redis;
  /** A connection of its own, `redis.duplicate()`: one that subscribes can do nothing else. Its owner ends it. */
  duplicate: Redis;
  logger: Logger;
}

/** Between all nodes. While Redis is away nobody is woken; when it is back all are, because wakes may have been lost. */
export function redisWake({ redis, duplicate, logger }: RedisWakeOptions): EventWake {
  const { publish: wakeAll, subscribe } = localWake();
  const onFailure = (error: unknown) => logger.debug({ err: error }, 'relays are not woken over redis');
  const onMessage = (channel: string) => {
    if (channel === CHANNEL) wakeAll();
  };
  const join = () => {
    duplicate.subscribe(CHANNEL).then(wakeAll, onFailure);
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
    if (duplicate.status === 'ready') duplicate.unsubscribe(CHANNEL).catch(onFailure);
  };
  return {
    publish: () => {
      redis.publish(CHANNEL, '').catch(onFailure);
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
