import type { Redis } from 'ioredis';
import { RateLimiterRes } from 'rate-limiter-flexible';
import type { Clock } from '../../platform/clock.ts';
import type { IdentityConfig } from '../settings.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { emitEvents } from '../../platform/events/outbox.ts';
import type { Logger } from '../../platform/logger.ts';
import { limiter } from './rateLimits.ts';

/** What text messages may cost: whoever asks for codes, from wherever, so many are sent in an hour and no more. */
export interface SmsCap {
  /** Before a message is sent. @returns undefined while there is one left. */
  count(): Promise<CapReached | undefined>;
  /** Tells those who run the place. */
  alarm(): Promise<void>;
}

export interface CapReached {
  refusal: AppError;
  /** Whether nobody has met the cap in this hour before. */
  isFirst: boolean;
}

export interface SmsCapServices {
  config: Pick<IdentityConfig, 'codesPerHour'>;
  /** The nodes count together; while it is away each counts for itself. */
  redis: Redis | undefined;
  database: Database;
  clock: Clock;
  logger: Logger;
}

const HOUR_SECONDS = 3600;
const KEY = 'all';

export function createSmsCap({ config, redis, database, clock, logger }: SmsCapServices): SmsCap {
  const { codesPerHour } = config;
  const sent = limiter({ keyPrefix: 'limit:sms', points: codesPerHour, duration: HOUR_SECONDS }, redis);
  return {
    count: async () => {
      try {
        await sent.consume(KEY);
        return undefined;
      } catch (rejected) {
        if (!(rejected instanceof RateLimiterRes)) throw rejected;
        const retryAfterSeconds = Math.max(1, Math.ceil(rejected.msBeforeNext / 1000));
        return {
          refusal: new AppError('RATE_LIMITED', { retryAfterSeconds }),
          isFirst: rejected.consumedPoints === codesPerHour + 1,
        };
      }
    },
    alarm: async () => {
      logger.error({ codesPerHour }, 'sms:cap_reached: no more codes are sent in this hour');
      const data = { codes_per_hour: codesPerHour };
      await database.retryingTransaction((tx) =>
        emitEvents(
          tx,
          [{ type: 'sms:cap_reached', userId: null, data, priority: 'critical' }],
          clock.nowMs(),
        ),
      );
    },
  };
}
