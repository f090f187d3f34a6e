/**
 * Checks the proof of one draw, as GET /lottery/draws/:id/proof answers, by itself: no server is asked. That the proof is one of
 * its campaign's log, only the whole log shows (verifyLog.ts).
 */
import * as z from 'zod';
import { DrawEngine } from '../draw/engine.ts';
import { chainHash } from '../draw/fairness.ts';
import { configProblems, findInterval, type DrawConfig } from '../draw/odds.ts';
import {
  bytesOfHex,
  checkBonuses,
  Difference,
  DRAWS_PER_CAMPAIGN,
  hexOfBytes,
  type ReplayTools,
} from '../draw/replay.ts';
import { Roller } from '../draw/roll.ts';
import { proofFileShape, type Proof, type Receipt } from './publishedShapes.ts';
import { NotPublished } from './verifyLog.ts';

/** In the order in which they are checked. `receipt`: only where one was kept. */
export type StepName = 'receipt' | 'commitment' | 'roll' | 'table' | 'chain';

export interface Step {
  name: StepName;
  /** `waits`: for the seed, which is not public yet. */
  state: 'agrees' | 'waits' | 'differs';
  /** What differs first, as it is called in the proof. */
  field?: string;
  expected?: unknown;
  published?: unknown;
}

export interface ProofCheck {
  verdict: 'valid' | 'sealed' | 'invalid';
  steps: Step[];
}

/** A proof as it is kept in a file, with what its diner's device had noted at the draw. */
export interface ProofFile {
  proof: Proof;
  receipt?: Receipt | undefined;
}

/** @param text a file that was downloaded, or an answer of the API. @throws {NotPublished} it has no proof */
export function readProofFile(text: string): ProofFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new NotPublished('it is not JSON', { cause: error });
  }
  const { data } = z.object({ data: z.unknown() }).safeParse(json).data ?? {};
  const found = proofFileShape.safeParse(json).data ?? proofFileShape.safeParse({ proof: data }).data;
  if (found === undefined) throw new NotPublished('it is no proof of a draw');
  return found;
}

export function checkProof({ proof, receipt }: ProofFile, tools: ReplayTools): ProofCheck {
  const steps: Step[] = [
    ...(receipt === undefined ? [] : [step('receipt', () => checkReceipt(proof, receipt))]),
    step('commitment', () => checkCommitment(proof, receipt, tools)),
    step('roll', () => checkRoll(proof, tools)),
    step('table', () => checkTable(proof)),
    step('chain', () =>
      mustBe('chain_hash', chainHash(proof.previous_hash, proof, tools.sha256), proof.chain_hash),
    ),
  ];
  if (steps.some(({ state }) => state === 'differs')) return { verdict: 'invalid', steps };
  return { verdict: steps.some(({ state }) => state === 'waits') ? 'sealed' : 'valid', steps };
}

/** @param check false: it has to wait. @throws {Difference} */
function step(name: StepName, check: () => boolean | void): Step {
  try {
    return { name, state: check() === false ? 'waits' : 'agrees' };
  } catch (error) {
    if (!(error instanceof Difference)) throw error;
    return { name, state: 'differs', field: error.field, ...error.values };
  }
}

/** What was answered at the draw is what is published of it now. */
function checkReceipt(proof: Proof, receipt: Receipt): void {
  for (const field of ['draw_id', 'draw_no', 'prize_id', 'roll', 'client_seed', 'is_guarantee'] as const)
    mustBe(field, receipt[field], proof[field]);
}

function checkCommitment(proof: Proof, receipt: Receipt | undefined, { sha256 }: ReplayTools): boolean {
  if (receipt !== undefined) mustBe('server_seed_hash', receipt.server_seed_hash, proof.server_seed_hash);
  if (proof.server_seed === null) return receipt !== undefined;
  mustBe(
    'server_seed_hash',
    hexOfBytes(sha256.binary(bytesOfHex(proof.server_seed))),
    proof.server_seed_hash,
  );
  return true;
}

function checkRoll(proof: Proof, { sha256 }: ReplayTools): boolean {
  if (proof.server_seed === null) return false;
  const { campaign_id: campaignId, draw_no: drawNo, user_id: userId, client_seed: clientSeed } = proof;
  mustBe('draw_id', campaignId * DRAWS_PER_CAMPAIGN + drawNo, proof.draw_id);
  const roller = new Roller(bytesOfHex(proof.server_seed), sha256);
  mustBe('roll', roller.roll({ campaignId, drawNo, userId, clientSeed }), proof.roll);
  return true;
}

/** The roll, the bonuses and the configuration give what was given. */
function checkTable(proof: Proof): void {
  const { config } = proof;
  const [problem] = configProblems(config);
  if (problem !== undefined)
    throw new Difference(null, 'config', { expected: 'no problem', published: problem });
  checkBonuses(proof, config);
  const rolled = findInterval(new DrawEngine(config).tableFor(proof), proof.roll);
  mustBe('interval.from', rolled.from, proof.interval.from);
  mustBe('interval.to', rolled.to, proof.interval.to);
  mustBe('rolled_prize_id', rolled.prizeId, proof.rolled_prize_id);
  const possible = outcomesOf(config, rolled.prizeId);
  const { guarantee } = config;
  const isDue =
    guarantee !== null && proof.streak_before + 1 >= guarantee.threshold && possible.includes(null);
  const guaranteed = isDue ? outcomesOf(config, guarantee.prize_id) : [null];
  const given = proof.is_guarantee ? guaranteed.filter((prize) => prize !== null) : possible;
  if (!given.includes(proof.prize_id) || (proof.prize_id === null && !guaranteed.includes(null)))
    throw new Difference(null, 'prize_id', { expected: given, published: proof.prize_id });
}

/** What somebody may get who is to get a prize: what was in stock then, one draw does not tell. */
function outcomesOf({ prizes }: DrawConfig, prizeId: number | null): (number | null)[] {
  const outcomes: (number | null)[] = [];
  for (let at = prizeId; at !== null;) {
    const prize = prizes.find(({ prize_id }) => prize_id === at);
    if (prize === undefined || outcomes.includes(at)) break;
    outcomes.push(at);
    if (prize.stock === null) return outcomes;
    at = prize.fallback_prize_id;
  }
  return [...outcomes, null];
}

function mustBe(field: string, expected: unknown, published: unknown): void {
  if (expected !== published) throw new Difference(null, field, { expected, published });
}
