import { defaultsOf, type Environment } from '../../src/configuration/document.ts';
import { LiveConfiguration } from '../../src/configuration/liveConfiguration.ts';
import { localWake } from '../../src/platform/cluster/wake.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import type { Logger } from '../../src/platform/logger.ts';

const SERVICE: Pick<Environment, 'chatServiceHours' | 'chatAnswerMinutes' | 'chatResolutionMinutes'> = {
  chatServiceHours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '09:00', to: '21:00' }],
  chatAnswerMinutes: 5,
  chatResolutionMinutes: 240,
};

/** As a server has it whose administration has changed nothing. */
export function usualConfiguration(
  { database, logger }: { database: Database; logger: Logger },
  environment: Pick<Environment, 'pointsTransfersPerDay' | 'pointsTransferReview'>,
): LiveConfiguration {
  const defaults = defaultsOf({ ...SERVICE, ...environment });
  return new LiveConfiguration({ database, logger, wake: localWake(), defaults });
}
