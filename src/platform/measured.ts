/** What happens here, for whoever measures: told on a channel of node:diagnostics_channel, and to nobody while nobody listens. */
import { channel } from 'node:diagnostics_channel';
import type { ErrorCode } from './errors.ts';

export class Measured<Told extends object> {
  private readonly channel;

  constructor(name: string) {
    this.channel = channel(`kaijiang:${name}`);
  }

  /** Whether what is told is heard by anybody. */
  get isWatched(): boolean {
    return this.channel.hasSubscribers;
  }

  tell(told: Told): void {
    if (this.isWatched) this.channel.publish(told);
  }

  /** @returns how to end it */
  watch(listener: (told: Told) => void): () => void {
    const hear = (told: unknown) => listener(told as Told);
    this.channel.subscribe(hear);
    return () => void this.channel.unsubscribe(hear);
  }
}

export interface Refusal {
  /** http: a call of the API; seat: somebody who wants into a room; room: a message to one. */
  edge: 'http' | 'seat' | 'room';
  code: ErrorCode;
}

export const measuredRefusals = new Measured<Refusal>('refusal');

/** What owners of campaigns have committed. */
export interface CommittedDraws {
  draws: number;
  /** How many of them have won something. */
  wins: number;
}

export const measuredDraws = new Measured<CommittedDraws>('draws');

export interface AnsweredCall {
  status: number;
  seconds: number;
}

/** Calls of the API and pages, once they are answered or given up. */
export const measuredCalls = new Measured<AnsweredCall>('call');
