import type { QueryRunner } from 'typeorm';
import type { Database } from '../../src/platform/database/transaction.ts';

export type CommitFault =
  /** The commit never reaches the database: everything is rolled back. */
  | 'commit fails'
  /** The database commits, but the connection dies before its answer arrives. */
  | 'answer is lost';

/**
 * Makes the next commits of a real database go wrong at the driver's edge, one fault each. The database itself is untouched:
 * what it was told, it has done. `remaining` tells how many are still to come.
 */
export function failCommits(database: Database, faults: CommitFault[]): { remaining(): number } {
  interceptStatements(database, async (sql, send) => {
    if (!isCommitting(sql)) return send();
    const fault = faults.shift();
    const answer = fault === 'commit fails' ? undefined : await send();
    if (fault !== undefined)
      throw Object.assign(new Error(`injected: ${fault}`), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true });
    return answer;
  });
  return { remaining: () => faults.length };
}

/** COMMIT, alone or behind the last statements of its transaction. */
export function isCommitting(sql: string): boolean {
  return /(^|;\n)COMMIT$/.test(sql);
}

/** `sendOther` sends another statement in the place of this one, or before it. */
type Intercept = (
  sql: string,
  send: () => Promise<unknown>,
  sendOther: (sql: string) => Promise<unknown>,
) => Promise<unknown>;

/** Lets every statement of every transaction, BEGIN, COMMIT and ROLLBACK among them, pass here on its way to the driver. */
export function interceptStatements(database: Database, intercept: Intercept): void {
  const source = database['sources'].write;
  const create = source.createQueryRunner.bind(source);
  // On SQLite every call returns the same runner, which must not be wrapped twice.
  const wrapped = new WeakSet<QueryRunner>();
  source.createQueryRunner = (mode) => {
    const runner = create(mode);
    if (!wrapped.has(runner)) {
      wrapped.add(runner);
      const query = runner.query.bind(runner) as (...given: unknown[]) => Promise<unknown>;
      runner.query = ((...given: unknown[]) =>
        intercept(String(given[0]), () => query(...given), query)) as QueryRunner['query'];
    }
    return runner;
  };
  // The runner that the door of SQLite keeps.
  if (database.dialect === 'sqlite') source.createQueryRunner();
}

/** What is read outside of transactions fails from now on, as where the pool has no place left. @returns the end of it */
export function refuseReads(database: Database): () => void {
  Object.defineProperty(database, 'currentReader', {
    configurable: true,
    get: () => {
      throw new Error('Queue limit reached.');
    },
  });
  return () => Reflect.deleteProperty(database, 'currentReader');
}
