/** How many connections serve the baseline best. */
import { formatCount } from '../figures.ts';
import type { LoadJob } from './load.ts';
import { runLoad, type ServerProcess } from './processes.ts';
import { progress } from './terminal.ts';

const TRIED = [4, 8, 16, 32] as const;
const WARMUP_MS = 1000;
const TRIAL_MS = 2000;

/** Tries each size for a moment. @param start a server with so many connections */
export async function findPoolSize(
  start: (poolSize: number) => Promise<ServerProcess>,
  target: Pick<LoadJob, 'over' | 'campaignId' | 'diners'>,
): Promise<{ best: number; line: string }> {
  const tried: { poolSize: number; drawsPerSecond: number }[] = [];
  for (const poolSize of TRIED) {
    progress(`trying ${poolSize} connections for b`);
    const server = await start(poolSize);
    const times = { warmupMs: WARMUP_MS, roundMs: TRIAL_MS, rounds: 1 };
    const { rounds } = await runLoad({ ...target, ...times, url: server.url, drawCount: 1 });
    await server.stop();
    tried.push({ poolSize, drawsPerSecond: rounds[0]!.drawsPerSecond });
  }
  const { poolSize: best } = tried.reduce((a, b) => (b.drawsPerSecond > a.drawsPerSecond ? b : a));
  const shown = tried.map(
    ({ poolSize, drawsPerSecond }) => `${poolSize} make ${formatCount(drawsPerSecond)} draws/s`,
  );
  return { best, line: `connections of the baseline: ${shown.join(', ')}; (b) has ${best}` };
}
