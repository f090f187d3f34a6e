/** Those who use the product during a run, as good clients do, and what they were told. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KaijiangClient } from '../../src/client/kaijiangClient.ts';
import { asKaijiangError, type KaijiangError } from '../../src/client/kaijiangError.ts';
import type { DrawReply } from '../../src/lottery/messages.ts';
import type { Acknowledged } from '../../loadtest/record.ts';
import type { Balancer } from '../client/balancer.ts';
import { callUntilAnswered, type Call } from './calls.ts';
import type { ChaosCluster } from './cluster.ts';

/** Between two draws of one diner. */
const REST_MS = 30;
/** What is under way at the end may still be answered for so long. */
const LAST_WAIT_MS = 60_000;
const CODE = '123456';

interface LoginData {
  access_token: string;
  user: { user_id: number };
}

/** Spent points, as they were asked for and answered. */
export interface Spending {
  relatedId: string;
  isAcknowledged: boolean;
}

/** A login that its owner has ended. */
export interface EndedLogin {
  token: string;
  mobile: string;
}

export class Players {
  readonly drawn = new Map<number, Acknowledged[]>();
  readonly spendings: Spending[] = [];
  readonly ended: EndedLogin[] = [];
  readonly retries = new Map<string, number>();
  /** What must not happen whatever is broken, and how often it did. */
  readonly complaints = new Map<string, number>();
  /** Between two acknowledged draws, whoever's. */
  longestGapMs = 0;
  private lastDrawMs = performance.now();
  private overMs = Infinity;
  private readonly runId = Date.now().toString(36);

  constructor(private readonly cluster: ChaosCluster) {}

  get draws(): number {
    return [...this.drawn.values()].flat().reduce((sum, answer) => sum + answer.draw_ids.length, 0);
  }

  /** No new calls; resolves when those under way are answered. */
  async finish(running: Promise<unknown>): Promise<void> {
    this.overMs = performance.now();
    await running;
  }

  /** Draws over REST, at any node. */
  async drawOverRest(mobile: string, campaignId: number, first: number): Promise<void> {
    let login = await this.login(mobile, first);
    for (let count = 0; !this.isOver; count++) {
      const requestId = `${this.runId}-${mobile}-${count}`;
      const body = { campaign_id: campaignId, draw_count: 1 + (count % 3), request_id: requestId };
      const call = { method: 'POST', path: '/lottery/draw', token: login.access_token, body } as const;
      try {
        const reply = await this.persist<DrawReply>(call, first + count);
        this.note(campaignId, login.user.user_id, reply);
      } catch (thrown) {
        const error = asKaijiangError(thrown);
        // A node whose clock is ahead ends a token early; the draw is then asked for with a new one, under its own id.
        if (error.code === 'TOKEN_EXPIRED') login = await this.login(mobile, first);
        else this.complain(requestId, error);
      }
      await sleep(REST_MS);
    }
  }

  /** Draws in the campaign's room by the product's own client, which finds its way by itself. */
  async drawInRoom(mobile: string, campaignId: number, balancer: Balancer): Promise<void> {
    const { access_token: accessToken, user } = await this.login(mobile, 0);
    const renew = async () => (await this.login(mobile, 1)).access_token;
    const client = new KaijiangClient({ url: balancer.origin, accessToken, refreshToken: renew });
    const seat = await client.joinCampaign(campaignId);
    for (let count = 0; !this.isOver; count++) {
      const onRetry = (error: KaijiangError) => this.noteRetry(error);
      const signal = AbortSignal.timeout(10 * LAST_WAIT_MS);
      try {
        const requestId = `${this.runId}-${mobile}-seat-${count}`;
        this.note(campaignId, user.user_id, await seat.draw({ drawCount: 2, requestId, onRetry, signal }));
      } catch (thrown) {
        this.complain(`a draw in the room, ${mobile}`, asKaijiangError(thrown));
        break;
      }
      await sleep(REST_MS);
    }
    await seat.leave();
  }

  async spend(mobile: string, first: number): Promise<void> {
    let login = await this.login(mobile, first);
    for (let count = 0; !this.isOver; count++) {
      const relatedId = `chaos-${this.runId}-${mobile}-${count}`;
      const spending = { relatedId, isAcknowledged: false };
      this.spendings.push(spending);
      const body = { amount: 0.01, reason: 'chaos', related_id: relatedId };
      const consume = { method: 'POST', path: '/points/consume', key: relatedId, body } as const;
      for (let isOpen = true; isOpen;) {
        try {
          await this.persist({ ...consume, token: login.access_token }, first + count);
          spending.isAcknowledged = true;
          isOpen = false;
        } catch (thrown) {
          const error = asKaijiangError(thrown);
          isOpen = error.code === 'TOKEN_EXPIRED';
          if (isOpen) login = await this.login(mobile, first);
          else this.complain(relatedId, error);
        }
      }
      await sleep(REST_MS);
    }
  }

  /** Logs in at one node, uses it at another, logs out at a third. */
  async comeAndGo(mobile: string, first: number): Promise<void> {
    for (let count = 0; !this.isOver; count++) {
      const { access_token: token } = await this.login(mobile, first + count);
      try {
        await this.persist({ method: 'GET', path: '/points/account', token }, first + count + 1);
        await this.logOut(token, first + count + 2);
        this.ended.push({ token, mobile });
      } catch (thrown) {
        const error = asKaijiangError(thrown);
        if (error.code !== 'TOKEN_EXPIRED') this.complain(`a login of ${mobile}`, error);
      }
      await sleep(10 * REST_MS);
    }
  }

  /** A token that is refused as revoked is one whose logout was done and its answer lost. */
  private async logOut(token: string, first: number): Promise<void> {
    try {
      await this.persist({ method: 'POST', path: '/auth/logout', token }, first);
    } catch (thrown) {
      if (asKaijiangError(thrown).code !== 'TOKEN_REVOKED') throw thrown;
    }
  }

  async login(mobile: string, first: number): Promise<LoginData> {
    const body = { mobile, code: CODE };
    return this.persist<LoginData>({ method: 'POST', path: '/auth/login', body }, first);
  }

  private get isOver(): boolean {
    return this.overMs < Infinity;
  }

  private persist<Data>(call: Call, first: number): Promise<Data> {
    const { nodes } = this.cluster;
    return callUntilAnswered<Data>(call, {
      ...{ nodes, first },
      deadlineMs: () => this.overMs + LAST_WAIT_MS,
      onRetry: (error) => this.noteRetry(error),
    });
  }

  private note(campaignId: number, userId: number, reply: DrawReply): void {
    const nowMs = performance.now();
    if (!this.isOver) this.longestGapMs = Math.max(this.longestGapMs, nowMs - this.lastDrawMs);
    this.lastDrawMs = nowMs;
    const answers = this.drawn.get(campaignId) ?? [];
    this.drawn.set(campaignId, answers);
    answers.push({
      user_id: userId,
      request_id: reply.request_id,
      draw_ids: reply.draws.map((draw) => draw.draw_id),
      prize_ids: reply.draws.map((draw) => draw.prize?.prize_id ?? null),
    });
  }

  private noteRetry(error: KaijiangError): void {
    const { code } = error;
    this.retries.set(code, (this.retries.get(code) ?? 0) + 1);
    // Trouble of the infrastructure is never a fault of ours, and never told as one.
    if (code === 'INTERNAL') this.complain('an answer', error);
  }

  private complain(what: string, { status, message }: KaijiangError): void {
    const line = `${what}: ${status} ${message}`;
    this.complaints.set(line, (this.complaints.get(line) ?? 0) + 1);
  }
}
