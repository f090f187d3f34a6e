/** What insights are found by, of each kind, as JSON keeps it and the wire tells it. */
import { z } from 'zod';
import { idShape } from '../../platform/shapes.ts';
import { MEASURE_NAMES } from '../trends/measures.ts';

export const PARTS = ['night', 'morning', 'noon', 'afternoon', 'evening'] as const;
export type Part = (typeof PARTS)[number];

export const deviationShape = z.object({
  measure: z.enum(MEASURE_NAMES),
  part: z.enum(PARTS).nullable().meta({ description: 'Of the day; null: all of it' }),
  value: z.number(),
  expected: z.number(),
  size: z.number().meta({ description: 'In parts of what was expected' }),
  score: z.number().meta({ description: 'In standard deviations' }),
});
export type FoundDeviation = z.output<typeof deviationShape>;

const named = { restaurant_name: z.string() };
const compared = { value: z.number(), expected: z.number(), size: z.number(), score: z.number() };

export const figuresShapes = {
  anomaly: z.object({
    direction: z.enum(['up', 'down']),
    deviations: z.array(deviationShape).min(1).meta({ description: 'The strongest first' }),
    restaurant_name: z.string().nullable(),
  }),
  stock_running_out: z.object({
    campaign_id: idShape,
    campaign_name: z.string(),
    prize_id: idShape,
    prize_name: z.string(),
    remaining: z.int(),
    per_day: z.number(),
    days_left: z.number(),
    days_to_end: z.number(),
    missing: z.int().meta({ description: 'To have enough until the end' }),
  }),
  prize_unwon: z.object({
    campaign_id: idShape,
    campaign_name: z.string(),
    prize_id: idShape,
    prize_name: z.string(),
    draws: z.int(),
    draws_to_come: z.int().meta({ description: 'Until the end, as they come now' }),
  }),
  restaurant_behind: z.object({ ...named, ...compared, days: z.int() }),
  rejections_up: z.object({
    rejected: z.int(),
    decided: z.int(),
    usual_rate: z.number(),
    rate: z.number(),
    days: z.int(),
  }),
  answers_slower: z.object({ ...compared, days: z.int() }),
} as const;

export type FiguresOf = { [Kind in keyof typeof figuresShapes]: z.output<(typeof figuresShapes)[Kind]> };
export type Kind = keyof FiguresOf;
