import type { LoadJob, Round } from './load.ts';
import { runLoad } from './processes.ts';
import { cpuMsOf } from './usage.ts';

/** A round, and what each of its draws took of its servers' CPU; NaN where the system does not tell. */
export interface MeasuredRound extends Round {
  cpuPerDrawUs: number;
}

/** What is compared with another one, in turns. */
export interface Contestant {
  /** Requests, one diner each. */
  inFlight: number;
  measure(drawCount: number, seconds: number): Promise<MeasuredRound>;
}

const WARMUP_MS = 1500;

/** @param pids of the servers */
export async function measureRound(
  load: Omit<LoadJob, 'warmupMs' | 'roundMs' | 'rounds'>,
  { seconds, pids }: { seconds: number; pids: readonly number[] },
): Promise<MeasuredRound> {
  const times = { warmupMs: WARMUP_MS, roundMs: seconds * 1000, rounds: 1 };
  const usedMs = () => pids.reduce((sum, pid) => sum + (cpuMsOf(pid) ?? NaN), 0);
  let begun = { cpuMs: NaN, ms: 0 };
  const { rounds } = await runLoad({ ...load, ...times }, async () => {
    begun = { cpuMs: usedMs(), ms: performance.now() };
  });
  const round = rounds[0]!;
  const drawn = round.drawsPerSecond * ((performance.now() - begun.ms) / 1000);
  return { ...round, cpuPerDrawUs: ((usedMs() - begun.cpuMs) * 1000) / drawn };
}
