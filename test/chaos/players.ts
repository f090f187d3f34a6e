/** Those who draw, spend points and come and go during a run, as good clients do, and what they were told. */
import type { DrawReply } from '../../src/lottery/messages.ts';
import { asKaijiangError } from '../../src/client/kaijiangError.ts';
import { latencyHistogram } from '../../loadtest/figures.ts';
import type { Acknowledged } from '../../loadtest/record.ts';
import type { Askers } from './askers.ts';

/** Draws of one seat, before it is left for another one. */
const DRAWS_PER_SEAT = 50;

/** Something that was asked for under a name of its own. */
export interface Named {
  name: string;
  isAcknowledged: boolean;
}

/** A login that its owner has ended. */
export interface EndedLogin {
  token: string;
  mobile: string;
}

export class Players {
  readonly drawn = new Map<number, Acknowledged[]>();
  readonly spendings: Named[] = [];
  readonly ended: EndedLogin[] = [];
  draws = 0;
  /** From the first time that a draw was asked for to its answer, since somebody has last reset it. */
  readonly latency = latencyHistogram();
  /** Between two acknowledged draws, whoever's. */
  longestGapMs = 0;
  private lastDrawMs = performance.now();

  constructor(private readonly askers: Askers) {}

  /** Draws over REST, at any node. */
  async drawOverRest(mobile: string, campaignId: number, first: number): Promise<void> {
    const person = await this.askers.logIn(mobile, first);
    await this.askers.keepOn(this.askers.restMs, async (count) => {
      const requestId = `${this.askers.runId}-${mobile}-${count}`;
      const body = { campaign_id: campaignId, draw_count: 1 + (count % 3), request_id: requestId };
      try {
        await this.note({ campaignId, userId: person.userId }, () =>
          person.ask<DrawReply>({ method: 'POST', path: '/lottery/draw', body }, first + count),
        );
      } catch (thrown) {
        this.askers.complain(requestId, thrown);
      }
    });
  }

  /** Draws in the campaign's room, and sits down anew now and then. */
  async drawInRoom(mobile: string, campaignId: number): Promise<void> {
    const { client, userId } = await this.askers.client(mobile);
    let seat = await client.joinCampaign(campaignId, this.askers.patience);
    try {
      await this.askers.keepOn(this.askers.restMs, async (count) => {
        if ((count + 1) % DRAWS_PER_SEAT === 0) {
          await seat.leave();
          seat = await client.joinCampaign(campaignId, this.askers.patience);
        }
        const requestId = `${this.askers.runId}-${mobile}-seat-${count}`;
        const options = { ...this.askers.patience, drawCount: 2, requestId };
        await this.note({ campaignId, userId }, () => seat.draw(options));
      });
    } catch (thrown) {
      this.askers.complain(`a draw in the room, ${mobile}`, thrown);
    }
    await seat.leave();
  }

  async spend(mobile: string, first: number): Promise<void> {
    const person = await this.askers.logIn(mobile, first);
    await this.askers.keepOn(this.askers.restMs, async (count) => {
      const spending = { name: `chaos-${this.askers.runId}-${mobile}-${count}`, isAcknowledged: false };
      this.spendings.push(spending);
      const body = { amount: 0.01, reason: 'chaos', related_id: spending.name };
      const call = { method: 'POST', path: '/points/consume', key: spending.name, body } as const;
      try {
        await person.ask(call, first + count);
        spending.isAcknowledged = true;
      } catch (thrown) {
        this.askers.complain(spending.name, thrown);
      }
    });
  }

  /** Logs in at one node, uses it at another, logs out at a third. */
  async comeAndGo(mobile: string, first: number): Promise<void> {
    await this.askers.keepOn(10 * this.askers.restMs, async (count) => {
      const { access_token: token } = await this.askers.login(mobile, first + count);
      try {
        await this.askers.persist({ method: 'GET', path: '/points/account', token }, first + count + 1);
        await this.logOut(token, first + count + 2);
        this.ended.push({ token, mobile });
      } catch (thrown) {
        if (asKaijiangError(thrown).code !== 'TOKEN_EXPIRED')
          this.askers.complain(`a login of ${mobile}`, thrown);
      }
    });
  }

  /** A token that is refused as revoked is one whose logout was done and its answer lost. */
  private async logOut(token: string, first: number): Promise<void> {
    try {
      await this.askers.persist({ method: 'POST', path: '/auth/logout', token }, first);
    } catch (thrown) {
      if (asKaijiangError(thrown).code !== 'TOKEN_REVOKED') throw thrown;
    }
  }

  private async note(
    { campaignId, userId }: { campaignId: number; userId: number },
    draw: () => Promise<DrawReply>,
  ): Promise<void> {
    const askedMs = performance.now();
    const reply = await draw();
    const nowMs = performance.now();
    this.latency.recordValue(Math.max(1, Math.round((nowMs - askedMs) * 1000)));
    if (!this.askers.isOver) this.longestGapMs = Math.max(this.longestGapMs, nowMs - this.lastDrawMs);
    this.lastDrawMs = nowMs;
    this.draws += reply.draws.length;
    const answers = this.drawn.get(campaignId) ?? [];
    this.drawn.set(campaignId, answers);
    answers.push({
      user_id: userId,
      request_id: reply.request_id,
      draw_ids: reply.draws.map((draw) => draw.draw_id),
      prize_ids: reply.draws.map((draw) => draw.prize?.prize_id ?? null),
    });
  }
}
