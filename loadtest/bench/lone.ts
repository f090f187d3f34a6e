/** A load process of the bench: one diner alone, who draws over REST at several nodes in turn. Takes its job over IPC. */
import type { Histogram } from 'hdr-histogram-js';
import type { DrawReply } from '../../src/lottery/messages.ts';
import { latencyHistogram, percentileMs } from '../figures.ts';
import { HttpClient } from '../http.ts';
import type { BenchDiner } from './prepare.ts';

export interface LoneJob {
  /** Asked in turn, so that whatever else the machine does meets all of them alike. */
  urls: string[];
  campaignId: number;
  diner: BenchDiner;
  warmupMs: number;
  roundMs: number;
  rounds: number;
}

export interface Latency {
  p50Ms: number;
  p99Ms: number;
}

process.once('message', (job: LoneJob) => {
  void run(job).then(
    (rounds) => process.send!(rounds, () => process.exit(0)),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

/** Per round the latency at each of the nodes. */
async function run({ urls, campaignId, diner, warmupMs, roundMs, rounds }: LoneJob): Promise<Latency[][]> {
  const nodes = urls.map((url) => ({ http: new HttpClient(url, 1), latency: latencyHistogram() }));
  const runId = `lone-${Date.now().toString(36)}`;
  let requests = 0;
  const drawFor = async (durationMs: number) => {
    for (const { latency } of nodes) latency.reset();
    for (const endMs = performance.now() + durationMs; performance.now() < endMs;) {
      for (const { http, latency } of nodes) {
        const body = { campaign_id: campaignId, draw_count: 1, request_id: `${runId}-${++requests}` };
        const startedMs = performance.now();
        await http.call<DrawReply>({ method: 'POST', path: '/lottery/draw', token: diner.token, body });
        latency.recordValue(Math.max(1, Math.round((performance.now() - startedMs) * 1000)));
      }
    }
    return nodes.map(({ latency }) => figuresOf(latency));
  };
  await drawFor(warmupMs);
  const measured: Latency[][] = [];
  for (let round = 0; round < rounds; round++) measured.push(await drawFor(roundMs));
  return measured;
}

function figuresOf(latency: Histogram): Latency {
  return { p50Ms: percentileMs(latency, 50), p99Ms: percentileMs(latency, 99) };
}
