/** The two kinds of bot: a diner who draws as fast as the answers come, and a watcher who looks at the patches. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DrawReply } from '../src/lottery/messages.ts';
import { Refusal } from './http.ts';
import { Backoff } from './patience.ts';
import type { DrawRecord } from './record.ts';
import { Seat, type SeatOptions } from './seat.ts';

/** After these the same request is sent again; the server settles by its request_id what became of it (DRAW-4). */
const SEND_AGAIN = new Set(['BUSY', 'MOVED', 'RATE_LIMITED', 'INTERNAL']);
const GRACE_MS = 10_000;
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

interface ShownRefusal {
  code: string;
  retry_after?: number;
}

type Outcome = { reply: DrawReply } | { refusal: ShownRefusal } | undefined;

/** Keeps one draw request in flight until its time is over or it may draw no more. */
export class Diner {
  readonly seat: Seat;
  private requests = 0;

  constructor(private readonly options: DinerOptions) {
    this.seat = new Seat(options);
  }

  /** @param endMs reads when to stop, which may move while the diner draws */
  async drawUntil(endMs: () => number): Promise<void> {
    const { figures, rate } = this.options;
    figures.drawing++;
    while (Date.now() < endMs()) {
      const startedMs = performance.now();
      const outcome = await this.draw(startedMs, endMs);
      if (outcome === undefined || !(await this.mayGoOn(outcome, endMs()))) break;
      const restMs = rate === 0 ? 0 : 1000 / rate - (performance.now() - startedMs);
      if (restMs > 0) await sleep(restMs);
    }
    figures.drawing--;
  }

  private async draw(startedMs: number, endMs: () => number): Promise<Outcome> {
    const { figures, account, record, drawCount, runId } = this.options;
    const requestId = `${runId}-${account.userId}-${++this.requests}`;
    const outcome = await this.answerTo(requestId, endMs);
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

  /** Sends the request until it is answered; a while longer than the run, so that little is left open. */
  private async answerTo(requestId: string, endMs: () => number): Promise<Outcome> {
    const { figures, drawCount } = this.options;
    const backoff = new Backoff();
    do {
      const room = await this.seat.room();
      if (room === undefined) return undefined;
      try {
        return {
          reply: await room.request<unknown, DrawReply>('draw', {
            request_id: requestId,
            draw_count: drawCount,
          }),
        };
      } catch (error) {
        const refusal = refusalOf(error);
        figures.refused(refusal?.code ?? 'no answer');
        if (refusal !== undefined && !SEND_AGAIN.has(refusal.code)) return { refusal };
        await backoff.pause((refusal?.retry_after ?? 0) * 1000);
      }
    } while (Date.now() < endMs() + GRACE_MS);
    return undefined;
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
      figures.refused(error instanceof Refusal ? `points not granted: ${error.code}` : 'points not granted');
      return false;
    }
  }
}

/** Counts what the room shows. */
export class Watcher {
  readonly seat: Seat;
  patches = 0;
  private sealed = false;

  constructor(options: SeatOptions) {
    this.seat = new Seat(options, (room) => {
      room.onStateChange(() => {
        if (this.sealed) return;
        this.patches++;
        options.figures.patches++;
      });
    });
  }

  /** The time that patches are counted for is over. */
  seal(): void {
    this.sealed = true;
  }
}

/** What a rejected request was refused with; undefined when no answer came (lost connection, timeout). */
function refusalOf(error: unknown): ShownRefusal | undefined {
  const { name, reason, code } = error as { name?: unknown; reason?: ShownRefusal; code?: unknown };
  if (name === 'rejected' && typeof reason?.code === 'string') return reason;
  return code === undefined ? undefined : { code: 'INTERNAL' };
}
