import * as mysql2 from 'mysql2';
import { limitAnswers, limitWait } from './answerDeadline.ts';
import type { SessionSettings } from './mysqlSession.ts';
import type { Pool, PooledConnection } from './pool.ts';
import type { Replicas } from './replicas.ts';

/** A pool of mysql2's own, which tells of connections that it has nobody for. */
interface TellingPool extends Pool {
  on(event: 'release', listener: (connection: PooledConnection) => void): void;
}

export interface ReplicaPools {
  pools: Replicas;
  /** As the driver takes them. */
  servers: readonly object[];
}

/**
 * What is given to TypeORM as its driver, so that not even its own first query finds a connection whose state was not set.
 * @param replicas what they are made into, of replicas: the options are those of the server that they follow.
 * @param answerMs what takes longer fails, and the connection is closed; undefined: it may take for ever.
 */
export function driverOf(
  { statements, idleLimitMs }: SessionSettings,
  { replicas, answerMs }: { replicas?: ReplicaPools; answerMs?: number | undefined } = {},
): object {
  return {
    ...mysql2,
    createPool: (options: mysql2.PoolOptions): Pool => {
      const idle = idleOptions(idleLimitMs, options.connectionLimit ?? 1);
      const poolOf = (server: object = {}) => {
        const pool = mysql2.createPool({ ...options, ...server, ...idle }) as unknown as TellingPool;
        const maxIdleMs = idleLimitMs === undefined ? undefined : (idleLimitMs * 2) / 3;
        return preparing(pool, { statements, maxIdleMs, answerMs });
      };
      const whole =
        replicas === undefined
          ? poolOf()
          : replicas.pools.open({
              replicas: replicas.servers.map(poolOf),
              primary: poolOf({ connectionLimit: fewOf(options.connectionLimit ?? 1) }),
            });
      return answerMs === undefined ? whole : impatient(whole, answerMs);
    },
  };
}

/** Of a pool beside which others do the most. */
export function fewOf(poolSize: number): number {
  return Math.max(Math.ceil(poolSize / 4), 2);
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
