/** What is wrong with a campaign's document as a whole, by path (L-1). */
import { LIMITS } from '../../platform/limits.ts';
import { AppError } from '../../platform/errors.ts';
import type { CampaignBody } from './documentShapes.ts';

export interface Problem {
  path: string;
  message: string;
}

/** @param within where in the request the document is @throws AppError VALIDATION_FAILED */
export function refuseProblems(body: CampaignBody, within?: string): void {
  const problems = documentProblems(body).slice(0, 20);
  const details = problems.map(({ path, message }) => ({
    path: within === undefined ? path : `${within}.${path}`,
    message,
  }));
  if (details.length > 0) throw new AppError('VALIDATION_FAILED', { details });
}

export function documentProblems(body: CampaignBody): Problem[] {
  return [...timeProblems(body), ...prizeProblems(body), ...bonusProblems(body)];
}

function timeProblems({ starts_at, ends_at, periods }: CampaignBody): Problem[] {
  const problems: Problem[] = [];
  if (!isBefore(starts_at, ends_at)) problems.push({ path: 'ends_at', message: 'must be after starts_at' });
  periods.forEach((period, at) => {
    if (!isBefore(period.starts_at, period.ends_at))
      problems.push({ path: `periods.${at}.ends_at`, message: 'must be after its starts_at' });
  });
  return problems;
}

function isBefore(a: string, b: string): boolean {
  return Date.parse(a) < Date.parse(b);
}

function prizeProblems({ prizes, guarantee }: CampaignBody): Problem[] {
  const problems: Problem[] = [];
  const byKey = new Map(prizes.map((prize) => [prize.key, prize]));
  const sum = prizes.reduce((total, { probability }) => total + Math.round(probability * 1e8), 0);
  if (sum > 1e8)
    problems.push({ path: 'prizes', message: `the probabilities add up to ${sum / 1e8}, more than 1` });
  const seen = new Set<string>();
  prizes.forEach(({ key, fallback, type, code_source: source }, at) => {
    if (seen.has(key)) problems.push({ path: `prizes.${at}.key`, message: 'names two prizes' });
    seen.add(key);
    if (fallback !== null && !byKey.has(fallback))
      problems.push({ path: `prizes.${at}.fallback`, message: 'is not a prize of the campaign' });
    else if (isCircle(key, byKey))
      problems.push({ path: `prizes.${at}.fallback`, message: 'leads back to the prize itself' });
    if (source !== undefined && type !== 'coupon')
      problems.push({ path: `prizes.${at}.code_source`, message: 'only coupons have codes' });
  });
  if (guarantee !== null && !byKey.has(guarantee.prize))
    problems.push({ path: 'guarantee.prize', message: 'is not a prize of the campaign' });
  return problems;
}

/** Whether the fallbacks of a prize lead back to it. */
function isCircle(key: string, byKey: ReadonlyMap<string, { fallback: string | null }>): boolean {
  let at = byKey.get(key)?.fallback ?? null;
  for (let step = 0; at !== null && step < byKey.size; step++) {
    if (at === key) return true;
    at = byKey.get(at)?.fallback ?? null;
  }
  return false;
}

function bonusProblems({ level_bonus_bp, pity, conditions }: CampaignBody): Problem[] {
  const problems: Problem[] = [];
  for (const level of Object.keys(level_bonus_bp))
    if (Number(level) > LIMITS.levels)
      problems.push({ path: `level_bonus_bp.${level}`, message: `there are ${LIMITS.levels} levels` });
  const steps = new Set<number>();
  pity.forEach(({ after }, at) => {
    if (steps.has(after)) problems.push({ path: `pity.${at}.after`, message: 'two steps begin there' });
    steps.add(after);
  });
  const { min_level: least, max_level: most } = conditions;
  if (least !== undefined && most !== undefined && least > most)
    problems.push({ path: 'conditions.max_level', message: 'must not be below min_level' });
  return problems;
}
