import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LotteryFairnessEpoch } from '../../entities/lottery/LotteryFairnessEpoch.ts';
import { ReadinessProbe } from '../../entities/platform/ReadinessProbe.ts';
import { probeWrite } from '../../src/platform/database/probeWrite.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { createSeed } from '../../src/lottery/seeds.ts';
import { Readiness, type Check } from '../../src/platform/readiness.ts';
import { forEachDatabase } from '../support/databases.ts';
import { logSearch } from '../support/logs.ts';
import { startServer } from '../support/server.ts';

const logger = createLogger('debug', logSearch.destination);
const readinessOf = (checks: Record<string, Check>) => new Readiness({ checks, logger, deadlineMs: 100 });
const works: Check = { check: async () => undefined };
const fails: Check = { check: () => Promise.reject(new Error('away')) };

describe('S-6 readiness', () => {
  it('names what does not work, and not what cannot be known without it', async () => {
    assert.deepEqual(await readinessOf({ database: works, redis: works }).missing(), []);
    assert.deepEqual(await readinessOf({ database: works, redis: fails }).missing(), ['redis']);
    const key = { ...fails, needs: 'database' };
    assert.deepEqual(await readinessOf({ database: fails, key }).missing(), ['database']);
    assert.deepEqual(await readinessOf({ database: works, key }).missing(), ['key']);
  });

  it('is asked of the parts once a second, however many want to know', async () => {
    let asked = 0;
    const readiness = readinessOf({
      database: {
        check: async () => {
          asked++;
          await sleep(20);
        },
      },
    });
    for (let at = 0; at < 3; at++) await Promise.all(Array.from({ length: 100 }, () => readiness.missing()));
    assert.equal(asked, 1);
    await sleep(1050);
    await readiness.missing();
    assert.equal(asked, 2);
  });

  it('does not wait for a part that hangs, nor ask it again, and notices when it is back', async () => {
    const answer = Promise.withResolvers<void>();
    let asked = 0;
    const readiness = readinessOf({
      database: {
        check: () => {
          asked++;
          return answer.promise;
        },
      },
    });
    assert.deepEqual(await readiness.missing(), ['database']);
    await sleep(1050);
    const startMs = performance.now();
    assert.deepEqual(await readiness.missing(), ['database']);
    assert.ok(performance.now() - startMs < 90, 'the deadline was waited for twice');
    assert.equal(asked, 1);
    answer.resolve();
    await sleep(1050);
    assert.deepEqual(await readiness.missing(), []);
    assert.equal(asked, 2);
  });
});

forEachDatabase('S-6 readiness', (open, openUrl) => {
  it('asks the database for a commit, which leaves nothing', async () => {
    const database = await open();
    await Promise.all(Array.from({ length: 8 }, () => probeWrite(database)));
    assert.equal(await database.reader.count(ReadinessProbe), 0);
  });

  it('a seed that was stored by another key than ours makes a node unavailable', async () => {
    const server = await startServer(await openUrl());
    try {
      const ready = () => fetch(`${server.origin}/ready`);
      assert.equal((await ready()).status, 200);
      const { encrypted, hash } = createSeed({ seedKey: randomBytes(32) });
      await server.context.database.transaction(({ manager }) =>
        manager.insert(LotteryFairnessEpoch, {
          campaign_id: 2_000_000_000,
          epoch: 1,
          server_seed_hash: hash,
          encrypted_seed: encrypted,
          from_draw_no: 1,
          committed_at: new Date(),
        }),
      );
      await sleep(1050);
      const answer = await ready();
      assert.deepEqual(
        [answer.status, await answer.json()],
        [503, { status: 'unavailable', missing: ['seed_key'] }],
      );
    } finally {
      await server.close();
    }
  });
});
