import assert from 'node:assert/strict';
import { it } from 'mocha';
import { BusinessConfig } from '../../entities/configuration/BusinessConfig.ts';
import { defaultsOf } from '../../src/configuration/document.ts';
import { LiveConfiguration } from '../../src/configuration/liveConfiguration.ts';
import { changeConfiguration } from '../../src/configuration/versions.ts';
import { localWake } from '../../src/platform/cluster/wake.ts';
import { insertOne } from '../../src/platform/database/bulk.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { forEachDatabase } from '../support/databases.ts';

const DEFAULTS = defaultsOf({
  ...{ pointsTransfersPerDay: 1000, pointsTransferReview: 500 },
  ...{ chatServiceHours: [], chatAnswerMinutes: 5, chatResolutionMinutes: 60 },
});
const CONFIG = {
  ...DEFAULTS,
  service: { ...DEFAULTS.service, hours: [{ days: [1], from: '09:00', to: '21:00' }] },
};
const NOW = Date.UTC(2026, 0, 1);

forEachDatabase('a configuration of a later build', (open) => {
  it('RO-3 values that are not known are passed over, told of once, and kept by the next version', async () => {
    const database = await open();
    const stored = {
      ...CONFIG,
      transfers: { ...CONFIG.transfers, per_day: 77, later: [1] },
      later: { value: 'x' },
    };
    await database.transaction((tx) =>
      insertOne(tx, BusinessConfig, {
        version: 1,
        config: JSON.stringify(stored),
        returned_to: null,
        created_by: 1,
        created_at: new Date(NOW),
      }),
    );
    const log: string[] = [];
    const logger = createLogger('warn', { write: (line) => void log.push(line) });
    const live = await LiveConfiguration.open({ database, logger, wake: localWake(), defaults: DEFAULTS });
    assert.deepEqual(live.held(), { version: 1, bad: null });
    assert.deepEqual(live.now(), { ...CONFIG, transfers: { ...CONFIG.transfers, per_day: 77 } });
    const change = {
      actor: { userId: 1, ip: '127.0.0.1', requestId: 'later' },
      version: 1,
      configuration: { ...live.now(), transfers: { ...CONFIG.transfers, per_day: 78 } },
    };
    await database.transaction((tx) => changeConfiguration(tx, change, DEFAULTS, NOW));
    await live.refresh();
    assert.equal(live.now().transfers.per_day, 78);
    assert.equal(log.length, 1, log.join(''));
    assert.match(log[0]!, /transfers\.later.*later\.value/);
    const row = await database.currentReader.findOneByOrFail(BusinessConfig, { version: 2 });
    assert.deepEqual(JSON.parse(row.config), { ...stored, transfers: { ...stored.transfers, per_day: 78 } });
  });
});
