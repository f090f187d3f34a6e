/**
 * A load process of conversations: people of whom some talk as fast as they are answered and all listen. Over the IPC channel it
 * seats them, lets them talk on demand, and tells how many messages were acknowledged and delivered.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sent } from '../../src/chat/messages.ts';
import { isNamed, LeanSeat, textOf } from '../bench/leanSeat.ts';
import type { BenchDiner } from '../bench/prepare.ts';
import { eachOf } from '../eachOf.ts';
import { latencyHistogram, percentileMs } from '../figures.ts';

export interface TalkJob {
  /** By which it is asked for. */
  key: string;
  url: string;
  conversationId: number;
  people: BenchDiner[];
  /** The first of them, each with so many messages in flight. */
  talking: number;
  inFlight: number;
  characters: number;
}

export type TalkCommand = { join: TalkJob } | { talk: string; runMs: number };

export interface TalkRound {
  messages: number;
  seconds: number;
  messagesPerSecond: number;
  deliveredPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  cpuMs: number;
  /** Of what was acknowledged, over all who listen; 0 where everybody heard everything once. */
  undelivered: number;
}

export const MESSAGE = textOf('message');
const JOIN_WIDTH = 32;
const DRAIN_MS = 10_000;

const tables = new Map<string, Table>();

process.on('message', (command: TalkCommand) => {
  void follow(command).then(
    (answer) => process.send!(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function follow(command: TalkCommand): Promise<TalkRound | { joined: number }> {
  if ('talk' in command) return tables.get(command.talk)!.talk(command.runMs);
  const table = new Table(command.join);
  tables.set(command.join.key, table);
  return { joined: await table.join() };
}

/** One conversation. */
class Table {
  private seats: LeanSeat[] = [];
  private heard = 0;
  private acknowledged = 0;
  private isTalking = false;
  private sent = 0;
  private readonly latency = latencyHistogram();
  private readonly runId = Date.now().toString(36);
  private readonly content: string;

  constructor(private readonly job: TalkJob) {
    this.content = '说'.repeat(job.characters);
  }

  async join(): Promise<number> {
    const { url, conversationId, people } = this.job;
    const options = { conversation_id: conversationId };
    this.seats = await eachOf(people, JOIN_WIDTH, ({ token }) =>
      LeanSeat.take({ url, room: 'chat', options, token }, (message) => {
        if (isNamed(message, MESSAGE)) this.heard += 1;
      }),
    );
    return this.seats.length;
  }

  async talk(runMs: number): Promise<TalkRound> {
    const before = { heard: this.heard, acknowledged: this.acknowledged };
    this.latency.reset();
    const cpu = process.cpuUsage();
    const startedMs = performance.now();
    this.isTalking = true;
    const talking = this.seats
      .slice(0, this.job.talking)
      .flatMap((seat) => Array.from({ length: this.job.inFlight }, () => this.keepTalking(seat)));
    const ended = Promise.all(talking);
    await Promise.race([ended, sleep(runMs)]);
    const messages = this.acknowledged - before.acknowledged;
    const delivered = this.heard - before.heard;
    const seconds = (performance.now() - startedMs) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const figures = { p50Ms: percentileMs(this.latency, 50), p99Ms: percentileMs(this.latency, 99) };
    this.isTalking = false;
    await ended;
    return {
      ...figures,
      messages,
      seconds,
      messagesPerSecond: messages / seconds,
      deliveredPerSecond: delivered / seconds,
      cpuMs: (user + system) / 1000,
      undelivered: await this.drain(before),
    };
  }

  private async keepTalking(seat: LeanSeat): Promise<void> {
    const { content } = this;
    while (this.isTalking) {
      const startedMs = performance.now();
      const client_msg_id = `${this.runId}-${(this.sent += 1)}`;
      await seat.request<Sent>('send', { client_msg_id, type: 'text', content });
      this.latency.recordValue(Math.max(1, Math.round((performance.now() - startedMs) * 1000)));
      this.acknowledged += 1;
    }
  }

  /** Waits for what is under way. */
  private async drain(before: { heard: number; acknowledged: number }): Promise<number> {
    const due = (this.acknowledged - before.acknowledged) * this.seats.length;
    const deadlineMs = performance.now() + DRAIN_MS;
    while (this.heard - before.heard < due && performance.now() < deadlineMs) await sleep(20);
    // A message too many would come now.
    await sleep(100);
    return due - (this.heard - before.heard);
  }
}
