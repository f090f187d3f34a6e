/** A campaign's document as the market's rules judge it (L-13, RL-1, RL-2). */
import { marketProblems, missingDisclosures, worsenings, type Market } from '../../draw/market.ts';
import type { Terms, TermsProblem } from '../../draw/terms.ts';
import { AppError } from '../../platform/errors.ts';
import { drawConfigOf } from './document.ts';
import type { CampaignBody } from './documentShapes.ts';

/** Before a draft starts. @throws AppError CONFLICT with what is missing, and what may not be */
export function refuseToStart(market: Market, body: CampaignBody, nowMs: number): void {
  const terms = termsOf(body);
  const missing = missingDisclosures(market, terms);
  const problems = named(marketProblems(market, terms), body);
  if (Date.parse(body.ends_at) <= nowMs) problems.push({ path: 'ends_at', reason: 'has passed' });
  if (missing.length === 0 && problems.length === 0) return;
  throw new AppError('CONFLICT', { details: { reason: 'it may not start', missing, problems } });
}

/** Before a published campaign changes. @throws AppError CONFLICT with all that is worse for diners */
export function refuseWorse(market: Market, before: CampaignBody, after: CampaignBody): void {
  const worse = named(
    [...worsenings(market, termsOfBoth(before, after)), ...marketProblems(market, termsOf(after))],
    after,
  );
  if (worse.length > 0)
    throw new AppError('CONFLICT', { details: { reason: 'it is worse for diners', problems: worse } });
}

/** Prizes have the same number in both when they have the same key. */
function termsOfBoth(before: CampaignBody, after: CampaignBody): { before: Terms; after: Terms } {
  const keys = [...new Set([...after.prizes, ...before.prizes].map(({ key }) => key))];
  return { before: termsOf(before, keys), after: termsOf(after, keys) };
}

/** Prizes are numbered from 1 in the order of `keys`. */
function termsOf(body: CampaignBody, keys: readonly string[] = body.prizes.map(({ key }) => key)): Terms {
  const { starts_at, ends_at, total_draws, draws_per_user_per_day, free_draws_per_day, wins_per_user } = body;
  const { draws_per_second, conditions, claim_days, return_unclaimed, restaurant_ids, disclosures } = body;
  const config = drawConfigOf(body, (key) => keys.indexOf(key) + 1);
  return {
    ...config,
    // A document tells how many there are in all.
    prizes: config.prizes.map((prize) => ({ ...prize, won: 0 })),
    starts_at,
    ends_at,
    total_draws,
    draws_per_user_per_day,
    free_draws_per_day,
    wins_per_user,
    draws_per_second,
    conditions,
    claim_days,
    return_unclaimed,
    restaurant_ids,
    disclosures: disclosures,
  };
}

/** Problems go by the keys of prizes, as the document has them. */
function named(problems: readonly TermsProblem[], { prizes }: CampaignBody): TermsProblem[] {
  return problems.map(({ path, reason }) => ({
    path: path.replace(/^prizes\.(\d+)/, (_, id: string) => `prizes.${prizes[Number(id) - 1]?.key ?? id}`),
    reason,
  }));
}
