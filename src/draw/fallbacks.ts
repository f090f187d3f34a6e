/** What comes in the place of a prize that is out of stock, under an old and a new configuration. */
import { hundredthsOf } from './hundredths.ts';
import type { DrawConfig, PrizeConfig } from './odds.ts';
import type { TermsProblem } from './terms.ts';

export interface OfBoth<Value> {
  before: Value;
  after: Value;
}

type Guarantee = DrawConfig['guarantee'];

/** The prizes of two configurations by their id. Worth is in 1/100 points. */
export class BothPrizes {
  readonly before: ReadonlyMap<number, PrizeConfig>;
  readonly after: ReadonlyMap<number, PrizeConfig>;

  constructor(before: DrawConfig, after: DrawConfig) {
    const byId = ({ prizes }: DrawConfig) => new Map(prizes.map((prize) => [prize.prize_id, prize]));
    this.before = byId(before);
    this.after = byId(after);
  }

  someAreMissing(): boolean {
    return [...this.before.keys()].some((prizeId) => !this.after.has(prizeId));
  }

  canRunOut(prizeId: number): boolean {
    return this.after.get(prizeId)!.stock !== null;
  }

  /** null: the prize is new. */
  worthBefore(prizeId: number): number | null {
    const prize = this.before.get(prizeId);
    return prize === undefined ? null : hundredthsOf(prize.value);
  }

  /** A worth that fell is reported of the prize itself; what is drawn is judged as if it had not. */
  worthAfter(prizeId: number): number {
    return Math.max(this.worthBefore(prizeId) ?? 0, hundredthsOf(this.after.get(prizeId)!.value));
  }

  /** A prize and what comes in its place, in order. */
  chain(of: keyof OfBoth<unknown>, prizeId: number): number[] {
    const chain = new Set<number>();
    for (let at: number | null = prizeId; at !== null && !chain.has(at);) {
      chain.add(at);
      at = this[of].get(at)!.fallback_prize_id;
    }
    return [...chain];
  }
}

export function worseGuarantee(prizes: BothPrizes, { before, after }: OfBoth<Guarantee>): TermsProblem[] {
  if (before === null) return [];
  if (after === null) return [{ path: 'guarantee', reason: 'may not be taken away' }];
  const problems: TermsProblem[] = [];
  if (after.threshold > before.threshold)
    problems.push({ path: 'guarantee.threshold', reason: 'may only shrink' });
  if (chainIsWorse(prizes, { before: before.prize_id, after: after.prize_id }))
    problems.push({ path: 'guarantee.prize', reason: 'what it gives may be worth less than it was' });
  return problems;
}

export function worseFallbacks(prizes: BothPrizes): TermsProblem[] {
  return [...prizes.before.values()]
    .filter(({ p, prize_id }) => p > 0 && chainIsWorse(prizes, { before: prize_id, after: prize_id }))
    .map(({ prize_id }) => ({
      path: `prizes.${prize_id}.fallback`,
      reason: 'what comes in its place may be worth less than it was',
    }));
}

/** Whether, in some state of the stock, the new chain gives less than the old one. Each begins with a prize of its own. */
function chainIsWorse(prizes: BothPrizes, { before, after }: OfBoth<number>): boolean {
  const chain = [...prizes.chain('after', after), null];
  const gone = new Set<number>();
  // Each prize that the old chain may have come to: it is there, and all before it are gone.
  for (const given of prizes.chain('before', before)) {
    for (const prizeId of chain) {
      if (prizeId === null) return true;
      if (gone.has(prizeId)) continue;
      if (prizes.worthAfter(prizeId) < prizes.worthBefore(given)!) return true;
      if (prizeId === given || !prizes.canRunOut(prizeId)) break;
    }
    if (!prizes.canRunOut(given)) break;
    gone.add(given);
  }
  return false;
}
