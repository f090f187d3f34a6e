/**
 * A load process of a few watchers among many, who see what the stock SDK shows them, and of one diner who draws at a steady pace: how
 * long after the answer to a draw each of them sees it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DrawReply } from '../../src/lottery/messages.ts';
import { until } from '../bench/polling.ts';
import type { LoadDiner } from '../bench/load.ts';
import { joinCampaign } from '../bench/stockSeat.ts';
import { eachOf } from '../eachOf.ts';
import { latencyHistogram, percentileMs } from '../figures.ts';

export type LookersCommand =
  | { seat: LoadDiner[]; campaignId: number }
  /** Once as many are in the campaign as that, as each of them is shown. */
  | { online: { least: number; most: number } }
  | { watch: { seconds: number; drawsPerSecond: number } };

export interface Seen {
  draws: number;
  /** Over all draws and lookers. */
  missing: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

interface Shown {
  draw_no: number;
  online: number;
}

const JOIN_WIDTH = 4;
/** By then everything has been shown that will be. */
const LAST_MS = 10_000;

const lookers: Looker[] = [];
let draw: (requestId: string) => Promise<DrawReply>;
/** Draws that were answered, in the order of their numbers, and when. */
let drawn: { drawNo: number; atMs: number }[] = [];
let lateness = latencyHistogram();
let requests = 0;

process.on('message', (command: LookersCommand) => {
  void follow(command).then(
    (answer) => process.send!(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function follow(command: LookersCommand): Promise<Seen> {
  if ('seat' in command) await seat(command.seat, command.campaignId);
  else if ('online' in command) {
    const { least, most } = command.online;
    await until(() => lookers.every(({ shown }) => shown.online >= least && shown.online <= most));
  } else await watch(command.watch);
  return {
    draws: drawn.length,
    missing: lookers.reduce((sum, { missing }) => sum + missing, 0),
    p50Ms: percentileMs(lateness, 50),
    p99Ms: percentileMs(lateness, 99),
    maxMs: percentileMs(lateness, 100),
  };
}

async function watch({
  seconds,
  drawsPerSecond,
}: {
  seconds: number;
  drawsPerSecond: number;
}): Promise<void> {
  drawn = [];
  lateness = latencyHistogram();
  for (const looker of lookers) looker.begin();
  const startedMs = performance.now();
  for (let at = 0; at < seconds * drawsPerSecond; at++) {
    const waitMs = startedMs + (at * 1000) / drawsPerSecond - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const { draws } = await draw(`looked-at-${process.pid}-${(requests += 1)}`);
    drawn.push({ drawNo: draws[0]!.draw_no, atMs: performance.now() });
    // It may have been shown before it was answered.
    for (const looker of lookers) looker.look();
  }
  const deadlineMs = performance.now() + LAST_MS;
  await until(() => lookers.every(({ missing }) => missing === 0) || performance.now() > deadlineMs);
}

/** The first of them is who draws. */
async function seat(people: readonly LoadDiner[], campaignId: number): Promise<void> {
  const seated = await eachOf(people, JOIN_WIDTH, async ({ token, url }) => {
    const room = await joinCampaign<Shown>({ url: url!, token }, campaignId);
    room.onMessage('*', () => undefined);
    return room;
  });
  for (const room of seated) {
    const looker = new Looker(() => room.state);
    room.onStateChange(() => looker.look());
    room.onLeave((code) => {
      console.error(`a looker lost its connection (${code})`);
      process.exit(1);
    });
    lookers.push(looker);
  }
  draw ??= (requestId) => seated[0]!.request('draw', { request_id: requestId, draw_count: 1 });
}

class Looker {
  private seen = 0;

  constructor(private readonly state: () => Shown) {}

  get shown(): Shown {
    return this.state();
  }

  get missing(): number {
    return drawn.length - this.seen;
  }

  begin(): void {
    this.seen = 0;
  }

  look(): void {
    const nowMs = performance.now();
    for (let next = drawn[this.seen]; next !== undefined; next = drawn[this.seen]) {
      if (next.drawNo > this.shown.draw_no) return;
      this.seen += 1;
      lateness.recordValue(Math.max(1, Math.round((nowMs - next.atMs) * 1000)));
    }
  }
}
