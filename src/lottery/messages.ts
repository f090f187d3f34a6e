/** What draws look like on the wire, over REST and over the room alike. */
import { z } from 'zod';
import { idShape, pointsShape, requestIdShape } from '../platform/shapes.ts';
import { LIMITS } from '../platform/limits.ts';

export const clientSeedShape = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 _ -');

/** Options of joinOrCreate("campaign"). */
export const joinCampaignShape = z.strictObject({ campaign_id: idShape });

/** The room's `draw` message. */
export const drawShape = z.strictObject({
  request_id: requestIdShape,
  draw_count: z.int().min(1).max(LIMITS.drawsPerRequest).default(1).meta({
    description:
      'Refused with DRAW_LIMIT_REACHED `{wins_left}` where all of them, if they won, would be more than the wins that the campaign allows one diner',
  }),
  client_seed: clientSeedShape.optional(),
});

export const prizeShape = z.object({
  prize_id: idShape,
  name: z.string(),
  type: z.string(),
  value: pointsShape,
});

export const drawnShape = z.object({
  draw_id: z.int(),
  draw_no: z.int(),
  is_winner: z.boolean(),
  is_guarantee: z.boolean(),
  prize: prizeShape.nullable(),
  points_cost: pointsShape,
  roll: z.int(),
  /** Half-open: from ≤ roll < to gives the rolled prize (or none). */
  interval: z.object({ from: z.int(), to: z.int() }),
  server_seed_hash: z.string(),
  client_seed: z.string(),
});

export const drawReplyShape = z.object({
  request_id: requestIdShape,
  draws: z.array(drawnShape),
  balance: pointsShape,
  streak: z.int(),
  /** Draws until the guarantee gives its prize at the latest; null without a guarantee. */
  guarantee_in: z.int().nullable(),
  /** null: no daily limit. */
  draws_left_today: z.int().nullable(),
  /** Draws of this day that will cost nothing: they come first. */
  free_draws_left_today: z.int(),
  replayed: z.boolean(),
});

export const standingShape = z.object({
  balance: pointsShape,
  streak: z.int(),
  guarantee_in: z.int().nullable(),
  draws_left_today: z.int().nullable(),
  free_draws_left_today: z.int(),
  wins: z.int(),
  /** null before the first draw. */
  rank: z
    .int()
    .nullable()
    .meta({
      description: `Place from 1, exact to ${LIMITS.rankedDiners}; ${LIMITS.rankedDiners + 1}: a place behind`,
    }),
});

export const oddsShape = z.object({
  table_version: z.int(),
  /** The bonuses of the next draw, in 1/10000 of the base probability. */
  level_bp: z.int(),
  period_bp: z.int(),
  pity_bp: z.int(),
  streak: z.int(),
  guarantee_in: z.int().nullable(),
  /** In the order of their intervals. */
  prizes: z.array(
    z.object({
      prize_id: idShape,
      probability: z.number(),
      effective_probability: z.number(),
      /** Half-open: from ≤ roll < to. */
      interval: z.object({ from: z.int(), to: z.int() }),
    }),
  ),
});

export type DrawMessage = z.output<typeof drawShape>;
export type DrawReply = z.output<typeof drawReplyShape>;
export type Drawn = z.output<typeof drawnShape>;
export type Standing = z.output<typeof standingShape>;
export type Odds = z.output<typeof oddsShape>;
