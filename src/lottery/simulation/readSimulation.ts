import type { LotterySimulation } from '../../../entities/lottery/LotterySimulation.ts';
import { recordAction } from '../../admin/adminLog.ts';
import type { Actor } from '../../platform/caller.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { AppError, type Language } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import type { SimulationResult, SimulationView } from './messages.ts';
import { plotsOf } from './plots.ts';
import { endSimulation, failIfSilent, findSimulation } from './store.ts';

export interface ReadingServices {
  database: Database;
  clock: Clock;
}

/** As it is now; one whose node is silent has failed from here on. @throws AppError NOT_FOUND */
export async function readSimulation(
  { database, clock }: ReadingServices,
  simulationId: number,
): Promise<LotterySimulation> {
  const found = await findSimulation(database, simulationId);
  if (found === null) throw new AppError('NOT_FOUND');
  const silentMs = clock.nowMs() - found.heartbeat_at.getTime();
  if (found.status !== 'running' || silentMs <= LIMITS.simulationSilenceMs) return found;
  await database.retryingTransaction((tx) => failIfSilent(tx, simulationId, clock.nowMs()));
  return (await findSimulation(database, simulationId)) ?? found;
}

export function viewOf(simulation: LotterySimulation, language: Language): SimulationView {
  const { simulation_id, campaign_id, config_hash, status, progress, seed, draws, runs } = simulation;
  const result = simulation.result === null ? null : (JSON.parse(simulation.result) as SimulationResult);
  return {
    ...{ simulation_id, campaign_id, config_hash, status, progress, seed, draws, runs, result },
    plots: result && plotsOf(result, language),
    created_at: simulation.created_at.toISOString(),
    finished_at: simulation.finished_at?.toISOString() ?? null,
  };
}

/**
 * Cancels one that runs, on whichever node: the row says so at once, and its node ends the threads when it looks there next. One
 * that has ended stays as it is.
 * @returns its status
 * @throws AppError NOT_FOUND
 */
export async function cancelSimulation(
  { database, clock }: ReadingServices,
  { simulationId, actor }: { simulationId: number; actor: Actor },
): Promise<LotterySimulation['status']> {
  const nowMs = clock.nowMs();
  await database.retryingTransaction(async (tx) => {
    if (!(await endSimulation(tx, simulationId, { status: 'cancelled' }, nowMs))) return;
    const target = { type: 'simulation', id: simulationId };
    const before = { status: 'running' };
    const after = { status: 'cancelled' };
    await recordAction(tx, { actor, action: 'simulation.cancel', target, before, after }, nowMs);
  });
  return (await readSimulation({ database, clock }, simulationId)).status;
}
