/** Shapes of what is asked and answered about days, as they are on the wire. */
import { z } from 'zod';
import { idShape, idText, timeShape } from '../platform/shapes.ts';

const count = z.int().min(0);
const amount = z.number();
/** null: it is not told of one restaurant, or was not counted then. */
const orNull = <Shape extends z.ZodType>(shape: Shape, description?: string) =>
  shape.nullable().meta(description === undefined ? {} : { description });

export const figuresShape = z.object({
  members: orNull(count, 'Who has joined'),
  diners: orNull(count, 'Who drew, paid, checked in, or moved points, each once; without the staff'),
  draws: orNull(count),
  wins: orNull(count),
  prize_value: orNull(amount, 'Of what was won, in points, by the published values'),
  points_issued: orNull(amount, 'Earned, from whatever source'),
  points_spent: orNull(amount, 'On draws, products, and at the counter'),
  points_on_draws: orNull(amount, 'Of those, on draws'),
  points_expired: orNull(amount),
  points_imported: orNull(amount, 'Brought along from another system'),
  points_corrected: orNull(amount, 'Refunds, rollbacks and corrections; below zero: taken'),
  trade_fees: orNull(amount, 'In points, for nobody'),
  points_outstanding: orNull(
    amount,
    'What everybody has together at the end of the day: what is owed to them',
  ),
  exchanges: orNull(count, 'Of points for products'),
  exchanged_points: orNull(amount),
  trades: orNull(count, 'Settled ones'),
  traded_points: orNull(amount, 'Their prices'),
  bills: orNull(count),
  billed: orNull(amount, 'In yuan, before refunds'),
  claims_approved: orNull(count, 'Bills that diners claimed'),
  claims_rejected: orNull(count),
  claimed_points: orNull(amount),
  items_redeemed: orNull(count, 'Handed over, whatever they were got by'),
  items_expired: orNull(count),
  redemption_rate: orNull(
    z.number().min(0).max(1),
    'Of what was redeemed or expired on the day, how much was redeemed; null: nothing was',
  ),
  answers: orNull(count, 'People who asked for service and were first answered'),
  answer_seconds: orNull(amount, 'How long they had waited in the mean, of the hours of service'),
  answers_late: orNull(count, 'Of those, after the promised time'),
});
export type Figures = z.output<typeof figuresShape>;
export type FigureName = keyof Figures;
export const FIGURES = Object.keys(figuresShape.shape) as FigureName[];

/** Means of them. */
const usualShape = z.object(
  Object.fromEntries(FIGURES.map((name) => [name, z.number().nullable()])) as Record<
    FigureName,
    z.ZodNullable<z.ZodNumber>
  >,
);

export const dayShape = z.object({
  day: z.iso.date(),
  is_complete: z.boolean().meta({ description: 'It is over, and all of it is counted' }),
  ...figuresShape.shape,
});
export type DayRow = z.output<typeof dayShape>;

const head = {
  business_timezone: z.string().meta({ description: 'Days begin at midnight there' }),
  counted_to: timeShape.meta({ description: 'All from before is counted' }),
  restaurant_ids: z
    .array(idShape)
    .nullable()
    .meta({ description: 'Of which it is; null: of all, and of what is of none' }),
};

export const dailyShape = z.object({
  ...head,
  day: dayShape,
  usual: usualShape.meta({
    description:
      'The mean of the same weekday of `weeks`; null where none has it, and of what is outstanding',
  }),
  weeks: z
    .int()
    .meta({ description: 'How many of the four weeks before have such a day with anything in it' }),
  days: z.array(dayShape).meta({ description: 'The two weeks up to the day' }),
  restaurants: z
    .array(z.object({ restaurant_id: idShape, name: z.string(), ...figuresShape.shape }))
    .meta({ description: 'The day in each, where anything is told of it' }),
});
export type Daily = z.output<typeof dailyShape>;

export const daysShape = z.object({ ...head, items: z.array(dayShape) });

const dateShape = z.iso.date();
const restaurant = idText.optional().meta({ description: 'Of this one alone' });
export const dailyQuery = z.strictObject({
  date: dateShape.optional().meta({ description: 'The business day; yesterday without one' }),
  restaurant_id: restaurant,
});
export const daysQuery = z.strictObject({
  from: dateShape.optional(),
  to: dateShape
    .optional()
    .meta({ description: 'Both are among the days; the last 30 up to today without them' }),
  restaurant_id: restaurant,
});

const hourShape = z
  .int()
  .min(0)
  .max(23)
  .nullable()
  .meta({ description: 'At which hour of the business day; null: not at all' });
export const subscriptionShape = z
  .strictObject({
    daily: hourShape,
    weekly: hourShape.meta({ description: 'On Mondays, of the week before; null: not at all' }),
  })
  .meta({ example: { daily: 8, weekly: null } });
export type Subscription = z.output<typeof subscriptionShape>;
