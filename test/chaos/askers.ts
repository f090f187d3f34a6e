/** What all have in common who use the product during a run: they ask until they are answered, and tell of what must not happen. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KaijiangClient } from '../../src/client/kaijiangClient.ts';
import { asKaijiangError, type KaijiangError } from '../../src/client/kaijiangError.ts';
import { callUntilAnswered, type Call } from './calls.ts';
import type { ChaosCluster } from './cluster.ts';

/** What is under way at the end may still be answered for so long. */
export const LAST_WAIT_MS = 60_000;
const CODE = '123456';

interface LoginData {
  access_token: string;
  user: { user_id: number };
}

/** One person with a login of their own. */
export interface Person {
  userId: number;
  token: string;
  /** With a new login where a node takes the present one for expired: its clock may be ahead. @throws KaijiangError */
  ask<Data>(call: Omit<Call, 'token'>, first: number): Promise<Data>;
}

export class Askers {
  readonly retries = new Map<string, number>();
  /** What must not happen whatever is broken, and how often it did. */
  readonly complaints = new Map<string, number>();
  readonly runId = Date.now().toString(36);
  private overMs = Infinity;
  private readonly givenUp = new AbortController();

  /** @param origin what leads to one of the nodes @param restMs between two calls of one person, about */
  constructor(
    private readonly cluster: ChaosCluster,
    readonly origin: string,
    readonly restMs: number,
  ) {}

  get isOver(): boolean {
    return this.overMs < Infinity;
  }

  /** No new calls; resolves when those under way are answered. */
  async finish(running: Promise<unknown>): Promise<void> {
    this.overMs = performance.now();
    await running;
  }

  /** Nobody asks on, whatever they have not been told: what they asked has gone. */
  async giveUp(running: Promise<unknown>): Promise<void> {
    this.overMs = -Infinity;
    this.givenUp.abort();
    await Promise.race([Promise.allSettled([running]), sleep(LAST_WAIT_MS, undefined, { ref: false })]);
  }

  /** Again and again until the run is over. @param everyMs about */
  async keepOn(everyMs: number, work: (count: number) => Promise<void>): Promise<void> {
    for (let count = 0; !this.isOver; count++) {
      await work(count);
      await sleep(everyMs * (0.5 + Math.random()));
    }
  }

  async logIn(mobile: string, first: number): Promise<Person> {
    const { access_token: token, user } = await this.login(mobile, first);
    const person: Person = {
      userId: user.user_id,
      token,
      ask: async (call, at) => {
        for (;;) {
          try {
            return await this.persist({ ...call, token: person.token }, at);
          } catch (thrown) {
            if (asKaijiangError(thrown).code !== 'TOKEN_EXPIRED') throw thrown;
            person.token = (await this.login(mobile, first)).access_token;
          }
        }
      },
    };
    return person;
  }

  /** The product's own client, which finds its way by itself. */
  async client(mobile: string): Promise<{ client: KaijiangClient; userId: number }> {
    const { access_token: accessToken, user } = await this.login(mobile, 0);
    const refreshToken = async () => (await this.login(mobile, 1)).access_token;
    return {
      client: new KaijiangClient({ url: this.origin, accessToken, refreshToken }),
      userId: user.user_id,
    };
  }

  /** For what is asked in a room: how long it is tried, and whom refusals are told. */
  get patience(): { signal: AbortSignal; onRetry: (error: KaijiangError) => void } {
    return {
      signal: AbortSignal.any([AbortSignal.timeout(10 * LAST_WAIT_MS), this.givenUp.signal]),
      onRetry: (error) => this.noteRetry(error),
    };
  }

  /** @throws KaijiangError */
  persist<Data>(call: Call, first: number): Promise<Data> {
    const { nodes } = this.cluster;
    return callUntilAnswered<Data>(call, {
      ...{ nodes, first },
      deadlineMs: () => this.overMs + LAST_WAIT_MS,
      onRetry: (error) => this.noteRetry(error),
    });
  }

  login(mobile: string, first: number): Promise<LoginData> {
    return this.persist({ method: 'POST', path: '/auth/login', body: { mobile, code: CODE } }, first);
  }

  noteRetry(error: KaijiangError): void {
    const { code } = error;
    this.retries.set(code, (this.retries.get(code) ?? 0) + 1);
    // Trouble of the infrastructure is never a fault of ours, and never told as one.
    if (code === 'INTERNAL') this.complain('an answer', error);
  }

  complain(what: string, thrown: unknown): void {
    const { status, message } = asKaijiangError(thrown);
    const line = `${what}: ${status} ${message}`;
    this.complaints.set(line, (this.complaints.get(line) ?? 0) + 1);
  }
}
