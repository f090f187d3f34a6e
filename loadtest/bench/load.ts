/**
 * A load process of the bench: keeps one request per diner in flight and measures. Over the IPC channel it takes its job, answers
 * once it is warm, measures on demand, and ends.
 */
import type { DrawReply } from '../../src/lottery/messages.ts';
import { latencyHistogram, percentileMs } from '../figures.ts';
import { HttpClient } from '../http.ts';
import { eachOf } from '../eachOf.ts';
import type { BenchDiner } from './prepare.ts';
import { joinCampaign } from './stockSeat.ts';

export interface LoadJob {
  /** Over REST with one connection per diner, or as a request in the campaign's room. */
  over: 'rest' | 'room';
  url: string;
  campaignId: number;
  diners: LoadDiner[];
  drawCount: number;
  warmupMs: number;
  roundMs: number;
  rounds: number;
}

/** A diner who may draw elsewhere than the job says. */
export interface LoadDiner extends BenchDiner {
  url?: string;
  campaignId?: number;
}

export interface Round {
  drawsPerSecond: number;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
}

export type LoadCommand = { job: LoadJob } | { measure: true };

export interface LoadReport {
  rounds: Round[];
  /** Of all rounds together, with the CPU time that they took of this process. */
  draws: number;
  seconds: number;
  cpuMs: number;
}

type Send = (requestId: string) => Promise<DrawReply>;

const JOIN_WIDTH = 32;

let measure: () => Promise<LoadReport>;

process.on('message', (command: LoadCommand) => {
  void follow(command).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});

async function follow(command: LoadCommand): Promise<void> {
  if ('job' in command) {
    const load = await warmUp(command.job);
    measure = () => measureRounds(load, command.job);
    process.send!({ isWarm: true });
  } else process.send!(await measure(), () => process.exit(0));
}

async function warmUp(job: LoadJob): Promise<Load> {
  const senders = job.over === 'rest' ? restSenders(job) : await roomSenders(job);
  const load = new Load(senders, job.drawCount);
  await load.runFor(job.warmupMs);
  return load;
}

async function measureRounds(load: Load, { rounds, roundMs }: LoadJob): Promise<LoadReport> {
  const report: LoadReport = { rounds: [], draws: 0, seconds: 0, cpuMs: 0 };
  const cpu = process.cpuUsage();
  while (report.rounds.length < rounds) {
    const { draws, seconds, ...round } = await load.runFor(roundMs);
    report.rounds.push(round);
    report.draws += draws;
    report.seconds += seconds;
  }
  const { user, system } = process.cpuUsage(cpu);
  return { ...report, cpuMs: (user + system) / 1000 };
}

/** All senders in a closed loop. A refused or lost request ends the run: its figures would say nothing. */
class Load {
  private requests = 0;
  private readonly latency = latencyHistogram();
  private readonly failed: Promise<never>;

  constructor(
    senders: readonly Send[],
    private readonly drawCount: number,
  ) {
    const runId = Date.now().toString(36);
    this.failed = Promise.all(senders.map((send, at) => this.loop(send, `${runId}-${at}`))) as Promise<never>;
  }

  async runFor(durationMs: number): Promise<Round & Pick<LoadReport, 'draws' | 'seconds'>> {
    this.requests = 0;
    this.latency.reset();
    const startedMs = performance.now();
    await Promise.race([this.failed, new Promise((resolve) => setTimeout(resolve, durationMs))]);
    const seconds = (performance.now() - startedMs) / 1000;
    const draws = this.requests * this.drawCount;
    return {
      draws,
      seconds,
      drawsPerSecond: draws / seconds,
      requestsPerSecond: this.requests / seconds,
      p50Ms: percentileMs(this.latency, 50),
      p99Ms: percentileMs(this.latency, 99),
    };
  }

  private async loop(send: Send, prefix: string): Promise<never> {
    for (let at = 0; ; at++) {
      const startedMs = performance.now();
      const reply = await send(`${prefix}-${at}`);
      if (reply.draws.length !== this.drawCount) throw new Error(`An answer has ${reply.draws.length} draws`);
      this.latency.recordValue(Math.max(1, Math.round((performance.now() - startedMs) * 1000)));
      this.requests++;
    }
  }
}

function restSenders({ diners, drawCount, ...job }: LoadJob): Send[] {
  const urls = new Set(diners.map(({ url = job.url }) => url));
  const clients = new Map([...urls].map((url) => [url, new HttpClient(url, diners.length)]));
  return diners.map(
    ({ token, url = job.url, campaignId = job.campaignId }) =>
      (request_id) =>
        clients.get(url)!.call<DrawReply>({
          method: 'POST',
          path: '/lottery/draw',
          token,
          body: { campaign_id: campaignId, draw_count: drawCount, request_id },
        }),
  );
}

async function roomSenders({ diners, drawCount, ...job }: LoadJob): Promise<Send[]> {
  return eachOf(diners, JOIN_WIDTH, async ({ token, url = job.url, campaignId = job.campaignId }) => {
    const room = await joinCampaign({ url, token }, campaignId);
    room.onMessage('*', () => undefined);
    return (request_id: string) =>
      room
        .request<unknown, DrawReply>('draw', { request_id, draw_count: drawCount })
        .catch((error: unknown) => {
          const { reason } = error as { reason?: unknown };
          throw new Error(`A draw was refused: ${JSON.stringify(reason ?? String(error))}`, { cause: error });
        });
  });
}
