import { localWake } from '../../src/platform/cluster/wake.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import type { Logger } from '../../src/platform/logger.ts';
import { Words } from '../../src/words/words.ts';

/** As a server has them whose administration has made no list. */
export function unlistedWords(
  { database, logger }: { database: Database; logger: Logger },
  settled: readonly string[] = [],
): Words {
  return new Words({ database, logger, wake: localWake(), settled });
}
