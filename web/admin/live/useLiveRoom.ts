/** A running campaign's room as operators watch it: its state, its pace, and whether the connection holds. */
import { computed, onBeforeUnmount, onMounted, ref, shallowRef } from 'vue';
import type { CampaignState } from '../../../rooms/campaign/campaignState.ts';
import type { CampaignSeat } from '../../../src/client/campaignSeat.ts';
import { connection, reason, watchSeat } from '../../shared/connection.ts';
import { client, problemOf } from '../session.ts';

/** What the page shows of a room at one moment: the room's own state changes under whoever holds it. */
export type LiveView = ReturnType<typeof viewOf>;

/** Other than `live`, what is shown is what was seen last. `moved`: the room goes to another node. `over`: for good. */
export type LiveStatus = 'connecting' | 'live' | 'lost' | 'moved' | 'offline' | 'over';

/** How far the draws were at a moment. */
interface Sample {
  atMs: number;
  drawNo: number;
}

const SAMPLE_MS = 5000;
const KEPT_SAMPLES = 360;
const MINUTE_MS = 60_000;

export function useLiveRoom(campaignId: number) {
  const view = shallowRef<LiveView>();
  const phase = ref<'connecting' | 'seated' | 'over'>('connecting');
  const status = computed<LiveStatus>(() => {
    if (connection.value === 'offline' && phase.value !== 'over') return 'offline';
    if (phase.value !== 'seated') return phase.value;
    return connection.value === 'online' ? 'live' : reason.value;
  });
  const problem = ref('');
  const samples = ref<Sample[]>([]);
  const leaving = new AbortController();
  let seat: CampaignSeat | undefined;
  let forgetSeat: (() => void) | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;

  async function enter(): Promise<void> {
    problem.value = '';
    phase.value = 'connecting';
    forgetSeat?.();
    try {
      seat = await client.joinCampaign(campaignId, { signal: leaving.signal });
      forgetSeat = watchSeat(seat);
      phase.value = 'seated';
      show(seat.state);
      sample();
      seat.onState(show);
      seat.onStatus((event) => {
        if (event.status !== 'lost' || event.final === undefined || leaving.signal.aborted) return;
        phase.value = 'over';
        problem.value = problemOf(event.final);
      });
    } catch (error) {
      if (leaving.signal.aborted) return;
      phase.value = 'over';
      problem.value = problemOf(error);
    }
  }

  function show(state: CampaignState): void {
    view.value = viewOf(state);
  }

  function sample(): void {
    if (view.value === undefined || status.value !== 'live') return;
    samples.value = [...samples.value, { atMs: Date.now(), drawNo: view.value.drawNo }].slice(-KEPT_SAMPLES);
  }

  onMounted(() => {
    void enter();
    timer = setInterval(sample, SAMPLE_MS);
  });
  onBeforeUnmount(() => {
    clearInterval(timer);
    leaving.abort();
    forgetSeat?.();
    seat?.leave().catch((error: unknown) => console.warn('the seat was not left', error));
  });

  /** Draws in the minute before each sample; before there is a minute, as many as come to one. */
  const pace = computed(() =>
    samples.value.slice(1).map((now, at) => {
      const before = samples.value.slice(0, at + 1);
      const from = before.find(({ atMs }) => now.atMs - atMs <= MINUTE_MS) ?? before[before.length - 1]!;
      const minutes = Math.max(1, now.atMs - from.atMs) / MINUTE_MS;
      return { atMs: now.atMs, perMinute: Math.round((now.drawNo - from.drawNo) / minutes) };
    }),
  );

  return { view, status, problem, pace, enter };
}

function viewOf(state: CampaignState) {
  return {
    name: state.name,
    status: state.status,
    endsAt: state.ends_at,
    online: state.online,
    drawNo: state.draw_no,
    participants: state.participants,
    remainingDraws: state.remaining_draws,
    prizes: [...state.prizes].map(({ prize_id, name, type, remaining, total, probability }) => ({
      ...{ prize_id, name, type, remaining, total, probability },
    })),
    board: [...state.leaderboard].map(({ rank, nickname, draws, wins, prize_value }) => ({
      ...{ rank, nickname, draws, wins, prize_value },
    })),
    winners: [...state.recent_winners].map(({ draw_no, nickname, prize_name, at }) => ({
      ...{ draw_no, nickname, prize_name, at },
    })),
    fairness: {
      epoch: state.fairness.epoch,
      seedHash: state.fairness.server_seed_hash,
      chainHead: state.fairness.chain_head,
    },
  };
}
