import type { QueryRunner } from 'typeorm';
import type { Database } from '../../src/database/transaction.ts';

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
  const source = database['sources'].write;
  const create = source.createQueryRunner.bind(source);
  // On SQLite every call returns the same runner, which must not be wrapped twice.
  const wrapped = new WeakSet<QueryRunner>();
  source.createQueryRunner = (mode) => {
    const runner = create(mode);
    if (!wrapped.has(runner)) {
      wrapped.add(runner);
      const commit = runner.commitTransaction.bind(runner);
      runner.commitTransaction = async () => {
        const fault = faults.shift();
        if (fault !== 'commit fails') await commit();
        if (fault !== undefined)
          throw Object.assign(new Error(`injected: ${fault}`), { code: 'PROTOCOL_CONNECTION_LOST' });
      };
    }
    return runner;
  };
  return { remaining: () => faults.length };
}
