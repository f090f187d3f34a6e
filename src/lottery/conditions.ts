/** Whether and how often may be drawn: the campaign's own state and limits, and those of the diner (L-7). */
import type { Conditions } from '../../entities/lottery/LotteryCampaign.ts';
import { fromSqlTime } from '../platform/database/sqlValues.ts';
import { AppError } from '../platform/errors.ts';
import type { Account } from '../points/account.ts';
import type { Audience } from './audience.ts';
import type { Counter, FoundDiner } from './counters.ts';
import type { DrawItem } from './drawRequests.ts';
import type { EarlierAccounts } from './earlierAccounts.ts';
import type { Pool } from './pool.ts';

export interface Circumstances {
  pool: Pool;
  nowMs: number;
  /** On the present day, with what was drawn by earlier accounts of theirs. */
  counter: Counter;
  account: Account;
  diner: FoundDiner | undefined;
  audience: Audience;
  /** Undefined: no account was merged into theirs. */
  earlier: EarlierAccounts | undefined;
}

/** Why a request is not drawn; undefined: it is. */
export function refusalOf(item: DrawItem, circumstances: Circumstances): AppError | undefined {
  const { pool, nowMs } = circumstances;
  // What has been drawn from has started, whatever a clock says that is behind the one that started it.
  const hasStarted = pool.drawNo > 0 || nowMs >= pool.startsAtMs;
  if (pool.status !== 'active' || !hasStarted || nowMs >= pool.endsAtMs)
    return new AppError('CAMPAIGN_NOT_ACTIVE', { details: { status: pool.status } });
  return exclusionOf(circumstances) ?? limitOf(item, circumstances);
}

/** What the diner would have to be. The answer tells them of nobody else, and of no name that operators give to people. */
export function exclusionOf({
  pool,
  account,
  diner,
  audience,
  earlier,
}: Pick<Circumstances, 'account' | 'diner' | 'audience' | 'earlier'> & {
  pool: Pick<Pool, 'conditions'>;
}): AppError | undefined {
  const { userId } = account;
  if (diner?.isBlacklisted === true) return notEligible({ condition: 'blacklist' });
  const { conditions } = pool;
  if (conditions === null) return undefined;
  const diners = [...(diner === undefined ? [] : [diner]), ...(earlier?.diners ?? [])];
  const historyHundredths = account.historyTotalHundredths + (earlier?.historyTotalHundredths ?? 0);
  const refusal =
    levelRefusalOf(conditions, { level: account.level, historyHundredths }) ??
    registrationRefusalOf(conditions, diners);
  if (refusal !== undefined) return refusal;
  if (audience.inSegments?.has(userId) === false) return notEligible({ condition: 'segments' });
  if (audience.visitors?.has(userId) === false) {
    const required = conditions.visited_restaurant_ids;
    return notEligible({ condition: 'visited_restaurant_ids', required });
  }
  return undefined;
}

function levelRefusalOf(
  { min_level: least, max_level: most, min_history_points: points }: Conditions,
  { level, historyHundredths }: { level: number; historyHundredths: number },
): AppError | undefined {
  if (least !== undefined && level < least)
    return notEligible({ condition: 'min_level', required: least, actual: level });
  if (most !== undefined && level > most)
    return notEligible({ condition: 'max_level', required: most, actual: level });
  const history = historyHundredths / 100;
  if (points !== undefined && history < points)
    return notEligible({ condition: 'min_history_points', required: points, actual: history });
  return undefined;
}

/** @param diners the same person: they count as here since the first of these was */
function registrationRefusalOf(
  { registered_before: before, registered_after: after }: Conditions,
  diners: readonly FoundDiner[],
): AppError | undefined {
  if (diners.length === 0 || (before === undefined && after === undefined)) return undefined;
  const registeredMs = Math.min(...diners.map(({ registeredAt }) => fromSqlTime(registeredAt)));
  const actual = new Date(registeredMs).toISOString();
  if (before !== undefined && registeredMs >= Date.parse(before))
    return notEligible({ condition: 'registered_before', required: before, actual });
  if (after !== undefined && registeredMs < Date.parse(after))
    return notEligible({ condition: 'registered_after', required: after, actual });
  return undefined;
}

function notEligible(details: { condition: string; required?: unknown; actual?: unknown }): AppError {
  return new AppError('NOT_ELIGIBLE', { details });
}

function limitOf({ drawCount }: DrawItem, { pool, counter, account }: Circumstances): AppError | undefined {
  if (pool.remainingDraws !== null && pool.remainingDraws < drawCount)
    return limitReached({ remaining_draws: pool.remainingDraws });
  const left = leftOf(pool.drawsPerUserPerDay, counter.drawsToday);
  if (left !== null && left < drawCount) return limitReached({ draws_left_today: left });
  // All of them may win.
  const wins = leftOf(pool.winsPerUser, counter.wins);
  if (wins !== null && wins < drawCount) return limitReached({ wins_left: wins });
  const required = pool.costPerDraw * (drawCount - freeOf(drawCount, pool, counter));
  const { availableHundredths: available } = account;
  if (available >= required) return undefined;
  const details = { available: available / 100, required: required / 100 };
  return new AppError('POINTS_INSUFFICIENT', { details });
}

function limitReached(details: object): AppError {
  return new AppError('DRAW_LIMIT_REACHED', { details });
}

/** How many of a request's draws cost nothing: the first ones, while the day has any. */
export function freeOf(
  drawCount: number,
  { freeDrawsPerDay }: Pick<Pool, 'freeDrawsPerDay'>,
  { freeToday }: Pick<Counter, 'freeToday'>,
): number {
  return Math.min(drawCount, Math.max(0, freeDrawsPerDay - freeToday));
}

/** What is left of a limit; null: there is none. */
export function leftOf<Most extends number | null>(most: Most, used: number): number | Extract<Most, null> {
  return most === null ? (null as Extract<Most, null>) : Math.max(0, most - used);
}
