import type { Answer } from './drawRequests.ts';
import type { DrawReply } from './messages.ts';
import type { Pool } from './pool.ts';
import type { PublishedPrizes } from './publishedPrizes.ts';

/** The answer to a draw request: the same from a fresh decision and from what was stored. */
export function toDrawReply(
  { request, draws, serverSeedHash, prizes }: Answer,
  pool: Pool,
  { replayed }: { replayed: boolean },
): DrawReply {
  return {
    request_id: request.request_id,
    draws: draws.map((draw) => ({
      draw_id: draw.draw_id,
      draw_no: draw.draw_no,
      is_winner: draw.prize_id !== null,
      is_guarantee: draw.is_guarantee,
      prize: draw.prize_id === null ? null : toWirePrize(prizes ?? pool.prizes, draw.prize_id),
      points_cost: draw.points_cost / 100,
      roll: draw.roll,
      interval: { from: draw.interval_from, to: draw.interval_to },
      server_seed_hash: serverSeedHash,
      client_seed: request.client_seed,
    })),
    balance: request.balance_after / 100,
    streak: request.streak_after,
    guarantee_in: request.guarantee_in,
    draws_left_today: request.draws_left_today,
    free_draws_left_today: request.free_draws_left_today,
    replayed,
  };
}

function toWirePrize(prizes: PublishedPrizes, prizeId: number) {
  const prize = prizes.get(prizeId);
  if (prize === undefined) throw new Error(`Prize ${prizeId} is not in the configuration that gave it`);
  return { prize_id: prizeId, name: prize.name, type: prize.type, value: prize.value / 100 };
}
