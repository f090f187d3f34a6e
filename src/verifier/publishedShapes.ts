/**
 * The public fairness data as it arrives: strict on what a replay needs, tolerant of additions, which are free. Within
 * `config` additions are kept, because its hash is over all of it.
 */
import * as z from 'zod';
import { Difference } from '../draw/replay.ts';

const hex = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');
const id = z.int().min(1);
const count = z.int().min(0);

export const fairnessShape = z.object({
  campaign_id: id,
  genesis: hex,
  chain_head: hex,
  log_length: count,
  /** There are more epochs than one answer has. */
  next_after_epoch: id.optional(),
  epochs: z.array(
    z.object({
      epoch: id,
      server_seed_hash: hex,
      server_seed: hex.nullable(),
      from_draw_no: id,
      to_draw_no: count.nullable(),
      committed_at: z.iso.datetime(),
      revealed_at: z.iso.datetime().nullable(),
    }),
  ),
});

/** Items are parsed one by one, so that a malformed one is named by its log_no. */
export const logPageShape = z.object({ items: z.array(z.unknown()) });

export const configShape = z.looseObject({
  cost_per_draw: z.string(),
  prizes: z.array(
    z.looseObject({
      prize_id: id,
      sort_order: z.int(),
      name: z.string(),
      type: z.string(),
      value: z.string(),
      p: count,
      stock: count.nullable(),
      fallback_prize_id: id.nullable(),
    }),
  ),
  guarantee: z.looseObject({ threshold: id, prize_id: id }).nullable(),
  pity: z.array(z.looseObject({ after: count, bonus_bp: z.int() })),
  level_bonus_bp: z.record(z.string(), z.int()),
  periods: z.array(z.looseObject({ starts_at: time(), ends_at: time(), bonus_bp: z.int() })),
});

const position = { log_no: id, chain_hash: hex };

const drawItemShape = z.object({
  ...position,
  kind: z.literal('draw'),
  draw_no: id,
  draw_id: id,
  user_id: id,
  client_seed: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 _ -'),
  epoch: id,
  table_version: id,
  level_bp: z.int(),
  period_bp: z.int(),
  pity_bp: z.int(),
  streak_before: count,
  roll: count,
  rolled_prize_id: id.nullable(),
  prize_id: id.nullable(),
  is_guarantee: z.boolean(),
  drawn_at: z.iso.datetime(),
});

export const logItemShape = z.discriminatedUnion('kind', [
  z.object({ ...position, kind: z.literal('seed'), epoch: id, server_seed_hash: hex }),
  z.object({ ...position, kind: z.literal('config'), table_version: id, config: configShape }),
  z.object({ ...position, kind: z.literal('stock'), prize_id: id, delta: z.int(), remaining: z.int() }),
  drawItemShape,
]);

/** As GET /lottery/draws/:id/proof answers. */
const proofShape = drawItemShape.extend({
  campaign_id: id,
  previous_hash: hex,
  interval: z.object({ from: count, to: count }),
  server_seed_hash: hex,
  server_seed: hex.nullable(),
  config: configShape,
});

/** What a diner's device notes of the answer to a draw. */
const receiptShape = z.object({
  draw_id: id,
  draw_no: id,
  prize_id: id.nullable(),
  is_guarantee: z.boolean(),
  roll: count,
  server_seed_hash: hex,
  client_seed: z.string(),
  received_at: z.iso.datetime(),
});

export const proofFileShape = z.object({ proof: proofShape, receipt: receiptShape.optional() });

export type Proof = z.output<typeof proofShape>;
export type Receipt = z.output<typeof receiptShape>;

/** @param logNo the entry it is; null: the summary. @throws {Difference} */
export function parsed<Shape extends z.ZodType>(
  shape: Shape,
  published: unknown,
  logNo: number | null,
): z.output<Shape> {
  const result = shape.safeParse(published);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const at = issue!.path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown>)[key],
    published,
  );
  throw new Difference(logNo, issue!.path.join('.') || 'format', { expected: issue!.message, published: at });
}

/** ISO 8601; what an administrator entered may carry an offset. */
function time() {
  return z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'must be a time');
}
