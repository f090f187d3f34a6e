/**
 * A load process of a crowd in one conversation: seats everybody, lets one after the other say something at a steady rate, and counts
 * for each of them which messages they were told, and how long after they were sent. Takes its job over IPC.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isNamed, LeanSeat, textOf } from '../bench/leanSeat.ts';
import type { BenchDiner } from '../bench/prepare.ts';
import { eachOf } from '../eachOf.ts';
import { latencyHistogram, percentileMs } from '../figures.ts';

export interface CrowdJob {
  url: string;
  conversationId: number;
  people: BenchDiner[];
  seconds: number;
  /** Of all of them together. */
  messagesPerSecond: number;
  characters: number;
}

export interface CrowdReport {
  /** Seats by the ids of their rooms. */
  rooms: Record<string, number>;
  messages: number;
  refused: number;
  /** Over all people and messages. */
  delivered: number;
  missing: number;
  doubled: number;
  /** From the sending to the hearing. */
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

const MESSAGE = textOf('message');
/** Stands around what is read of a message without decoding it. */
const MARK = '@@';
const JOIN_WIDTH = 32;
const LAST_MS = 10_000;

process.once('message', (job: CrowdJob) => {
  void run(job).then(
    (report) => process.send!(report, () => process.exit(0)),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function run(job: CrowdJob): Promise<CrowdReport> {
  const { url, conversationId, people, seconds, messagesPerSecond, characters } = job;
  const count = seconds * messagesPerSecond;
  const times = people.map(() => new Uint8Array(count));
  const latency = latencyHistogram();
  let delivered = 0;
  const options = { conversation_id: conversationId };
  const places = people.map((_, at) => at);
  const seats = await eachOf(places, JOIN_WIDTH, (at) =>
    LeanSeat.take({ url, room: 'chat', options, token: people[at]!.token }, (message) => {
      if (!isNamed(message, MESSAGE)) return;
      const heardMs = nowMs();
      const from = message.indexOf(MARK) + MARK.length;
      const [number, sentMs] = message
        .toString('latin1', from, message.indexOf(MARK, from))
        .split(' ')
        .map(Number);
      times[at]![number!]! += 1;
      delivered += 1;
      latency.recordValue(Math.max(1, Math.round((heardMs - sentMs!) * 1000)));
    }),
  );
  await sleep(1000);
  let refused = 0;
  const padding = 'x'.repeat(characters);
  const startedMs = performance.now();
  for (let number = 0; number < count; number++) {
    const waitMs = startedMs + (number * 1000) / messagesPerSecond - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const content = `${MARK}${number} ${nowMs().toFixed(3)}${MARK}${padding}`;
    const sent = { client_msg_id: `crowd-${number}`, type: 'text', content };
    // One after the other, far apart: nobody says more than one may.
    seats[(number * 7) % seats.length]!.request('send', sent).catch((error: unknown) => {
      console.error(error);
      refused += 1;
    });
  }
  const due = count * people.length;
  const deadlineMs = performance.now() + LAST_MS;
  while (delivered < due && performance.now() < deadlineMs) await sleep(50);
  await sleep(200);
  const all = times.flatMap((of) => [...of]);
  return {
    rooms: countBy(seats.map(({ roomId }) => roomId)),
    messages: count,
    refused,
    delivered,
    missing: all.filter((heard) => heard === 0).length,
    doubled: all.filter((heard) => heard > 1).length,
    p50Ms: percentileMs(latency, 50),
    p99Ms: percentileMs(latency, 99),
    maxMs: percentileMs(latency, 100),
  };
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

function countBy(names: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, of]) => [name, of.length]));
}
