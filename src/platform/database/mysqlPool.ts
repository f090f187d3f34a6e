import * as mysql2 from 'mysql2';
import { limitAnswers, limitWait } from './answerDeadline.ts';
import type { SessionSettings } from './mysqlSession.ts';

/** The part of mysql2's pool that TypeORM and this file use. */
interface Pool {
  getConnection(callback: GotConnection): void;
  end(callback?: (error?: unknown) => void): void;
}

/** A pool of mysql2's own, which tells of connections that it has nobody for. */
interface TellingPool extends Pool {
  on(event: 'release', listener: (connection: PooledConnection) => void): void;
}

interface PooledConnection {
  promise(): unknown;
  query(...given: unknown[]): unknown;
  release(): void;
  destroy(): void;
}

type GotConnection = (error: unknown, connection?: PooledConnection) => void;

/** A replica that was not reached is left alone for so long, unless no other one is. */
const AWAY_MS = 5000;

/**
 * What is given to TypeORM as its driver, so that not even its own first query finds a connection whose state was not set.
 * @param others further servers of the same content: connections are taken from the next one each time.
 * @param answerMs what takes longer fails, and the connection is closed; undefined: it may take for ever.
 */
export function driverOf(
  { statements, idleLimitMs }: SessionSettings,
  { others = [], answerMs }: { others?: readonly object[]; answerMs?: number | undefined } = {},
): object {
  return {
    ...mysql2,
    createPool: (options: mysql2.PoolOptions): Pool => {
      const idle = idleOptions(idleLimitMs, options.connectionLimit ?? 1);
      const pools = [options, ...others.map((other) => ({ ...options, ...other }))].map((one) => {
        const pool = mysql2.createPool({ ...one, ...idle }) as unknown as TellingPool;
        const maxIdleMs = idleLimitMs === undefined ? undefined : (idleLimitMs * 2) / 3;
        return preparing(pool, { statements, maxIdleMs, answerMs });
      });
      const whole = pools.length === 1 ? pools[0]! : new Replicas(pools);
      return answerMs === undefined ? whole : impatient(whole, answerMs);
    },
  };
}

/** The pool closes idle connections itself, one or two seconds before the server would; it looks once a second. */
function idleOptions(idleLimitMs: number | undefined, poolSize: number): object {
  if (idleLimitMs === undefined) return {};
  // Only with room for fewer idle connections than there may be does the pool look at all.
  return { idleTimeout: idleLimitMs / 3, maxIdle: poolSize - 1, gracefulEnd: true };
}

/**
 * The pool gives out no connection on which one of the statements has not run, and none that was idle for too long: a process
 * that was stopped, or busy for seconds, wakes up with connections that the server has closed and that it has not heard of.
 */
function preparing(
  pool: TellingPool,
  {
    statements,
    maxIdleMs,
    answerMs,
  }: { statements: readonly string[]; maxIdleMs: number | undefined; answerMs: number | undefined },
): Pool {
  const prepared = new WeakSet<PooledConnection>();
  const idleSinceMs = new WeakMap<PooledConnection, number>();
  pool.on('release', (connection) => idleSinceMs.set(connection, performance.now()));
  const getConnection = pool.getConnection.bind(pool);
  pool.getConnection = (callback) => {
    getConnection((error, connection) => {
      if (connection === undefined) return callback(error);
      const idleMs = performance.now() - (idleSinceMs.get(connection) ?? performance.now());
      idleSinceMs.delete(connection);
      if (!prepared.has(connection)) {
        if (answerMs !== undefined) limitAnswers(connection, answerMs);
        prepare(connection, statements, (failure) => {
          if (failure === undefined) prepared.add(oneFace(connection));
          // Half prepared is not prepared, and nobody would set the rest.
          else connection.destroy();
          callback(failure ?? null, failure === undefined ? connection : undefined);
        });
      } else if (maxIdleMs !== undefined && idleMs > maxIdleMs) {
        connection.destroy();
        pool.getConnection(callback);
      } else callback(null, connection);
    });
  };
  return pool;
}

/** TypeORM asks for this face before each statement, and mysql2 would load the file of its class and make one each time. */
function oneFace(connection: PooledConnection): PooledConnection {
  const face = connection.promise();
  connection.promise = () => face;
  return connection;
}

function prepare(
  connection: PooledConnection,
  [first, ...rest]: readonly string[],
  done: (failure: unknown) => void,
): void {
  if (first === undefined) return done(undefined);
  connection.query(first, (error: unknown) =>
    error == null ? prepare(connection, rest, done) : done(error),
  );
}

/** Whoever has waited for a connection for too long is told so. */
function impatient(pool: Pool, waitMs: number): Pool {
  const getConnection = pool.getConnection.bind(pool);
  const wait = {
    what: 'connection',
    limitMs: waitMs,
    onLate: (connection?: PooledConnection) => connection?.release(),
  };
  pool.getConnection = (callback) => getConnection(limitWait(wait, callback));
  return pool;
}

/** Pools of several servers behind the face of one. Each connection is from the next server that is not away. */
class Replicas implements Pool {
  private next = 0;
  private readonly awayUntilMs: number[];

  constructor(private readonly pools: readonly Pool[]) {
    this.awayUntilMs = pools.map(() => 0);
  }

  getConnection(callback: GotConnection): void {
    this.next = (this.next + 1) % this.pools.length;
    const inTurn = this.pools.map((_, at) => (at + this.next) % this.pools.length);
    const isAway = (at: number) => this.awayUntilMs[at]! > performance.now();
    this.tryEach([...inTurn.filter((at) => !isAway(at)), ...inTurn.filter(isAway)], callback);
  }

  private tryEach([at, ...rest]: readonly number[], callback: GotConnection): void {
    this.pools[at!]!.getConnection((error, connection) => {
      if (connection !== undefined) return callback(null, connection);
      this.awayUntilMs[at!] = performance.now() + AWAY_MS;
      if (rest.length === 0) callback(error);
      else this.tryEach(rest, callback);
    });
  }

  end(callback: (error?: unknown) => void = () => undefined): void {
    let open = this.pools.length;
    let failure: unknown;
    for (const pool of this.pools) {
      pool.end((error) => {
        failure ??= error;
        if (--open === 0) callback(failure ?? undefined);
      });
    }
  }
}
