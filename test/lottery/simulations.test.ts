import assert from 'node:assert/strict';
import type { LotterySimulation } from '../../entities/lottery/LotterySimulation.ts';
import type { SimulationResult } from '../../src/lottery/simulation/messages.ts';
import { cancelSimulation, readSimulation } from '../../src/lottery/simulation/readSimulation.ts';
import { Simulations, type SimulationServices } from '../../src/lottery/simulation/simulations.ts';
import { configHashOf } from '../../src/lottery/simulation/subject.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { AppError } from '../../src/platform/errors.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { logSearch } from '../support/logs.ts';
import { ENDLESS, planOf, settledThreads, start, until, when, workerThreads } from './simulationScene.ts';

const actor = { userId: 1, ip: '127.0.0.1', requestId: 'r' };
const isOver = ({ status }: LotterySimulation) => status !== 'running';

forEachDatabase('simulations', (open) => {
  let database: Database;
  let services: SimulationServices & { clock: TestClock };
  let node: Simulations;
  let other: Simulations;

  before('opens a database', async function () {
    this.timeout(60_000);
    database = await open();
  });
  beforeEach('two nodes', () => {
    const clock = new TestClock(Date.now());
    const logger = createLogger('debug', logSearch.destination);
    services = { database, clock, logger, config: { market: 'CN' } };
    node = new Simulations(services);
    other = new Simulations(services);
  });
  afterEach('close', async function () {
    this.timeout(30_000);
    await node.close();
    await other.close();
  });

  it('RL-11 L-11 is completed with its result, which is the same on every node', async () => {
    const plan = planOf();
    const ids = [await start(node, services, plan), await start(other, services, plan)];
    const [first, second] = await Promise.all(ids.map((id) => when(database, id, isOver)));
    assert.deepEqual([first!.status, first!.progress], ['completed', 1]);
    assert.ok(first!.finished_at !== null);
    assert.equal(first!.result, second!.result);
    const result = JSON.parse(first!.result!) as SimulationResult;
    assert.equal(result.config_hash, configHashOf(plan.config));
    assert.equal(first!.config_hash, result.config_hash);
    assert.deepEqual(
      result.prizes.map(({ prize_id, key, name }) => [prize_id, key, name]),
      [
        [11, 'dinner', 'Dinner'],
        [12, 'tea', 'Tea'],
      ],
    );
    assert.equal(result.prizes[0]!.wins, 20);
    assert.deepEqual(result.warnings, [
      {
        key: 'dinner',
        code: 'exhausts_early',
        prize_id: 11,
        name: 'Dinner',
        ...valuesOf(result, 'exhausts_early'),
      },
    ]);
  }).timeout(60_000);

  it('RL-11 tells how far it is while it runs, and leaves no thread when it is cancelled here', async function () {
    const before = await settledThreads();
    const id = await start(node, services, planOf({ ...ENDLESS, draws: 100_000_000 }));
    await when(database, id, ({ progress }) => progress > 0);
    assert.equal(await cancelSimulation(services, { simulationId: id, actor }), 'cancelled');
    await node.drop(id);
    assert.equal(await settledThreads(), before);
    const { status, result } = await readSimulation(services, id);
    assert.deepEqual([status, result], ['cancelled', null]);
    // Cancelled again it stays as it is.
    assert.equal(await cancelSimulation(services, { simulationId: id, actor }), 'cancelled');
  }).timeout(60_000);

  it('RL-11 is cancelled from any node, and its own ends the threads', async function () {
    if (process.platform !== 'linux') this.skip();
    const before = await settledThreads();
    const id = await start(node, services, planOf(ENDLESS));
    await until(() => workerThreads() > before);
    await cancelSimulation(services, { simulationId: id, actor });
    await other.drop(id);
    await until(() => workerThreads() <= before);
    assert.equal((await readSimulation(services, id)).status, 'cancelled');
  }).timeout(60_000);

  it('RL-11 TIME-1 has failed once its node is silent, by the clock that all share, and is given up there', async function () {
    const before = await settledThreads();
    const id = await start(node, services, planOf(ENDLESS));
    const at = (laterMs: number) => ({ ...services, clock: new TestClock(services.clock.nowMs() + laterMs) });
    // The node says that it is alive, at a clock that stands still.
    const { status } = await readSimulation(at(LIMITS.simulationSilenceMs), id);
    assert.equal(status, 'running');
    const later = at(LIMITS.simulationSilenceMs + 1);
    const failed = await readSimulation(later, id);
    assert.equal(failed.status, 'failed');
    assert.equal(failed.finished_at!.getTime(), later.clock.nowMs());
    await until(() => workerThreads() <= before);
    assert.equal((await readSimulation(services, id)).status, 'failed');
  }).timeout(60_000);

  it('RL-11 come one after the other on a node, and are refused with BUSY when too many are open', async () => {
    const ids: number[] = [];
    while (ids.length < LIMITS.openSimulations) ids.push(await start(node, services, planOf(ENDLESS)));
    await assert.rejects(
      start(node, services, planOf()),
      (error) => error instanceof AppError && error.code === 'BUSY',
    );
    const last = ids.at(-1)!;
    await cancelSimulation(services, { simulationId: last, actor });
    await node.drop(last);
    ids.push(await start(node, services, planOf()));
    for (const id of ids.slice(0, -1)) {
      await cancelSimulation(services, { simulationId: id, actor });
      await node.drop(id);
    }
    assert.equal((await when(database, ids.at(-1)!, isOver)).status, 'completed');
  }).timeout(60_000);

  it('RL-11 fail when their node stops, those that wait as well', async () => {
    const ids = [await start(node, services, planOf(ENDLESS)), await start(node, services, planOf())];
    await node.close();
    for (const id of ids) assert.equal((await readSimulation(services, id)).status, 'failed');
    await assert.rejects(
      start(node, services, planOf()),
      (error) => error instanceof AppError && error.code === 'BUSY',
    );
  }).timeout(60_000);

  it('an unknown one is NOT_FOUND', async () => {
    const isUnknown = (error: unknown) => error instanceof AppError && error.code === 'NOT_FOUND';
    await assert.rejects(readSimulation(services, 999_999), isUnknown);
    await assert.rejects(cancelSimulation(services, { simulationId: 999_999, actor }), isUnknown);
  });
});

function valuesOf({ warnings }: SimulationResult, code: string): { value: number; limit: number } {
  const { value, limit } = warnings.find((warning) => warning.code === code)!;
  return { value, limit };
}
