import assert from 'node:assert/strict';
import { SharedClock } from '../../../src/platform/database/sharedClock.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { TestClock } from '../../support/clock.ts';
import { onMariadb } from '../../support/databases.ts';

const HOUR_MS = 3_600_000;
/** Between two looks of a test at two clocks. */
const TOLERANCE_MS = 2000;

onMariadb('TIME-1 the clock that nodes share', (open) => {
  let database: Database;
  let own: TestClock;
  let told: unknown[];
  let shared: SharedClock;

  before('opens a database', async () => {
    database = await open();
  });
  beforeEach('starts it on a machine whose clock is an hour ahead', async () => {
    own = new TestClock(Date.now() + HOUR_MS);
    told = [];
    shared = await SharedClock.start({ database, own, logger: { warn: (line: unknown) => told.push(line) } });
  });
  afterEach('stops it', () => shared.stop());

  const databaseNowMs = async () => {
    const [row] = await database.readCurrent<{ ms: number }>(
      'SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED) AS ms',
    );
    return row!.ms;
  };
  const isNear = async () => Math.abs(shared.nowMs() - (await databaseNowMs())) < TOLERANCE_MS;

  it('is the database’s, and the operator is told once how far the machine is off', async () => {
    assert.ok(await isNear());
    await shared.ask();
    assert.equal(told.length, 1);
    const { offMs } = told[0] as { offMs: number };
    assert.ok(Math.abs(offMs - HOUR_MS) < TOLERANCE_MS, String(offMs));
  });

  it('does not step when somebody sets the clock of the machine', async () => {
    const beforeMs = shared.nowMs();
    own.step(-5 * HOUR_MS);
    assert.equal(shared.nowMs(), beforeMs);
    own.advance(1500);
    assert.equal(shared.nowMs(), beforeMs + 1500);
    await shared.ask();
    assert.ok(await isNear());
  });

  it('finds its way back after a time that the machine has not counted', async () => {
    // The database is two hours ahead of where this machine believes it to be.
    own.advance(-2 * HOUR_MS);
    const monotonic = own.monotonicMs.bind(own);
    own.monotonicMs = () => monotonic() - 2 * HOUR_MS;
    assert.ok(!(await isNear()));
    await shared.ask();
    assert.ok(await isNear());
  });

  it('goes on by monotonic time while the database cannot be asked', async () => {
    const beforeMs = shared.nowMs();
    const readCurrent = database.readCurrent.bind(database);
    const away = Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
    Object.assign(database, { readCurrent: () => Promise.reject(away) });
    try {
      await assert.rejects(shared.ask());
      own.advance(60_000);
      assert.equal(shared.nowMs(), beforeMs + 60_000);
    } finally {
      Object.assign(database, { readCurrent });
    }
  });
});
