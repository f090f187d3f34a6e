import { defaultsOf } from '../../src/configuration/document.ts';
import { changeConfiguration, returnConfiguration } from '../../src/configuration/versions.ts';
import { systemClock as clock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';

const DEFAULTS = defaultsOf({
  pointsTransfersPerDay: 100,
  pointsTransferReview: 50,
  chatServiceHours: [{ days: [1], from: '09:00', to: '21:00' }],
  chatAnswerMinutes: 5,
  chatResolutionMinutes: 60,
});

/** Somebody changes it twice, and goes back. */
export async function playConfiguration(database: Database, userId: number): Promise<void> {
  const actor = { userId, ip: '', requestId: 'c' };
  for (const version of [0, 1]) {
    const configuration = { ...DEFAULTS, chat: { slow_mode_s: version + 1 } };
    await database.transaction((tx) =>
      changeConfiguration(tx, { actor, version, configuration }, DEFAULTS, clock.nowMs()),
    );
  }
  await database.transaction((tx) =>
    returnConfiguration(tx, { actor, version: 2, toVersion: 1 }, DEFAULTS, clock.nowMs()),
  );
}
