/** Tells the administration of a year whose holidays nobody knows, once in the whole cluster (RP-13). */
import { HolidayAlarm } from '../../../entities/points/HolidayAlarm.ts';
import { businessDayOf, type Clock } from '../../platform/clock.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { emitEvents } from '../../platform/events/outbox.ts';
import type { Logger } from '../../platform/logger.ts';
import { repeating } from '../../platform/repeating.ts';
import { holidayOf, readHolidays, yearOf, type DayKind } from './holidays.ts';

/** The holidays of a year are announced in the last quarter of the year before. */
const ANNOUNCED_FROM_MONTH = 10;
/** A node that has just started has more urgent things to do, and one that starts anew every day looks all the same. */
const FIRST_LOOK_MS = 60_000;
const LOOK_INTERVAL_MS = 24 * 3_600_000;

/** As `holidayOf`, for a check-in of that day: where nobody knows, the administration is told. */
export async function holidayAskedFor(
  { logger }: { logger: Logger },
  tx: Tx,
  day: string,
  nowMs: number,
): Promise<DayKind> {
  const kind = await holidayOf(tx.manager, day);
  if (kind.kind === 'unknown') await tellOnce({ logger }, tx, yearOf(day), nowMs);
  return kind;
}

export interface LookServices {
  database: Database;
  clock: Clock;
  logger: Logger;
  config: { businessTimezone: string };
}

/** Looks at the coming year once a day. @returns how to stop it */
export function keepLookingAhead(services: LookServices): () => void {
  const problem = 'the holidays of the coming year could not be looked at';
  const times = { afterMs: FIRST_LOOK_MS, intervalMs: LOOK_INTERVAL_MS };
  return repeating(services.logger, problem, () => lookAhead(services), times);
}

/** In the last quarter of a year: whether the holidays of the next one are known. */
export async function lookAhead({ database, clock, logger, config }: LookServices): Promise<void> {
  const nowMs = clock.nowMs();
  const today = businessDayOf(nowMs, config.businessTimezone);
  if (Number(today.slice(5, 7)) < ANNOUNCED_FROM_MONTH) return;
  const coming = yearOf(today) + 1;
  await database.retryingTransaction(async (tx) => {
    const { source } = await readHolidays(tx.manager, coming);
    if (source === 'none') await tellOnce({ logger }, tx, coming, nowMs);
  });
}

/** Two at the same time meet at the key of the year, and the loser starts over. */
async function tellOnce({ logger }: { logger: Logger }, tx: Tx, year: number, nowMs: number): Promise<void> {
  // Without a lock: everybody who checks in comes by here.
  if (await tx.manager.existsBy(HolidayAlarm, { year })) return;
  await insertOne(tx, HolidayAlarm, { year, created_at: new Date(nowMs) });
  const type = 'calendar:holidays_missing' as const;
  await emitEvents(tx, [{ type, userId: null, data: { year }, priority: 'critical' }], nowMs);
  logger.error({ year }, 'calendar:holidays_missing: enter them with PUT /admin/holidays/:year');
}
