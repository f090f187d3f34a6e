import { z } from 'zod';
import type { Pool } from './pool.ts';
import { isOverStatus } from './status.ts';

export const countdownShape = z.object({
  /** start: it has not begun; over: it has ended. */
  phase: z.enum(['start', 'end', 'over']),
  /** Until then; 0 when it is over, or the moment has come and its owner is about to see it. */
  seconds: z.int().min(0),
});
export type Countdown = z.output<typeof countdownShape>;

/** Within the last minute each second is shown, before that every tenth: each change is sent to everybody in the room. */
const EACH_SECOND_FROM = 60;
const STEP_SECONDS = 10;

/** By the server's clock: those of phones differ. */
export function countdownOf(
  { status, startsAtMs, endsAtMs }: Pick<Pool, 'status' | 'startsAtMs' | 'endsAtMs'>,
  nowMs: number,
): Countdown {
  if (isOverStatus(status)) return { phase: 'over', seconds: 0 };
  const phase = status === 'scheduled' ? 'start' : 'end';
  const leftMs = (phase === 'start' ? startsAtMs : endsAtMs) - nowMs;
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  if (seconds <= EACH_SECOND_FROM) return { phase, seconds };
  return { phase, seconds: Math.ceil(seconds / STEP_SECONDS) * STEP_SECONDS };
}

export function isSameCountdown(a: Countdown, b: Countdown | undefined): boolean {
  return a.phase === b?.phase && a.seconds === b.seconds;
}
