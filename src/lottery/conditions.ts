/** Whether and how often may be drawn: the campaign's own state and limits, and those of the diner (L-7). */
import { AppError } from '../platform/errors.ts';
import type { Account } from '../points/account.ts';
import type { Counter } from './counters.ts';
import type { DrawItem } from './drawRequests.ts';
import type { Pool } from './pool.ts';

export interface Circumstances {
  pool: Pool;
  nowMs: number;
  /** On the present day. */
  counter: Counter;
  account: Account;
}

/** Why a request is not drawn; undefined: it is. */
export function refusalOf(
  { drawCount }: DrawItem,
  { pool, nowMs, counter, account }: Circumstances,
): AppError | undefined {
  // What has been drawn from has started, whatever a clock says that is behind the one that started it.
  const hasStarted = pool.drawNo > 0 || nowMs >= pool.startsAtMs;
  if (pool.status !== 'active' || !hasStarted || nowMs >= pool.endsAtMs)
    return new AppError('CAMPAIGN_NOT_ACTIVE', { details: { status: pool.status } });
  if (pool.remainingDraws !== null && pool.remainingDraws < drawCount)
    return new AppError('DRAW_LIMIT_REACHED', { details: { remaining_draws: pool.remainingDraws } });
  const left = leftToday(pool.drawsPerUserPerDay, counter.drawsToday);
  if (left !== null && left < drawCount)
    return new AppError('DRAW_LIMIT_REACHED', { details: { draws_left_today: left } });
  const required = pool.costPerDraw * drawCount;
  const { availableHundredths: available } = account;
  if (available < required)
    return new AppError('POINTS_INSUFFICIENT', {
      details: { available: available / 100, required: required / 100 },
    });
  return undefined;
}

export function leftToday(perDay: number | null, drawsToday: number): number | null {
  return perDay === null ? null : Math.max(0, perDay - drawsToday);
}
