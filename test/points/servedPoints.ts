/** The routes of points, served by the product's own HTTP side on a database of the suite. */
import { after, before } from 'mocha';
import type { Role } from '../../entities/identity/User.ts';
import { AccessTokens } from '../../src/identity/session/tokens.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { pointsRoutes } from '../../src/points/routes.ts';
import { serveRoutes, type ServedRoutes } from '../identity/serveRoutes.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { logSearch } from '../support/logs.ts';
import { TestClock } from '../support/clock.ts';
import type { OpenDatabase } from '../support/databases.ts';
import { usualConfiguration } from '../support/configuration.ts';
import { unlistedWords } from '../support/words.ts';

export const logger = createLogger('debug', logSearch.destination);

/** Settings of points, where a suite needs no others. */
export const POINTS_CONFIG = {
  pointsDebt: 'on' as const,
  pointsGraceDays: 7,
  pointsLifetimeDays: 0,
  pointsReminderDays: 7,
  pointsTransfersPerDay: 100,
  pointsTransferReview: 40,
  pointsBlockedWords: ['坏人'],
  pointsLevels: [0, 20_000, 50_000],
  pointsExperience: 'amount / 100',
  pointsCheckInCap: 7,
  pointsReturnDays: 0,
  businessTimezone: 'Asia/Shanghai',
};

export interface ServedPoints {
  clock: TestClock;
  tokenOf(userId: number, role?: Role): string;
  /** From the suite's hooks on. */
  database: Database;
  call: ServedRoutes['call'];
}

/**
 * Registers the hooks that open and close it.
 * @param tokenSeconds for as long as the suite moves its clock
 * @param settings that are not as above
 */
export function servePoints(
  open: OpenDatabase,
  tokenSeconds = 7200,
  settings: Partial<typeof POINTS_CONFIG> = {},
): ServedPoints {
  const clock = new TestClock();
  const secret = 'a secret of the tests, 32 bytes long';
  const tokens = new AccessTokens({ secret, lifetimeSeconds: tokenSeconds, clock });
  let database: Database;
  let served: ServedRoutes;
  before(async () => {
    database = await open();
    const config = { ...POINTS_CONFIG, ...settings };
    const words = unlistedWords({ database, logger }, config.pointsBlockedWords);
    const configuration = usualConfiguration({ database, logger }, config);
    const services = { database, clock, logger, config, words, configuration };
    served = await serveRoutes(pointsRoutes(services), tokens);
  });
  after(() => served?.close());
  return {
    clock,
    tokenOf: (userId, role = 'user') => tokens.sign({ userId, sessionId: 1, role, nickname: '食客' }),
    get database() {
      return database;
    },
    call: (...asked) => served.call(...asked),
  };
}
