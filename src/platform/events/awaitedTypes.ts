import { AwaitedType } from '../../../entities/platform/AwaitedType.ts';
import type { Clock } from '../clock.ts';
import type { Wake } from '../cluster/wake.ts';
import { upsertAll } from '../database/bulk.ts';
import { sqlTime } from '../database/sqlValues.ts';
import type { Database, Tx } from '../database/transaction.ts';
import type { EventBus } from './bus.ts';
import { heed, type Awaiting } from './outbox.ts';

export interface AwaitedTypesOptions {
  database: Database;
  clock: Clock;
  nodeId: string;
  handlers: EventBus;
  /** Tells the other nodes that this one handles something else than before. */
  wake: Wake;
  /** For so long it is believed what the other nodes have said. */
  believedMs: number;
}

const ANNOUNCE_EVERY_MS = 3_600_000;
/** A node that has been silent for longer is gone; what it handled, another one that does as well speaks for. */
const SILENT_MS = 3 * ANNOUNCE_EVERY_MS;

/*
 * Which types of events are awaited: some node of the cluster, of whatever build, has a handler for them.
 *
 * Each node writes the types that it handles to `awaited_types`, before it handles any, after every change, and once an hour;
 * and it reads what the others have written with every sweep of its relay. A type is awaited, and its events are written as
 * pending, while
 *   - this node has a handler for it, or had one when it last wrote down its types, or
 *   - another node has said so, or
 *   - this build does not know the type, or
 *   - the others have not been asked, or for longer than `believedMs`: the relay is held up, or the database does not answer.
 *
 * So when a node has written down that it handles a type, the others know it once they are woken, with their next sweep at the
 * latest (maxPollMs, and the work that a turn has meanwhile), and wherever that takes longer than `believedMs` events are
 * pending until they do. Of another node's events a handler that is new to the cluster may miss those of that time: it begins
 * for each node with its knowing.
 *
 * What a node has written outlives it: its events wait for it to come back. One that takes a handler away takes the row away
 * too. Rows of the dead go when a living node handles the same type, or after a week (retention.ts): a node that is
 * expected to come back has by then, and the events of a handler that no build has any more are completed again.
 */
export class AwaitedTypes implements Awaiting {
  private others: ReadonlySet<string> = new Set();
  private announced: ReadonlySet<string> | undefined;
  private announceAgainMs = 0;
  private believedUntilMs = Number.NEGATIVE_INFINITY;
  private unheed: (() => void) | undefined;

  constructor(private readonly options: AwaitedTypesOptions) {}

  isAwaited(type: string): boolean {
    const { clock, handlers } = this.options;
    return (
      handlers.handles(type) ||
      this.announced?.has(type) === true ||
      this.others.has(type) ||
      !handlers.knows(type) ||
      clock.monotonicMs() > this.believedUntilMs
    );
  }

  /** Types of which this node decides what becomes of their events: it handles them, or knows them and nobody else does. */
  own(): string[] {
    const { handlers } = this.options;
    return handlers.knownTypes().filter((type) => handlers.handles(type) || !this.others.has(type));
  }

  /**
   * Says what this node handles, and reads what the others do. Not while handlers run: those for one event only are taken out
   * meanwhile, and may be put back.
   */
  async exchange(): Promise<void> {
    const { database, clock, nodeId, believedMs } = this.options;
    await this.announce();
    const askedMs = clock.monotonicMs();
    const rows = await database.readCurrent<{ event_type: string }>(
      'SELECT DISTINCT event_type FROM awaited_types WHERE node_id <> ?',
      [nodeId],
    );
    this.others = new Set(rows.map(({ event_type: type }) => type));
    this.believedUntilMs = askedMs + believedMs;
  }

  /** What is written from now on waits for the next relay of this database. */
  stop(): void {
    this.unheed?.();
    this.unheed = undefined;
  }

  private async announce(): Promise<void> {
    const { database, clock, nodeId, handlers, wake } = this.options;
    const types = handlers.types();
    const before = this.announced;
    const gone = [...(before ?? [])].filter((type) => !types.includes(type));
    const isNews = gone.length > 0 || types.some((type) => before?.has(type) !== true);
    const nowMs = clock.monotonicMs();
    if (before !== undefined && !isNews && nowMs < this.announceAgainMs) return;
    await database.retryingTransaction(async (tx) => {
      this.unheed ??= heed(tx, this);
      await writeDown(tx, { nodeId, types, gone, nowMs: clock.nowMs() });
    });
    this.announced = new Set(types);
    this.announceAgainMs = nowMs + ANNOUNCE_EVERY_MS;
    if (isNews) wake.publish();
  }
}

interface Announcement {
  nodeId: string;
  types: readonly string[];
  /** Those of before that are not handled any more. */
  gone: readonly string[];
  nowMs: number;
}

async function writeDown(tx: Tx, { nodeId, types, gone, nowMs }: Announcement): Promise<void> {
  const seen_at = new Date(nowMs);
  const rows = types.map((type) => ({ event_type: type, node_id: nodeId, seen_at }));
  await upsertAll(tx, AwaitedType, rows);
  if (gone.length > 0)
    await tx.execute('DELETE FROM awaited_types WHERE node_id = ? AND event_type IN (?)', [nodeId, gone]);
  if (types.length > 0)
    await tx.execute('DELETE FROM awaited_types WHERE event_type IN (?) AND seen_at < ?', [
      types,
      sqlTime(nowMs - SILENT_MS),
    ]);
}
