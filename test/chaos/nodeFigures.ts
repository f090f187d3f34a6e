/** What a node says of itself, and what the system says of its process. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Census } from './census.ts';
import type { Node } from './cluster.ts';

const PATIENCE_MS = 2000;
/** One that has just been resumed has much to catch up with. */
const LONG_PATIENCE_MS = 60_000;
const CENSUS_LIMIT_MS = 60_000;
const LOOK_MS = 50;
const LINE = /^(\w+(?:\{[^}]*\})?) (\S+)/;

/** By name and labels, as Prometheus reads them; undefined: the node does not answer. */
export async function metricsOf(node: Pick<Node, 'metricsUrl'>): Promise<Map<string, number> | undefined> {
  return readMetrics(node, PATIENCE_MS).catch(() => undefined);
}

/** @throws Error where the node does not answer */
export async function readMetrics(
  { metricsUrl }: Pick<Node, 'metricsUrl'>,
  patienceMs = LONG_PATIENCE_MS,
): Promise<Map<string, number>> {
  const text = await (await fetch(metricsUrl, { signal: AbortSignal.timeout(patienceMs) })).text();
  const lines = text.split('\n').flatMap((line) => {
    const [, name, value] = LINE.exec(line) ?? [];
    return name === undefined ? [] : [[name, Number(value)] as const];
  });
  return new Map(lines);
}

/** In bytes; undefined: there is no such process, or it stands still. */
export function residentBytes({ process: { pid, isRunning }, isPaused }: Node): number | undefined {
  if (!isRunning || isPaused) return undefined;
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    // It ended while it was looked for.
    return undefined;
  }
}

/** Has the node collect its garbage and count what is left, for which it stands still. @throws Error where it does not answer */
export async function takeCensus({ name, censusFile, process: { pid } }: Node): Promise<Census> {
  rmSync(censusFile, { force: true });
  process.kill(pid, 'SIGUSR2');
  const deadlineMs = performance.now() + CENSUS_LIMIT_MS;
  while (!existsSync(censusFile)) {
    if (performance.now() > deadlineMs) throw new Error(`${name} has not counted what it has`);
    await sleep(LOOK_MS);
  }
  return JSON.parse(readFileSync(censusFile, 'utf8')) as Census;
}
