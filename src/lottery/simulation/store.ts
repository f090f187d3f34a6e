/** Rows of simulations. One that is running is written by the node that runs it, and ended by whoever is first. */
import { In, LessThan } from 'typeorm';
import { LotterySimulation, type SimulationStatus } from '../../../entities/lottery/LotterySimulation.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { LIMITS } from '../../platform/limits.ts';

export type NewSimulation = Pick<
  LotterySimulation,
  'campaign_id' | 'config_hash' | 'seed' | 'draws' | 'runs' | 'author_id'
>;

export function insertSimulation(tx: Tx, simulation: NewSimulation, nowMs: number): Promise<number> {
  const now = new Date(nowMs);
  return insertOne(tx, LotterySimulation, {
    ...simulation,
    status: 'running',
    progress: 0,
    result: null,
    created_at: now,
    finished_at: null,
    heartbeat_at: now,
  });
}

export function findSimulation(database: Database, simulationId: number): Promise<LotterySimulation | null> {
  return database.currentReader.findOneBy(LotterySimulation, { simulation_id: simulationId });
}

/** The newest of any of these configurations. */
export function findSimulationsOf(
  database: Database,
  configHashes: readonly string[],
): Promise<LotterySimulation[]> {
  return database.currentReader.find(LotterySimulation, {
    where: { config_hash: In([...configHashes]) },
    order: { simulation_id: 'DESC' },
    take: LIMITS.openSimulations,
  });
}

export interface Beat {
  /** All of a node that it holds to be running. */
  simulationIds: readonly number[];
  /** Of the one that has threads now. */
  progress: { simulationId: number; progress: number } | undefined;
}

/** Says that their node is alive. @returns those that still run: the others were cancelled, or given up */
export async function beat(
  tx: Tx,
  { simulationIds, progress }: Beat,
  nowMs: number,
): Promise<ReadonlySet<number>> {
  const rows = await tx.lock(LotterySimulation, {
    select: { simulation_id: true },
    where: { simulation_id: In([...simulationIds]), status: 'running' },
    order: { simulation_id: 'ASC' },
  });
  const running = new Set(rows.map(({ simulation_id: simulationId }) => simulationId));
  if (running.size === 0) return running;
  const which = { simulation_id: In([...running]) };
  await tx.manager.update(LotterySimulation, which, { heartbeat_at: new Date(nowMs) });
  if (progress !== undefined && running.has(progress.simulationId)) {
    const { simulationId, progress: share } = progress;
    await tx.manager.update(LotterySimulation, { simulation_id: simulationId }, { progress: share });
  }
  return running;
}

export interface End {
  status: Exclude<SimulationStatus, 'running'>;
  result?: string;
}

/** Ends one that is running. @returns whether it was this that ended it */
export async function endSimulation(
  tx: Tx,
  simulationId: number,
  { status, result }: End,
  nowMs: number,
): Promise<boolean> {
  const { affected } = await tx.manager.update(
    LotterySimulation,
    { simulation_id: simulationId, status: 'running' },
    {
      status,
      finished_at: new Date(nowMs),
      ...(status === 'completed' && { progress: 1 }),
      ...(result !== undefined && { result }),
    },
  );
  return affected === 1;
}

/** Ends one whose node has not been heard of for long. */
export async function failIfSilent(tx: Tx, simulationId: number, nowMs: number): Promise<void> {
  const heardOfBefore = new Date(nowMs - LIMITS.simulationSilenceMs);
  await tx.manager.update(
    LotterySimulation,
    { simulation_id: simulationId, status: 'running', heartbeat_at: LessThan(heardOfBefore) },
    { status: 'failed', finished_at: new Date(nowMs) },
  );
}
