import type { Database } from '../../src/platform/database/transaction.ts';

/** Counts the statements that are sent from now on, writing and reading; `take` starts anew. */
export function countStatements(database: Database): { take(): number } {
  let count = 0;
  const { write, read } = database['sources'];
  for (const source of new Set([write, read])) {
    const log = source.logger.logQuery.bind(source.logger);
    source.logger.logQuery = (...parts) => {
      count += 1;
      log(...parts);
    };
  }
  return {
    take: () => {
      const taken = count;
      count = 0;
      return taken;
    },
  };
}
