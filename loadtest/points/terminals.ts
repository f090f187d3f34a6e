/**
 * A load process of the bench: tills, each with one bill under way, and some of the bills sent twice at the same time, as after an
 * answer that was lost. Over the IPC channel it takes one round after the other, and tells what it has been answered.
 */
import { randomUUID } from 'node:crypto';
import { latencyHistogram, percentileMs } from '../figures.ts';
import { HttpClient } from '../http.ts';

export interface TillJob {
  url: string;
  /** Of who stands at the tills. */
  token: string;
  /** Who pays. */
  userIds: number[];
  terminals: number;
  /** Of 100 bills, how many are sent twice. */
  twicePercent: number;
  runMs: number;
}

export interface TillRound {
  bills: number;
  billsPerSecond: number;
  meanMs: number;
  p99Ms: number;
  /** Bill number and the row of the ledger that each answer has named. */
  answers: [string, number][];
}

interface Paid {
  transaction_id: number;
}

process.on('message', (job: TillJob) => {
  void new Tills(job).run().then(
    (round) => process.send!(round),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

class Tills {
  private readonly http: HttpClient;
  private readonly latency = latencyHistogram();
  private readonly runId = Date.now().toString(36);
  private readonly answers: [string, number][] = [];
  private bills = 0;

  constructor(private readonly job: TillJob) {
    // As many connections as may be under way if every bill is sent twice.
    this.http = new HttpClient(job.url, 2 * job.terminals);
  }

  /** All terminals in a closed loop, until what they have begun is answered. A refused or lost call ends the run. */
  async run(): Promise<TillRound> {
    const startedMs = performance.now();
    const untilMs = startedMs + this.job.runMs;
    await Promise.all(Array.from({ length: this.job.terminals }, () => this.loop(untilMs)));
    this.http.close();
    return {
      bills: this.bills,
      billsPerSecond: (this.bills * 1000) / (performance.now() - startedMs),
      meanMs: this.latency.mean / 1000,
      p99Ms: percentileMs(this.latency, 99),
      answers: this.answers,
    };
  }

  private async loop(untilMs: number): Promise<void> {
    while (performance.now() < untilMs) {
      const count = ++this.bills;
      const body = {
        user_id: this.job.userIds[Math.floor(Math.random() * this.job.userIds.length)]!,
        bill_no: `B${this.runId}-${count}`,
        bill_amount: 50 + (count % 400),
      };
      const isTwice = count % 100 < this.job.twicePercent;
      await Promise.all([this.pay(body), ...(isTwice ? [this.pay(body)] : [])]);
    }
  }

  private async pay(body: { bill_no: string }): Promise<void> {
    const startedMs = performance.now();
    const paid = await this.http.call<Paid>({
      method: 'POST',
      path: '/points/pay',
      token: this.job.token,
      idempotencyKey: randomUUID(),
      body,
    });
    this.latency.recordValue(Math.max(1, Math.round((performance.now() - startedMs) * 1000)));
    this.answers.push([body.bill_no, paid.transaction_id]);
  }
}
