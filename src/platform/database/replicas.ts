/*
 * Servers that follow the primary one, behind the face of one pool (DB-2): each connection is from the next replica that is neither away
 * nor too far behind, and from the primary where there is none. What may be behind is read here (Database.reader), everything else
 * from the primary (Database.currentReader).
 *
 * How far behind one is, is told by a number that grows on the primary each second: since when there is one that the replica does not
 * have yet, by the monotonic clock of this node. Neither clocks of servers nor their words for replication matter.
 */
import type { GotConnection, Pool, PooledConnection } from './pool.ts';

/** One that was not reached is left alone for so long. */
const AWAY_MS = 5000;
/** Numbers that are remembered, one for each second. */
const REMEMBERED = 900;

interface Replica {
  pool: Pool;
  awayUntilMs: number;
  /** Until then it is not too far behind, even if it stands still. */
  closeUntilMs: number;
  behindMs: number | undefined;
  isLookedAt: boolean;
}

interface Beat {
  beats: number;
  seenMs: number;
}

export class Replicas implements Pool {
  private replicas: readonly Replica[] = [];
  private primary: Pool | undefined;
  private next = 0;
  private readonly seen: Beat[] = [];

  /** @param mostBehindMs of one that is read from; undefined: nobody looks how far behind they are */
  constructor(private readonly mostBehindMs: number | undefined) {}

  /** @returns itself */
  open({ replicas, primary }: { replicas: readonly Pool[]; primary: Pool }): this {
    const closeUntilMs = this.mostBehindMs === undefined ? Infinity : 0;
    this.replicas = replicas.map((pool) => ({
      ...{ pool, awayUntilMs: 0, closeUntilMs, behindMs: undefined, isLookedAt: false },
    }));
    this.primary = primary;
    return this;
  }

  /** Tries each of them once. @returns what was wrong with those that could not be used */
  async reach(): Promise<unknown[]> {
    const failures = await Promise.all(
      this.replicas.map(
        ({ pool }) =>
          new Promise<unknown>((resolve) =>
            pool.getConnection((error, connection) => {
              connection?.release();
              resolve(connection === undefined ? error : undefined);
            }),
          ),
      ),
    );
    return failures.filter((failure) => failure !== undefined);
  }

  /** How far behind each of them was, in ms, when it was looked at last; undefined: it does not say. */
  get behindMs(): (number | undefined)[] {
    return this.replicas.map(({ behindMs }) => behindMs);
  }

  getConnection(callback: GotConnection): void {
    this.next = (this.next + 1) % this.replicas.length;
    const nowMs = performance.now();
    const inTurn = this.replicas.map((_, at) => this.replicas[(at + this.next) % this.replicas.length]!);
    const fit = inTurn.filter((one) => one.awayUntilMs <= nowMs && one.closeUntilMs > nowMs);
    this.tryEach(fit, callback);
  }

  private tryEach([replica, ...rest]: readonly Replica[], callback: GotConnection): void {
    if (replica === undefined) return this.primary!.getConnection(callback);
    replica.pool.getConnection((_error, connection) => {
      if (connection !== undefined) return callback(null, connection);
      replica.awayUntilMs = performance.now() + AWAY_MS;
      this.tryEach(rest, callback);
    });
  }

  /** Asks each of them which number it has, and waits for none of them. @param beats the number that the primary has */
  look(beats: number): void {
    const nowMs = performance.now();
    this.seen.push({ beats, seenMs: nowMs });
    if (this.seen.length > REMEMBERED) this.seen.shift();
    for (const replica of this.replicas) {
      // One that stands still is asked once.
      if (replica.isLookedAt) continue;
      replica.isLookedAt = true;
      replica.pool.getConnection((_error, connection) => {
        if (connection === undefined) return this.tell(replica, undefined);
        ask(connection, (found) => this.tell(replica, found));
      });
    }
  }

  private tell(replica: Replica, beats: number | undefined): void {
    const nowMs = performance.now();
    replica.isLookedAt = false;
    replica.behindMs = beats === undefined ? undefined : nowMs - this.currentUntil(beats, nowMs);
    replica.closeUntilMs =
      replica.behindMs === undefined ? 0 : nowMs + (this.mostBehindMs ?? Infinity) - replica.behindMs;
  }

  /** When this number was the primary's for the last time that is known of. */
  private currentUntil(beats: number, nowMs: number): number {
    return this.seen.find((one) => one.beats > beats)?.seenMs ?? nowMs;
  }

  end(callback: (error?: unknown) => void = () => undefined): void {
    const pools = [...this.replicas.map(({ pool }) => pool), this.primary!];
    let open = pools.length;
    let failure: unknown;
    for (const pool of pools) {
      pool.end((error) => {
        failure ??= error;
        if (--open === 0) callback(failure ?? undefined);
      });
    }
  }
}

function ask(connection: PooledConnection, tell: (beats: number | undefined) => void): void {
  connection.query(
    'SELECT beats FROM replica_beats',
    (error: unknown, rows?: { beats: number | string }[]) => {
      // The pool finds out by itself that a connection is lost.
      connection.release();
      tell(error == null && rows?.[0] !== undefined ? Number(rows[0].beats) : undefined);
    },
  );
}
