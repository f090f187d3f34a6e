/** Kills the owner of a campaign again and again, or restarts all nodes, under load, and gathers how long clients felt it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { latencyHistogram, percentileMs } from '../figures.ts';
import type { Nodes } from './nodes.ts';
import type { OutageCommand, OutageJob, OutageReport } from './outageWorker.ts';
import { Worker } from './processes.ts';

export interface Outages {
  worker: string;
  nodes: Nodes;
  job: OutageJob;
  /** SIGKILL to the owner so many times, or SIGTERM to each node, one after the other. */
  what: { kills: number } | 'rolling restart';
}

export interface Felt {
  /** What was measured. */
  what: string;
  count: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

/** Between a fresh node and the next kill. */
const SETTLE_MS = 1000;

export async function measureOutages({ worker: script, nodes, job, what }: Outages): Promise<{
  felt: Felt[];
  /** How often something was asked again, by the reason. */
  retries: Map<string, number>;
}> {
  const worker = new Worker<OutageCommand, OutageReport>(script);
  const reports: OutageReport[] = [];
  await worker.ask({ job });
  const times = what === 'rolling restart' ? nodes.urls.length : what.kills;
  for (let time = 0; time < times; time++) {
    await sleep(SETTLE_MS);
    const url = what === 'rolling restart' ? nodes.urls[time] : await nodes.ownerOf(job.campaignId);
    if (url === undefined) throw new Error(`campaign ${job.campaignId} has no owner under load`);
    const beganMs = what === 'rolling restart' ? await nodes.end(url) : await nodes.kill(url);
    reports.push(await worker.ask({ killedMs: beganMs }));
    await nodes.replace(url);
  }
  worker.stop();
  return { felt: feltOf(reports), retries: retriesOf(reports) };
}

function feltOf(reports: readonly OutageReport[]): Felt[] {
  return Object.keys(reports[0]!.tookMs).map((what) => {
    const tookMs = reports.flatMap((report) => report.tookMs[what]!);
    const histogram = latencyHistogram();
    for (const ms of tookMs) histogram.recordValue(Math.max(1, ms * 1000));
    return {
      what,
      count: tookMs.length,
      p50Ms: percentileMs(histogram, 50),
      p99Ms: percentileMs(histogram, 99),
      maxMs: Math.max(...tookMs),
    };
  });
}

function retriesOf(reports: readonly OutageReport[]): Map<string, number> {
  const sum = new Map<string, number>();
  for (const code of reports.flatMap(({ retries }) => retries)) sum.set(code, (sum.get(code) ?? 0) + 1);
  return sum;
}
