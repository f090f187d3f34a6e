/**
 * Loaded into a server of the bench before its own script: on demand it tells over the IPC channel what CPU time the process has
 * taken, how long the phases of its batches took, and what memory it holds.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BATCH_PHASES, measuredBatches, type BatchPhase } from '../../src/platform/actor/batchTimes.ts';
import { median } from '../figures.ts';

/** `sweep`: throws away what nobody holds any more, so that the memory told is what is needed. */
export type ProbeCommand = 'begin' | 'end' | 'sweep';

/** Of the time since `begin`. */
export interface ProbeReport {
  cpuMs: number;
  /** Undefined where no batch was committed. */
  batch: BatchMedians | undefined;
  /** Of the process, and of it the objects of its JavaScript and their buffers. The rest is mostly what the engine has kept for new ones. */
  memory: { rssBytes: number; heapBytes: number; bufferBytes: number };
}

/** Each the median over all batches. */
export interface BatchMedians {
  size: number;
  ms: Record<BatchPhase, number>;
}

const answer = process.send!.bind(process);
// The framework takes a process that can send for one of PM2, and would measure its event loop and its requests as well.
delete process.send;

let cpu = process.cpuUsage();
let sizes: number[] = [];
let phases = noPhases();
let stopWatching = (): void => undefined;

process.on('message', (command: ProbeCommand) => {
  stopWatching();
  if (command === 'begin') begin();
  if (command === 'sweep') sweep();
  answer(report());
});
// Whoever asks does not keep the server alive.
process.channel?.unref();

function begin(): void {
  cpu = process.cpuUsage();
  sizes = [];
  phases = noPhases();
  stopWatching = measuredBatches.watch(({ size, ms }) => {
    sizes.push(size);
    for (const phase of BATCH_PHASES) phases[phase].push(ms[phase] ?? 0);
  });
}

function sweep(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // Twice: what ends by the first is found by the second.
  collect();
  collect();
}

function report(): ProbeReport {
  const { user, system } = process.cpuUsage(cpu);
  const { rss: rssBytes, heapUsed: heapBytes, external: bufferBytes } = process.memoryUsage();
  return {
    cpuMs: (user + system) / 1000,
    batch: sizes.length === 0 ? undefined : medians(),
    memory: { rssBytes, heapBytes, bufferBytes },
  };
}

function medians(): BatchMedians {
  return { size: median(sizes), ms: eachPhase((phase) => median(phases[phase])) };
}

function noPhases(): Record<BatchPhase, number[]> {
  return eachPhase(() => []);
}

function eachPhase<T>(valueOf: (phase: BatchPhase) => T): Record<BatchPhase, T> {
  return Object.fromEntries(BATCH_PHASES.map((phase) => [phase, valueOf(phase)])) as Record<BatchPhase, T>;
}
