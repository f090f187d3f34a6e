/** What the lottery's reading routes answer with. */
import { z } from 'zod';
import { idShape, pointsShape, timeShape } from '../platform/shapes.ts';
import { prizeShape } from './messages.ts';

export const statusShape = z.enum(['draft', 'scheduled', 'active', 'paused', 'ended', 'archived']);

export const campaignSummaryShape = z.object({
  campaign_id: idShape,
  name: z.string(),
  type: z.string(),
  description: z.string().nullable(),
  status: statusShape,
  starts_at: timeShape,
  ends_at: timeShape,
  cost_per_draw: pointsShape,
  /** null: no bound. */
  total_draws: z.int().nullable(),
  remaining_draws: z.int().nullable(),
  draws_per_user_per_day: z.int().nullable(),
  /** Of one diner. */
  free_draws_per_day: z.int(),
  wins_per_user: z.int().nullable(),
});

export const prizeViewShape = prizeShape.extend({
  tier: z.string(),
  image_url: z.string().nullable(),
  /** null: unlimited. */
  remaining: z.int().nullable(),
  total: z.int().nullable(),
  probability: z.number().optional(),
  effective_probability: z
    .number()
    .optional()
    .meta({ description: 'Of my next draw, by my level, my streak and the present period' }),
});

export const campaignDetailShape = campaignSummaryShape.extend({
  room_id: z.string(),
  prizes: z.array(prizeViewShape),
  guarantee_threshold: z.int().nullable(),
  statistics: z.object({
    draws: z.int(),
    wins: z.int(),
    win_rate: z.number(),
    participants: z.int(),
  }),
  my_record: z.object({ draws: z.int(), wins: z.int(), streak: z.int(), prize_value: pointsShape }),
});

export const drawnRecordShape = z.object({
  draw_id: z.int(),
  draw_no: z.int(),
  campaign_id: idShape,
  request_id: z.string(),
  is_winner: z.boolean(),
  is_guarantee: z.boolean(),
  prize: prizeShape.nullable(),
  points_cost: pointsShape,
  drawn_at: timeShape,
});

const hexHash = z.string();

export const fairnessShape = z.object({
  campaign_id: idShape,
  genesis: hexHash,
  chain_head: hexHash,
  log_length: z.int(),
  epochs: z.array(
    z.object({
      epoch: z.int(),
      server_seed_hash: hexHash,
      /** null until the seed is out of use. */
      server_seed: hexHash.nullable(),
      from_draw_no: z.int(),
      to_draw_no: z.int().nullable(),
      committed_at: timeShape,
      revealed_at: timeShape.nullable(),
    }),
  ),
  next_after_epoch: z.int().optional().meta({
    description: 'There are more epochs than one answer has; ask for them with this as `after_epoch`',
  }),
});

const logged = { log_no: z.int(), chain_hash: hexHash };
export const drawEntryShape = z.object({
  ...logged,
  kind: z.literal('draw'),
  draw_no: z.int(),
  draw_id: z.int(),
  user_id: idShape,
  client_seed: z.string(),
  epoch: z.int(),
  table_version: z.int(),
  level_bp: z.int(),
  period_bp: z.int(),
  pity_bp: z.int(),
  streak_before: z.int(),
  roll: z.int(),
  rolled_prize_id: idShape.nullable(),
  prize_id: idShape.nullable(),
  is_guarantee: z.boolean(),
  drawn_at: timeShape,
});
/** The configuration as its hash covers it. */
const configShape = z.record(z.string(), z.unknown());
export const logEntryShape = z.discriminatedUnion('kind', [
  z.object({ ...logged, kind: z.literal('seed'), epoch: z.int(), server_seed_hash: hexHash }),
  z.object({ ...logged, kind: z.literal('config'), table_version: z.int(), config: configShape }),
  z.object({ ...logged, kind: z.literal('stock'), prize_id: idShape, delta: z.int(), remaining: z.int() }),
  drawEntryShape,
]);
export const fairnessLogShape = z.object({ items: z.array(logEntryShape) });
export const fairnessExportShape = z.object({
  fairness: fairnessShape.omit({ next_after_epoch: true }),
  /** As many entries as log_length says. */
  log: z.array(logEntryShape),
});

export const proofShape = drawEntryShape.extend({
  campaign_id: idShape,
  /** The chain hash before this draw. */
  previous_hash: hexHash,
  interval: z.object({ from: z.int(), to: z.int() }),
  server_seed_hash: hexHash,
  server_seed: hexHash.nullable(),
  /** The configuration that the draw was decided with. */
  config: configShape,
});

export type CampaignSummary = z.output<typeof campaignSummaryShape>;
export type CampaignDetail = z.output<typeof campaignDetailShape>;
export type PrizeView = z.output<typeof prizeViewShape>;
export type DrawnRecord = z.output<typeof drawnRecordShape>;
export type FairnessView = z.output<typeof fairnessShape>;
export type LogEntry = z.output<typeof logEntryShape>;
export type DrawLogEntry = z.output<typeof drawEntryShape>;
export type Proof = z.output<typeof proofShape>;
