/** What the load processes of an outage have in common: begin to draw, and after each kill tell how long it was felt. */
import type { BenchDiner } from './prepare.ts';

export interface OutageJob {
  /** The nodes, or the balancer before them. */
  urls: string[];
  campaignId: number;
  diners: BenchDiner[];
}

export type OutageCommand = { job: OutageJob } | { killedMs: number };

export interface OutageReport {
  /** How long it took each of those who felt it, by what is measured. */
  tookMs: Record<string, number[]>;
  /** What they had to ask again, by the reason. */
  retries: string[];
}

export interface OutageLoad {
  /** Resolves when everybody draws. */
  begin(job: OutageJob): Promise<void>;
  /** Resolves when everybody who felt the outage draws again. */
  report(killedMs: number): Promise<OutageReport>;
}

export function serveOutages(load: OutageLoad): void {
  process.on('message', (command: OutageCommand) => {
    const answer =
      'job' in command
        ? load.begin(command.job).then(() => ({ tookMs: {}, retries: [] }))
        : load.report(command.killedMs);
    answer.then((report: OutageReport) => process.send!(report), giveUp);
  });
}

/** A refusal for good ends the run: its figures would say nothing. */
export function giveUp(error: unknown): never {
  console.error(error);
  process.exit(1);
}
