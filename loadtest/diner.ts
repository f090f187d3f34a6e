/** The two kinds of bot: a diner who draws as fast as the answers come, and a watcher who looks at the patches. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CampaignSeat } from '../src/client/campaignSeat.ts';
import { KaijiangError } from '../src/client/kaijiangError.ts';
import type { DrawReply } from '../src/lottery/messages.ts';
import type { DrawRecord } from './record.ts';
import { takeSeat, type SeatOptions } from './seat.ts';

const REFUSED_PAUSE_MS = 1000;

export interface DinerOptions extends SeatOptions {
  /** Makes request ids of one run differ from those of every other. */
  runId: string;
  drawCount: number;
  /** Requests per second; 0: the next one as soon as the last is answered. */
  rate: number;
  points: number;
  record: DrawRecord;
}

type Outcome = { reply: DrawReply } | { refusal: KaijiangError } | undefined;

/** Keeps one draw request in flight until its time is over or it may draw no more. */
export class Diner {
  private requests = 0;

  static async join(options: DinerOptions): Promise<Diner> {
    return new Diner(options, await takeSeat(options));
  }

  private constructor(
    private readonly options: DinerOptions,
    readonly seat: CampaignSeat,
  ) {}

  /**
   * @param endMs reads when to stop, which may move while the diner draws
   * @param giveUp when even a request under way is given up
   */
  async drawUntil(endMs: () => number, giveUp: AbortSignal): Promise<void> {
    const { figures, rate } = this.options;
    figures.drawing++;
    while (Date.now() < endMs()) {
      const startedMs = performance.now();
      const outcome = await this.draw(startedMs, giveUp);
      if (outcome === undefined || !(await this.mayGoOn(outcome, endMs()))) break;
      const restMs = rate === 0 ? 0 : 1000 / rate - (performance.now() - startedMs);
      if (restMs > 0) await sleep(restMs);
    }
    figures.drawing--;
  }

  private async draw(startedMs: number, giveUp: AbortSignal): Promise<Outcome> {
    const { figures, account, record, drawCount, runId } = this.options;
    const requestId = `${runId}-${account.userId}-${++this.requests}`;
    const outcome = await this.answerTo(requestId, giveUp);
    if (outcome === undefined) figures.unanswered++;
    if (outcome === undefined || 'refusal' in outcome) return outcome;
    const { reply } = outcome;
    if (reply.request_id !== requestId || reply.draws.length !== drawCount) {
      throw new Error(
        `The answer to ${requestId} is for ${reply.request_id} with ${reply.draws.length} draws`,
      );
    }
    figures.answered(drawCount, performance.now() - startedMs, reply.replayed);
    record.add({
      user_id: account.userId,
      request_id: requestId,
      draw_ids: reply.draws.map((draw) => draw.draw_id),
      prize_ids: reply.draws.map((draw) => draw.prize?.prize_id ?? null),
    });
    return outcome;
  }

  private async answerTo(requestId: string, giveUp: AbortSignal): Promise<Outcome> {
    const { figures, drawCount } = this.options;
    const refused = ({ code }: KaijiangError) => figures.refused(code === 'UNREACHABLE' ? 'no answer' : code);
    try {
      return { reply: await this.seat.draw({ drawCount, requestId, signal: giveUp, onRetry: refused }) };
    } catch (error) {
      if (giveUp.aborted) return undefined;
      if (!(error instanceof KaijiangError)) throw error;
      refused(error);
      return { refusal: error };
    }
  }

  private async mayGoOn(outcome: NonNullable<Outcome>, deadlineMs: number): Promise<boolean> {
    if (!('refusal' in outcome)) return true;
    const { code } = outcome.refusal;
    if (code === 'DRAW_LIMIT_REACHED') return false;
    if (code === 'POINTS_INSUFFICIENT') return this.topUp(deadlineMs);
    await sleep(REFUSED_PAUSE_MS);
    return true;
  }

  private async topUp(deadlineMs: number): Promise<boolean> {
    const { accounts, account, points, figures } = this.options;
    try {
      await accounts.grant(account.userId, points, deadlineMs);
      return true;
    } catch (error) {
      // The server may be away until the end of the run.
      figures.refused(
        error instanceof KaijiangError ? `points not granted: ${error.code}` : 'points not granted',
      );
      return false;
    }
  }
}

/** Counts what the room shows. */
export class Watcher {
  patches = 0;
  private sealed = false;

  static async join(options: SeatOptions): Promise<Watcher> {
    return new Watcher(options, await takeSeat(options));
  }

  private constructor(
    { figures }: SeatOptions,
    readonly seat: CampaignSeat,
  ) {
    seat.onState(() => {
      if (this.sealed) return;
      this.patches++;
      figures.patches++;
    });
  }

  /** The time that patches are counted for is over. */
  seal(): void {
    this.sealed = true;
  }
}
