/** A load process of the bench: one person after the other who asks each of several servers in turn. Takes its job over IPC. */
import { latencyHistogram, percentileMs } from '../figures.ts';
import { HttpClient } from '../http.ts';

export interface AskedServer {
  url: string;
  /** Of who asks, one after the other. */
  tokens: string[];
  /** Of each question. */
  paths: string[];
}

export interface AskJob {
  /** Asked in turn, so that whatever else the machine does meets all of them alike. */
  servers: AskedServer[];
  /** How often each question is asked of each server in a round. */
  times: number;
  rounds: number;
}

export interface Latency {
  p50Ms: number;
  p99Ms: number;
}

/** By round, question and server. */
export type AskReport = Latency[][][];

process.once('message', (job: AskJob) => {
  void run(job).then(
    (report) => process.send!(report, () => process.exit(0)),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function run({ servers, times, rounds }: AskJob): Promise<AskReport> {
  const clients = servers.map(({ url }) => new HttpClient(url, 1));
  const report: AskReport = [];
  // The first round is for caches alone.
  for (let round = -1; round < rounds; round++) {
    const asked: Latency[][] = [];
    for (const question of servers[0]!.paths.keys()) asked.push(await ask(question));
    if (round >= 0) report.push(asked);
  }
  return report;

  async function ask(question: number): Promise<Latency[]> {
    const latencies = servers.map(() => latencyHistogram());
    for (let at = 0; at < times; at++) {
      // Each server follows another one as often as it goes before it.
      const order = at % 2 === 0 ? [...servers.keys()] : [...servers.keys()].reverse();
      for (const which of order) {
        const { tokens, paths } = servers[which]!;
        const call = { method: 'GET', path: paths[question]!, token: tokens[at % tokens.length]! } as const;
        const startedMs = performance.now();
        await clients[which]!.call(call);
        latencies[which]!.recordValue(Math.max(1, Math.round((performance.now() - startedMs) * 1000)));
      }
    }
    return latencies.map((latency) => ({
      p50Ms: percentileMs(latency, 50),
      p99Ms: percentileMs(latency, 99),
    }));
  }
}
