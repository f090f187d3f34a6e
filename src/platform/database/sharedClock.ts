import { systemClock, type Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import { fromSqlTime } from './sqlValues.ts';
import type { Database } from './transaction.ts';

const ASK_INTERVAL_MS = 5000;
/** An answer that took longer says too little; the first one is better than none. */
const MAX_ROUND_TRIP_MS = 1000;
/** The operator is told when the clock of this machine is off by more. */
const TOLD_MS = 1000;

export interface SharedClockServices {
  database: Database;
  logger: Pick<Logger, 'warn'>;
  /** Of this machine. */
  own?: Clock;
}

/**
 * The clock of the database, which all nodes share (TIME-1): what one node writes, another one holds against the time. The expiry
 * of a code, a lock, a lease, the day of a draw mean the same everywhere, however far apart the nodes' own clocks are, and
 * whoever sets them. Between two looks it goes by monotonic time, also while the database cannot be asked.
 *
 * On SQLite there is one node, whose own clock does.
 */
export class SharedClock implements Clock {
  private readonly own: Clock;
  /** The database's time is the monotonic one and this. */
  private aheadMs = Number.NaN;
  private toldOffMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private asking: Promise<void> | undefined;

  /** Asks once before it resolves, and from then on until it is stopped. @throws the database's error */
  static async start(services: SharedClockServices): Promise<SharedClock> {
    const clock = new SharedClock(services);
    await clock.ask();
    clock.timer = setInterval(() => clock.askAgain(), ASK_INTERVAL_MS);
    return clock;
  }

  private constructor(private readonly services: SharedClockServices) {
    this.own = services.own ?? systemClock;
  }

  nowMs(): number {
    return Math.floor(this.own.monotonicMs() + this.aheadMs);
  }

  monotonicMs(): number {
    return this.own.monotonicMs();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.asking;
  }

  /** Looks at the database's clock once. */
  async ask(): Promise<void> {
    const sentMs = this.own.monotonicMs();
    const databaseMs = await readNowMs(this.services.database);
    const roundTripMs = this.own.monotonicMs() - sentMs;
    const isFirst = Number.isNaN(this.aheadMs);
    if (roundTripMs > MAX_ROUND_TRIP_MS && !isFirst) return;
    const aheadMs = databaseMs - (sentMs + roundTripMs / 2);
    // Within what the answer leaves open nothing is known to have changed, and the clock does not jitter.
    if (isFirst || Math.abs(aheadMs - this.aheadMs) > roundTripMs / 2 + 1) this.aheadMs = aheadMs;
    this.tell();
  }

  private askAgain(): void {
    this.asking ??= this.ask()
      .catch((error: unknown) =>
        this.services.logger.warn({ err: error }, "the database's clock could not be read"),
      )
      .finally(() => (this.asking = undefined));
  }

  private tell(): void {
    const offMs = Math.round(this.own.nowMs() - this.nowMs());
    const isNews = Math.abs(offMs - this.toldOffMs) > TOLD_MS;
    if (!isNews) return;
    this.toldOffMs = offMs;
    this.services.logger.warn({ offMs }, "the clock of this machine and the database's differ");
  }
}

/** The time of a MySQL database, as its clock says when it is asked. */
export async function readNowMs(database: Pick<Database, 'readCurrent'>): Promise<number> {
  const [row] = await database.readCurrent<{ now: Date | string }>('SELECT UTC_TIMESTAMP(3) AS now');
  return fromSqlTime(row!.now);
}
