import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, before, beforeEach, it } from 'mocha';
import { createKey, revokeKey, rotateKey, type IssuedKey } from '../../../src/identity/apiKeys/apiKeys.ts';
import { identifyCallerBy } from '../../../src/identity/apiKeys/identifyCaller.ts';
import { AccessControl } from '../../../src/identity/access/accessControl.ts';
import { localWake } from '../../../src/platform/cluster/wake.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { User } from '../../../entities/identity/User.ts';
import { TestClock } from '../../support/clock.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { openLoginDesk } from '../loginDesk.ts';

const WITHIN_MS = 1000;
const TOO_LONG_MS = 6000;

forEachDatabase('API keys on other nodes', (open) => {
  let database: Database;
  let userId: number;
  let clock: TestClock;
  /** Where the keys are made. */
  let here: AccessControl;
  /** Follows the same database, and is told nothing: it polls. */
  let there: AccessControl;
  let passedMs = 0;
  before(async () => {
    database = await open();
    const { user } = await openLoginDesk(database, new TestClock()).login({ mobile: '13300000000' });
    userId = user.userId;
    await database.transaction((tx) => tx.manager.update(User, { user_id: userId }, { role: 'super_admin' }));
  });
  beforeEach(async () => {
    clock = new TestClock();
    passedMs = 0;
    const ticks = {
      monotonicMs: () => performance.now() + passedMs,
      wallMs: () => Date.now() + passedMs,
    };
    const logger = createLogger('silent');
    const services = { database, clock, logger, wake: localWake(), accessTokenSeconds: 7200, ticks };
    here = await AccessControl.load(services);
    there = await AccessControl.load({ ...services, wake: localWake() });
  });
  afterEach(() => there.stop());

  const actor = () => ({ userId, ip: '127.0.0.1', requestId: 'r' });
  const services = () => ({ database, clock, access: here });
  const make = (): Promise<IssuedKey> =>
    createKey(services(), {
      ...{ actor: actor(), name: 'till', permissions: ['users:read'], networks: [] },
      ...{ restaurantId: null, expiresAtMs: null },
    });
  /** What the other node says of a text. */
  const asks = (text: string) =>
    identifyCallerBy({
      access: there,
      clock,
      identify: () => Promise.reject(new Error('it is no token')),
      keyUse: { note: () => undefined },
    })(text, '127.0.0.1').then(
      ({ userId: caller }) => (there.can({ userId: caller }, 'users:read') ? 'OK' : 'FORBIDDEN'),
      (error: { code: string }) => error.code,
    );
  const becomes = async (text: string, code: string) => {
    const began = performance.now();
    while ((await asks(text)) !== code) {
      assert.ok(performance.now() - began < WITHIN_MS, `${code} within a second`);
      await sleep(10);
    }
  };

  it('A-12 a key is known, rotated and revoked on every node within a second, without being told', async () => {
    there.start();
    const { text, row } = await make();
    await becomes(text, 'OK');
    const change = { actor: actor(), apiKeyId: row.api_key_id };
    const next = await rotateKey(services(), { ...change, overlapSeconds: 0 });
    await becomes(next.text, 'OK');
    assert.equal(await asks(text), 'UNAUTHENTICATED');
    await revokeKey(services(), change);
    await becomes(next.text, 'UNAUTHENTICATED');
    assert.equal(there.can({ userId: -row.api_key_id }, 'users:read'), false);
  });

  it('A-12 a node that cannot know of revoked keys takes none', async () => {
    const { text } = await make();
    await there.changed();
    assert.equal(await asks(text), 'OK');
    passedMs += TOO_LONG_MS;
    assert.equal(await asks(text), 'BUSY');
    await there.changed();
    assert.equal(await asks(text), 'OK');
  });
});
