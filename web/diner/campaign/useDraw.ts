/** Draws: one press is one request, and one request is one draw, however often it is asked for (DRAW-4, RW-2, RW-3). */
import { computed, ref, shallowRef, watch, type Ref } from 'vue';
import { useI18n } from 'vue-i18n';
import { asKaijiangError } from '../../../src/client/kaijiangError.ts';
import { createRequestId } from '../../../src/client/requestId.ts';
import type { DrawReply } from '../../../src/lottery/messages.ts';
import { problemOf } from '../session.ts';
import { noteReceipts } from './receipts.ts';
import type { Stage } from './stage.ts';
import type { CampaignRoom } from './useCampaign.ts';

interface Unanswered {
  requestId: string;
  drawCount: number;
  sinceMs: number;
}

/** A draw that was asked for before the page was loaded anew is asked for again for so long. */
const RESUMED_FOR_MS = 120_000;
/** What runs comes to rest when no answer comes; the draw is asked for on and on. */
const PATIENCE_MS = 8000;

export function useDraw(room: CampaignRoom, stage: Ref<Stage | undefined>) {
  const { t, n } = useI18n();
  const key = `kaijiang.unanswered.${room.campaignId}`;
  const reply = shallowRef<DrawReply>();
  const isDrawing = ref(false);
  const problem = ref('');
  const spoken = ref('');
  /** What has had no answer yet: trying again is the same draw, also after the page was loaded anew (RW-7). */
  let unanswered = storedUnanswered();

  const mayDraw = computed(
    () => room.view.value?.status === 'active' && room.isLive.value && !isDrawing.value,
  );

  /** Points that so many draws need beyond what is there. */
  function missing(count: number): number {
    const paid = Math.max(0, count - (room.mine.value?.free_draws_left_today ?? 0));
    return Math.max(0, paid * (room.view.value?.cost ?? 0) - (room.mine.value?.balance ?? 0));
  }

  async function draw(drawCount: number): Promise<void> {
    const seat = room.seat.value;
    if (!mayDraw.value || seat === undefined || missing(drawCount) > 0) return;
    isDrawing.value = true;
    problem.value = '';
    reply.value = undefined;
    if (unanswered?.drawCount !== drawCount)
      remember({ requestId: createRequestId(), drawCount, sinceMs: Date.now() });
    room.hold();
    stage.value?.spin();
    const patience = setTimeout(() => {
      void stage.value?.giveUp();
      problem.value = t('draw.waiting');
    }, PATIENCE_MS);
    try {
      const answer = await seat.draw({ ...unanswered, signal: room.leaving });
      clearTimeout(patience);
      problem.value = '';
      remember(undefined);
      noteReceipts(answer);
      const best = answer.draws.find(({ prize }) => prize !== null) ?? answer.draws[0]!;
      if (!hasStage(best.prize?.prize_id)) room.release();
      await stage.value?.stopAt(best.prize?.prize_id ?? null);
      if (room.leaving.aborted) return;
      room.mine.value = { ...room.mine.value, ...answer };
      reply.value = answer;
      const names = answer.draws.flatMap(({ prize }) => prize?.name ?? []);
      spoken.value = names.length > 0 ? `${t('win.got')} ${names.join('，')}` : t('win.bead');
      void room.refresh();
    } catch (error) {
      if (room.leaving.aborted) return;
      // A refusal is an answer: the next try is another draw.
      if (!asKaijiangError(error).isPassing) remember(undefined);
      await stage.value?.giveUp();
      problem.value = t('draw.failed', { why: problemOf(error) });
    } finally {
      clearTimeout(patience);
      isDrawing.value = false;
      if (!room.leaving.aborted) room.release();
    }
  }

  /** Whether what was won stands on the stage as it was when it began to run. */
  function hasStage(prizeId: number | undefined): boolean {
    return prizeId === undefined || room.view.value!.prizes.some(({ prize_id }) => prize_id === prizeId);
  }

  function remember(asked: Unanswered | undefined): void {
    unanswered = asked;
    if (asked === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(asked));
  }

  function storedUnanswered(): Unanswered | undefined {
    const text = sessionStorage.getItem(key);
    const asked = text === null ? undefined : (JSON.parse(text) as Unanswered);
    return asked !== undefined && Date.now() - asked.sinceMs < RESUMED_FOR_MS ? asked : undefined;
  }

  /** What the button says under its verb. */
  function noteOf(count: number): string {
    if (!room.isLive.value && room.view.value !== undefined) return t('campaign.whenBack');
    const free = room.mine.value?.free_draws_left_today ?? 0;
    if (count === 1 && free > 0) return t('campaign.free', { left: free });
    const short = missing(count);
    if (short > 0) return t('campaign.short', { points: n(short) });
    return t('campaign.cost', { points: n(Math.max(0, count - free) * (room.view.value?.cost ?? 0)) });
  }

  if (unanswered !== undefined) {
    const { drawCount } = unanswered;
    const stop = watch([mayDraw, room.mine], ([may, mine]) => {
      if (!may || mine === undefined) return;
      stop();
      void draw(drawCount);
    });
  }

  return {
    reply,
    isDrawing,
    problem,
    spoken,
    mayDraw,
    missing,
    noteOf,
    draw,
    again: () => draw(unanswered?.drawCount ?? 1),
  };
}
