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

/** http: a call of the API; seat: somebody who wants into a room; room: a message to one. */
export const EDGES = ['http', 'seat', 'room'] as const;

export interface Refusal {
  edge: (typeof EDGES)[number];
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

/** gone: the process that had the room has died; silent: it is connected and does not answer. */
export const TAKEOVER_REASONS = ['gone', 'silent'] as const;

/** A room that nobody handed over, as it is opened here. */
export interface Takeover {
  because: (typeof TAKEOVER_REASONS)[number];
}

export const measuredTakeovers = new Measured<Takeover>('takeover');

export interface AnsweredCall {
  status: number;
  seconds: number;
}

/** Calls of the API and pages, once they are answered or given up. */
export const measuredCalls = new Measured<AnsweredCall>('call');
