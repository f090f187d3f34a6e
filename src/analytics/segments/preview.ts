/** How many people a condition holds for, and some of them: without storing anything, and in bounded time however many there are. */
import { setImmediate as turn } from 'node:timers/promises';
import { lastUserId, usersWithin } from '../../identity/people/userRange.ts';
import { AppError } from '../../platform/errors.ts';
import { asOfNow, readFacts, type FactServices } from '../facts.ts';
import { checkCondition } from './segments.ts';
import { membersAmong } from './settle.ts';

/** Ids of one read. */
const RANGE = 100;
const SAMPLE = 20;
/** Then it is an estimate. */
export const PREVIEW_MS = 2000;

export interface Preview {
  /** Of those that were looked at. */
  matched: number;
  looked: number;
  /** Of everybody: `matched` where all were looked at. */
  estimate: number;
  isComplete: boolean;
  /** The first that were found. */
  userIds: number[];
  /** Why the condition cannot be worked out of somebody. */
  failure: string | null;
}

/** One at a time on a node: whoever types asks often. */
export class Previews {
  private isBusy = false;

  constructor(private readonly services: FactServices) {}

  /** @throws AppError VALIDATION_FAILED, BUSY */
  async of(condition: string, mostMs = PREVIEW_MS): Promise<Preview> {
    checkCondition(condition);
    if (this.isBusy) throw new AppError('BUSY');
    this.isBusy = true;
    try {
      return await this.look(condition, mostMs);
    } finally {
      this.isBusy = false;
    }
  }

  private async look(condition: string, mostMs: number): Promise<Preview> {
    const { database, clock } = this.services;
    const manager = database.currentReader;
    const endMs = clock.monotonicMs() + mostMs;
    const asOf = await asOfNow(this.services);
    const ranges = Math.ceil((await lastUserId({ manager })) / RANGE);
    const found: Preview = {
      matched: 0,
      looked: 0,
      estimate: 0,
      isComplete: true,
      userIds: [],
      failure: null,
    };
    let done = 0;
    for (const range of spread(ranges)) {
      if (done > 0 && clock.monotonicMs() >= endMs) break;
      const userIds = await usersWithin({ manager }, { from: range * RANGE + 1, to: (range + 1) * RANGE });
      const facts = await readFacts(this.services, userIds, asOf);
      const { members, failure } = membersAmong(condition, facts);
      found.looked += facts.filter(({ isCounted }) => isCounted).length;
      found.matched += members.size;
      found.failure ??= failure;
      found.userIds.push(...[...members].slice(0, SAMPLE - found.userIds.length));
      done += 1;
      await turn();
    }
    found.isComplete = done === ranges;
    found.estimate = found.isComplete ? found.matched : Math.round((found.matched * ranges) / done);
    return found;
  }
}

/** All places, each once, so that the first of them are spread over all: who came early is unlike who came late. */
export function* spread(places: number): Generator<number> {
  if (places <= 0) return;
  let step = Math.max(1, Math.round(places * 0.618));
  while (gcd(step, places) > 1) step += 1;
  for (let at = 0, place = 0; at < places; at++, place = (place + step) % places) yield place;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
