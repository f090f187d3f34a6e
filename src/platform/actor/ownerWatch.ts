import { NodeWatch } from '../cluster/nodeWatch.ts';
import type { Database } from '../database/transaction.ts';
import type { Logger } from '../logger.ts';

const CHECK_INTERVAL_MS = 1000;

/** An owner as it is watched. */
export interface WatchedOwner {
  /** What it owns, among those of `epochs`. */
  readonly key: number | string;
  /** `SELECT … AS owned, … AS epoch FROM … WHERE … IN (?)`: the latest epoch of each of the keys. */
  readonly epochs: string;
  /** Requests that wait for it. */
  readonly queued?: number;
  noticeEpoch(epoch: number): void;
}

/**
 * Lets the owners of this node notice newer ones even when nothing is asked of them, as after the process was stopped for a while
 * (DRAW-1): one statement for all of them, of whatever kind.
 */
export class OwnerWatch {
  private readonly watch: NodeWatch<WatchedOwner>;

  constructor(
    private readonly database: Database,
    logger: Logger,
  ) {
    this.watch = new NodeWatch({
      intervalMs: CHECK_INTERVAL_MS,
      look: (owners) => this.check(owners),
      onError: (error) => logger.error({ err: error }, 'the epochs of owners could not be read'),
    });
  }

  /** Returns how to end it. */
  add(owner: WatchedOwner): () => void {
    return this.watch.add(owner);
  }

  /** How many owners this node has, and what waits for them. */
  load(): { owners: number; queued: number } {
    const { all } = this.watch;
    return { owners: all.length, queued: all.reduce((sum, { queued = 0 }) => sum + queued, 0) };
  }

  async check(owners: readonly WatchedOwner[]): Promise<void> {
    if (owners.length === 0) return;
    const keys = new Map<string, Set<number | string>>();
    for (const { epochs, key } of owners) keys.set(epochs, (keys.get(epochs) ?? new Set()).add(key));
    const kinds = [...keys.keys()];
    const sql = kinds.map(
      (epochs, kind) => `SELECT ${kind} AS kind, owned, epoch FROM (${epochs}) kind${kind}`,
    );
    // Never from a replica, which may tell an older epoch.
    const rows = await this.database.readCurrent<{ kind: number; owned: number | string; epoch: number }>(
      sql.join(' UNION ALL '),
      kinds.map((epochs) => [...keys.get(epochs)!]),
    );
    const latest = new Map(rows.map(({ kind, owned, epoch }) => [`${kind}:${owned}`, Number(epoch)]));
    for (const owner of owners)
      owner.noticeEpoch(latest.get(`${kinds.indexOf(owner.epochs)}:${owner.key}`) ?? 0);
  }
}
