/** What a campaign shows to everybody, as plain values: the owner's room syncs them, audience rooms mirror them. */
import { z } from 'zod';
import { viewUpdateShapeOf } from '../platform/actor/viewUpdate.ts';
import { LIMITS } from '../platform/limits.ts';
import { idShape, timeShape } from '../platform/shapes.ts';
import { countdownOf, countdownShape } from './countdown.ts';
import type { Pool } from './pool.ts';
import type { statusShape } from './views.ts';

const countShape = z.int().min(0);

/** Of what it does not know it is left without: an owner of the next build may show more. */
export const publicViewShape = z.object({
  campaign_id: idShape,
  name: z.string(),
  /** Also one that a later build has. */
  status: z.string().max(16) as unknown as typeof statusShape,
  starts_at: timeShape,
  ends_at: timeShape,
  cost_per_draw: z.number(),
  /** null: no bound. */
  total_draws: countShape.nullable(),
  remaining_draws: countShape.nullable(),
  draw_no: countShape,
  participants: countShape,
  online: countShape,
  prizes: z
    .array(
      z.object({
        prize_id: idShape,
        name: z.string(),
        type: z.string(),
        tier: z.string(),
        value: z.number(),
        /** null: unlimited. */
        remaining: countShape.nullable(),
        total: countShape.nullable(),
        probability: z.number(),
      }),
    )
    .max(LIMITS.prizesPerCampaign),
  leaderboard: z
    .array(
      z.object({
        rank: z.int().min(1),
        user_id: idShape,
        nickname: z.string(),
        draws: countShape,
        wins: countShape,
        prize_value: z.number(),
      }),
    )
    .max(LIMITS.leaderboardRows),
  recent_winners: z
    .array(
      z.object({
        draw_no: z.int().min(1),
        user_id: idShape,
        nickname: z.string(),
        prize_name: z.string(),
        at: timeShape,
      }),
    )
    .max(LIMITS.recentWinners),
  fairness: z.object({ epoch: countShape, server_seed_hash: z.string(), chain_head: z.string() }),
  /* Absent: of an owner of the build before. */
  free_draws: countShape.optional(),
  countdown: countdownShape.optional(),
});
export type PublicView = z.infer<typeof publicViewShape>;

/** What may be older than the rest: shownLists.ts. */
export type Lists = Pick<PublicView, 'leaderboard' | 'recent_winners'>;

export const viewUpdateShape = viewUpdateShapeOf(publicViewShape);

/** The channel on which a campaign's owner publishes its view. */
export function viewChannel(campaignId: number): string {
  return `campaign-mirror:${campaignId}`;
}

/** What rooms of the build before are shown, who refuse a view with anything that they do not know. */
export const FORMER_VIEW = {
  channel: (campaignId: number) => `campaign-view:${campaignId}`,
  view({ free_draws: _freeDraws, countdown: _countdown, ...former }: PublicView): PublicView {
    return former;
  },
};

/** Committed values only (DRAW-2). */
export function publicView(
  pool: Readonly<Pool>,
  lists: Lists,
  { online, nowMs }: { online: number; nowMs: number },
): PublicView {
  return {
    campaign_id: pool.campaignId,
    name: pool.name,
    status: pool.status,
    starts_at: new Date(pool.startsAtMs).toISOString(),
    ends_at: new Date(pool.endsAtMs).toISOString(),
    cost_per_draw: pool.costPerDraw / 100,
    total_draws: pool.totalDraws,
    remaining_draws: pool.remainingDraws,
    free_draws: pool.freeDrawsPerDay,
    countdown: countdownOf(pool, nowMs),
    draw_no: pool.drawNo,
    participants: pool.participants,
    online,
    prizes: pool.engine.config.prizes
      .flatMap(({ prize_id }) => pool.prizes.get(prize_id) ?? [])
      .map((prize) => ({
        prize_id: prize.prizeId,
        name: prize.name,
        type: prize.type,
        tier: prize.tier,
        value: prize.value / 100,
        remaining: pool.stock.get(prize.prizeId) ?? null,
        total: prize.total,
        probability: prize.probability / 1e8,
      })),
    ...lists,
    fairness: {
      epoch: pool.seed.epoch,
      server_seed_hash: pool.seed.serverSeedHash,
      chain_head: pool.chainHead,
    },
  };
}
