import type { DrawReply } from './messages.ts';
import type { Pool } from './pool.ts';
import type { StoredDraw } from './drawRows.ts';
import type { RequestRow } from './drawRequests.ts';
import { drawIdOf } from './drawIds.ts';

export interface ReplyParts {
  request: RequestRow;
  draws: readonly StoredDraw[];
  pool: Pool;
  replayed: boolean;
}

/** The answer to a draw request: the same from a fresh decision and from what was stored. */
export function toDrawReply({ request, draws, pool, replayed }: ReplyParts): DrawReply {
  return {
    request_id: request.requestId,
    draws: draws.map((draw) => ({
      draw_id: drawIdOf(pool.campaignId, draw.drawNo),
      draw_no: draw.drawNo,
      is_winner: draw.prizeId !== null,
      is_guarantee: draw.isGuarantee,
      prize: draw.prizeId === null ? null : toWirePrize(pool, draw.prizeId),
      points_cost: draw.pointsCost / 100,
      roll: draw.roll,
      interval: { from: draw.intervalFrom, to: draw.intervalTo },
      server_seed_hash: draw.serverSeedHash,
      client_seed: draw.clientSeed,
    })),
    balance: request.balanceAfter / 100,
    streak: request.streakAfter,
    guarantee_in: request.guaranteeIn,
    draws_left_today: request.drawsLeftToday,
    replayed,
  };
}

function toWirePrize(pool: Pool, prizeId: number) {
  const prize = pool.prizes.get(prizeId);
  if (prize === undefined)
    throw new Error(`Prize ${prizeId} is not in the pool of campaign ${pool.campaignId}`);
  return { prize_id: prizeId, name: prize.name, type: prize.type, value: prize.value / 100 };
}
