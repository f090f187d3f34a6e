/** What all routes of points have in common. */
import type { LiveConfiguration } from '../configuration/liveConfiguration.ts';
import { businessDayOf, endOfBusinessDay, type Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import type { Logger } from '../platform/logger.ts';
import type { Words } from '../words/words.ts';
import type { PointsConfig } from './settings.ts';

export interface PointsServices {
  database: Database;
  clock: Clock;
  logger: Logger;
  config: PointsConfig & { businessTimezone: string };
  words: Pick<Words, 'mask'>;
  configuration: Pick<LiveConfiguration, 'now'>;
}

/** When what may be used through the business day of a moment ends; null where no moment is given. */
export function endOfDayOf({ config }: PointsServices, momentMs: number | undefined): number | null {
  return momentMs === undefined ? null : endOfBusinessDay(momentMs, config.businessTimezone);
}

/** Reads what is true now, by the days of the restaurants. */
export function currentOf({ database, config }: PointsServices): Pick<Tx, 'manager' | 'dayOf'> {
  return {
    manager: database.currentReader,
    dayOf: (timeMs) => businessDayOf(timeMs, config.businessTimezone),
  };
}
