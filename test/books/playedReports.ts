import { countBatch } from '../../src/points/statistics/countDays.ts';
import { countEvents } from '../../src/reports/countEvents.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { EventBus } from '../../src/platform/events/bus.ts';
import { usualConfiguration } from '../support/configuration.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { logSearch } from '../support/logs.ts';

/** Of the ledger all but the last rows are counted; of two restaurants something has happened. */
export async function playReports(database: Database): Promise<void> {
  const businessTimezone = 'Asia/Shanghai';
  const [row] = await database.readCurrent<{ last: number }>(
    'SELECT MAX(transaction_id) AS last FROM points_transactions',
  );
  await countBatch(
    { database, clock: systemClock, businessTimezone },
    { after: 0, to: Number(row!.last) - 3 },
  );
  const logger = createLogger('debug', logSearch.destination);
  const limits = { pointsTransfersPerDay: 0, pointsTransferReview: 0 };
  const configuration = usualConfiguration({ database, logger }, limits);
  const bus = new EventBus();
  countEvents({ bus, clock: systemClock, businessTimezone, configuration });
  const [registration] = bus.take('points:bill_paid');
  const events = [null, 1, 2, 2].map((restaurant_id, at) => ({
    eventId: 900_000 + at,
    type: 'points:bill_paid',
    userId: 1 + at,
    data: { restaurant_id, bill_amount: 100.5 },
    createdAtMs: Date.now(),
    isSimulated: false,
  }));
  await database.retryingTransaction((tx) => registration!.handle(events, tx));
}
