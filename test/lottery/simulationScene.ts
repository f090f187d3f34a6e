/** What suites of simulations start from. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LotterySimulation } from '../../entities/lottery/LotterySimulation.ts';
import type { SimulationPlan } from '../../src/draw/simulate.ts';
import type { Simulations, SimulationServices } from '../../src/lottery/simulation/simulations.ts';
import { findSimulation, insertSimulation } from '../../src/lottery/simulation/store.ts';
import { configHashOf } from '../../src/lottery/simulation/subject.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { configOf, prizeOf } from '../draw/configs.ts';

const PRIZES = [
  prizeOf({ prize_id: 11, name: 'Dinner', value: '500.00', p: 1_000_000, stock: 20, fallback_prize_id: 12 }),
  prizeOf({ prize_id: 12, name: 'Tea', value: '20.00', p: 20_000_000 }),
];

/** One that takes a moment, or with a hundred times the draws minutes. */
export function planOf(plan: Partial<SimulationPlan> = {}): SimulationPlan {
  return {
    config: configOf({
      prizes: PRIZES,
      guarantee: { threshold: 9, prize_id: 12 },
      level_bonus_bp: { '2': 900 },
    }),
    draws: 5000,
    runs: 8,
    seed: 'scene',
    population: {
      diners: 100,
      levels: { '1': 1, '2': 1 },
      startsAtMs: 0,
      endsAtMs: 86_400_000,
      freeDrawsPerDay: 1,
    },
    ...plan,
  };
}

/** More than any test waits for. */
export const ENDLESS: Partial<SimulationPlan> = { draws: 1_000_000_000, runs: 2 };

export function start(
  simulations: Simulations,
  { clock }: Pick<SimulationServices, 'clock'>,
  plan: SimulationPlan,
): Promise<number> {
  const keys = new Map([
    [11, 'dinner'],
    [12, 'tea'],
  ]);
  const { draws, runs, seed, config } = plan;
  const row = { campaign_id: null, config_hash: configHashOf(config), seed, draws, runs, author_id: 1 };
  return simulations.start({ plan, keys, budget: 100_000_00 }, (tx) =>
    insertSimulation(tx, row, clock.nowMs()),
  );
}

/** How long anything may take on a machine that has other work. */
const PATIENCE_MS = 40_000;

/** The row, once it is as it should be. */
export async function when(
  database: Database,
  simulationId: number,
  isSo: (simulation: LotterySimulation) => boolean,
): Promise<LotterySimulation> {
  let simulation: LotterySimulation | null = null;
  await until(async () => {
    simulation = await findSimulation(database, simulationId);
    return simulation !== null && isSo(simulation);
  });
  return simulation!;
}

export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error('it did not come to that');
    await sleep(20);
  }
}

/** How many there are once none begins or ends any more: what has ended stays in the list for a moment. */
export async function settledThreads(): Promise<number> {
  let [count, since] = [-1, 0];
  await until(() => {
    const now = workerThreads();
    [count, since] = now === count ? [count, since + 1] : [now, 0];
    return since === 10;
  });
  return count;
}

/** Threads of this process that run JavaScript of their own, as Linux names them; elsewhere none are seen. */
export function workerThreads(): number {
  if (process.platform !== 'linux') return 0;
  const threads = readdirSync('/proc/self/task').map((id) => {
    try {
      return readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim();
    } catch {
      // It has ended meanwhile.
      return '';
    }
  });
  return threads.filter((name) => name === 'WorkerThread').length;
}
