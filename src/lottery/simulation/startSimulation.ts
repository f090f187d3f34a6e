import { randomBytes } from 'node:crypto';
import { recordAction } from '../../admin/adminLog.ts';
import type { Actor } from '../../platform/caller.ts';
import { LIMITS } from '../../platform/limits.ts';
import { configProblems } from '../../draw/odds.ts';
import type { SimulationPlan } from '../../draw/simulate.ts';
import { AppError } from '../../platform/errors.ts';
import type { SimulateBody } from './messages.ts';
import type { Simulations, SimulationServices } from './simulations.ts';
import { insertSimulation } from './store.ts';
import { configHashOf, type Subject } from './subject.ts';

/** Where nothing is said of them. */
const MOST_RUNS = 40;
const DRAWS_PER_DINER = 20;
const SEED_BYTES = 8;

export interface Asked {
  subject: Subject;
  campaignId: number | null;
  body: Omit<SimulateBody, 'campaign_id' | 'config'>;
  actor: Actor;
}

/** Begins a simulation on this node. @returns its id @throws AppError VALIDATION_FAILED, BUSY */
export async function startSimulation(
  { simulations, clock }: Pick<SimulationServices, 'clock'> & { simulations: Simulations },
  { subject, campaignId, body, actor }: Asked,
): Promise<number> {
  refuseUnfit(subject);
  const plan = planOf(subject, body);
  const row = {
    campaign_id: campaignId,
    config_hash: configHashOf(plan.config),
    seed: plan.seed,
    draws: plan.draws,
    runs: plan.runs,
  };
  const budget = body.budget === undefined ? null : Math.round(body.budget * 100);
  return simulations.start({ plan, keys: subject.keys, budget }, async (tx) => {
    const nowMs = clock.nowMs();
    const simulationId = await insertSimulation(tx, { ...row, author_id: actor.userId }, nowMs);
    const target = { type: 'simulation', id: simulationId };
    await recordAction(tx, { actor, action: 'simulation.start', target, before: null, after: row }, nowMs);
    return simulationId;
  });
}

/** What cannot be published cannot be simulated either. */
function refuseUnfit({ config }: Subject): void {
  const problems = configProblems(config);
  if (config.prizes.length === 0) problems.push('there are no prizes');
  if (problems.length === 0) return;
  throw new AppError('VALIDATION_FAILED', {
    details: problems.map((message) => ({ path: 'body.config', message })),
  });
}

function planOf(subject: Subject, body: Asked['body']): SimulationPlan {
  const { draws } = body;
  const { config, startsAtMs, endsAtMs, freeDrawsPerDay } = subject;
  return {
    config,
    draws,
    runs: body.runs ?? Math.min(MOST_RUNS, Math.floor(LIMITS.simulatedDraws / draws)),
    seed: body.seed ?? randomBytes(SEED_BYTES).toString('hex'),
    population: {
      diners: body.diners ?? Math.ceil(draws / DRAWS_PER_DINER),
      levels: body.levels ?? {},
      startsAtMs,
      endsAtMs,
      freeDrawsPerDay,
    },
  };
}
