import type { Logger } from '../logger.ts';
import { repeating } from '../repeating.ts';
import type { Database } from './transaction.ts';

const EACH_MS = 1000;
/** Looks in a row that it has not answered. */
const SILENT_LOOKS = 3;

/** Looks how far behind replicas are, and tells the operator of those that do not answer. @returns how to stop it */
export function watchReplicas(database: Database, logger: Logger): () => void {
  const silent: number[] = [];
  const look = async () => {
    await database.lookAtReplicas();
    for (const [at, behindMs] of database.replicasBehindMs.entries()) {
      const looks = behindMs === undefined ? (silent[at] ?? 0) + 1 : 0;
      const replica = at + 1;
      if (looks === SILENT_LOOKS)
        logger.warn({ replica }, 'a replica does not answer: nothing is read from it');
      if (looks === 0 && (silent[at] ?? 0) >= SILENT_LOOKS)
        logger.info({ replica }, 'the replica answers again');
      silent[at] = looks;
    }
  };
  return repeating(logger, 'it could not be seen how far replicas are behind', look, { intervalMs: EACH_MS });
}
