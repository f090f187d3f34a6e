/** A load process of the bench: diners whose clients tell of what they do, at a rate, whatever becomes of it. Takes its jobs over IPC. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { asKaijiangError } from '../../src/client/kaijiangError.ts';
import type { BenchDiner } from '../bench/prepare.ts';
import { HttpClient } from '../http.ts';

export interface TellingJob {
  url: string;
  diners: BenchDiner[];
  /** Behaviours a second. */
  rate: number;
}

export type TellingCommand = { begin: TellingJob } | { end: true };

export interface TellingReport {
  seconds: number;
  offered: number;
  /** Answered as stored. */
  accepted: number;
  /** By code, what was not. */
  refused: Record<string, number>;
}

const PER_CALL = 100;
const MOST_UNDER_WAY = 400;
const NAMES = Array.from({ length: 20 }, (_, n) => `page-${n}`);

let ending = new AbortController();
let telling: Promise<TellingReport> | undefined;

process.on('message', (command: TellingCommand) => {
  void follow(command).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});

async function follow(command: TellingCommand): Promise<void> {
  if ('begin' in command) {
    ending = new AbortController();
    telling = tell(command.begin, ending.signal);
    return;
  }
  ending.abort();
  process.send!(await telling!);
}

async function tell({ url, diners, rate }: TellingJob, stopping: AbortSignal): Promise<TellingReport> {
  const http = new HttpClient(url, MOST_UNDER_WAY);
  const report: TellingReport = { seconds: 0, offered: 0, accepted: 0, refused: {} };
  const startedMs = performance.now();
  const underWay = new Set<Promise<void>>();
  for (let calls = 0; !stopping.aborted;) {
    while (calls < (rate / PER_CALL) * ((performance.now() - startedMs) / 1000)) {
      const { token } = diners[calls++ % diners.length]!;
      report.offered += PER_CALL;
      // One that waits for so many answers offers no more than a client that backs off.
      if (underWay.size >= MOST_UNDER_WAY) count(report, 'NOT_SENT');
      else {
        const call: Promise<void> = send(http, token, report).finally(() => underWay.delete(call));
        underWay.add(call);
      }
    }
    await sleep(5);
  }
  report.seconds = (performance.now() - startedMs) / 1000;
  await Promise.all(underWay);
  http.close();
  return report;
}

async function send(http: HttpClient, token: string, report: TellingReport): Promise<void> {
  const at = new Date().toISOString();
  const visit = randomUUID();
  const behaviors = Array.from({ length: PER_CALL }, (_, n) => ({
    ...{ event_id: `${visit}-${n}`, kind: 'page', name: NAMES[n % NAMES.length], at },
    ...{ target_type: 'campaign', target_id: 1 },
  }));
  const body = { sent_at: at, visit_id: visit, behaviors };
  try {
    const taken = await http.call<{ accepted: number }>({
      ...{ method: 'POST', path: '/analytics/behaviors', token, body },
    });
    report.accepted += taken.accepted;
  } catch (error) {
    count(report, asKaijiangError(error).code);
  }
}

function count(report: TellingReport, code: string): void {
  report.refused[code] = (report.refused[code] ?? 0) + PER_CALL;
}
