/** A diner's seat in a campaign's room, for as long as the page is open. */
import { onBeforeUnmount, onMounted, ref, shallowRef } from 'vue';
import type { CampaignState } from '../../../rooms/campaign/campaignState.ts';
import type { CampaignSeat } from '../../../src/client/campaignSeat.ts';
import type { Standing } from '../../../src/lottery/messages.ts';
import { watchSeat } from '../../shared/connection.ts';
import { client, problemOf } from '../session.ts';
import type { CampaignDetail } from '../wire.ts';
import { viewOf, type CampaignView } from './campaignView.ts';

/** What a draw's answer tells as well. */
export type Mine = Pick<
  Standing,
  'balance' | 'streak' | 'guarantee_in' | 'free_draws_left_today' | 'draws_left_today'
> &
  Partial<Pick<Standing, 'rank' | 'wins'>>;

const SHOWN_EVERY_MS = 200;

export type CampaignRoom = ReturnType<typeof useCampaign>;

export function useCampaign(campaignId: number) {
  const seat = shallowRef<CampaignSeat>();
  const view = shallowRef<CampaignView>();
  const detail = shallowRef<CampaignDetail>();
  const mine = shallowRef<Mine>();
  const isLive = ref(false);
  const problem = ref('');
  /** The server's seconds as it last told them, which it does each tenth: the page counts on from there. */
  const told = ref({ seconds: 0, atMs: 0 });
  const leaving = new AbortController();
  let forgetSeat: (() => void) | undefined;
  /** While something runs on the stage, nobody reads the rest (RW-4). */
  let isHeld = false;
  let showing: ReturnType<typeof setTimeout> | undefined;

  async function enter(): Promise<void> {
    problem.value = '';
    try {
      detail.value = await client.api.get<CampaignDetail>(`/lottery/campaigns/${campaignId}`);
      const taken = await client.joinCampaign(campaignId, { signal: leaving.signal });
      seat.value = taken;
      isLive.value = true;
      show(taken.state);
      taken.onState(showSoon);
      taken.onStatus((event) => {
        isLive.value = event.status === 'live';
        if (event.status === 'live') void refresh();
        if (event.status === 'lost' && event.final !== undefined && !leaving.signal.aborted)
          problem.value = problemOf(event.final);
      });
      forgetSeat = watchSeat(taken);
      await refresh();
    } catch (error) {
      if (!leaving.signal.aborted) problem.value = problemOf(error);
    }
  }

  /** A room that draws without a pause changes twenty times a second, which nobody can read. */
  function showSoon(state: CampaignState): void {
    if (isHeld) return;
    showing ??= setTimeout(() => {
      showing = undefined;
      show(state);
    }, SHOWN_EVERY_MS);
  }

  function show(state: CampaignState): void {
    const shown = viewOf(state, view.value);
    if (shown.seconds !== view.value?.seconds)
      told.value = { seconds: shown.seconds, atMs: performance.now() };
    view.value = shown;
  }

  function hold(): void {
    clearTimeout(showing);
    showing = undefined;
    isHeld = true;
  }

  /** Shows what has come meanwhile. */
  function release(): void {
    isHeld = false;
    if (seat.value !== undefined) show(seat.value.state);
  }

  /** My own standing, which the room tells on request. */
  async function refresh(): Promise<void> {
    try {
      mine.value = await seat.value?.me({ signal: leaving.signal });
    } catch (error) {
      if (!leaving.signal.aborted) problem.value = problemOf(error);
    }
  }

  onMounted(enter);
  onBeforeUnmount(() => {
    clearTimeout(showing);
    leaving.abort();
    forgetSeat?.();
    seat.value?.leave().catch((error: unknown) => console.warn('the seat was not left', error));
  });

  return {
    campaignId,
    seat,
    view,
    detail,
    mine,
    isLive,
    problem,
    told,
    enter,
    refresh,
    hold,
    release,
    leaving: leaving.signal,
  };
}
