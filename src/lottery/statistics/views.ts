/** What the routes of statistics answer with. Rates are between 0 and 1, and null where there is nothing to divide by. */
import { z } from 'zod';
import { idShape, pointsShape, timeShape } from '../../platform/shapes.ts';
import { STATISTICS_PERIODS } from './calendar.ts';

export const periodShape = z.enum(STATISTICS_PERIODS);
const count = z.int().min(0);
const rate = (of: string) =>
  z
    .number()
    .nullable()
    .meta({ description: `null where there are no ${of}` });

const spanShape = {
  starts: z
    .string()
    .meta({ description: 'The first business day; of an hour its beginning in UTC; empty for all' }),
  starts_at: timeShape.nullable(),
  ends_at: timeShape.nullable(),
  is_complete: z
    .boolean()
    .meta({ description: 'false: more draws may come, as they do today and in this hour' }),
};

const sumsShape = {
  draws: count,
  wins: count,
  win_rate: rate('draws'),
  participants: count.nullable().meta({ description: 'Different people; null of an hour' }),
};

const periodRowShape = z.object({
  ...spanShape,
  ...sumsShape,
  guarantee_wins: count,
  free_draws: count,
  points_spent: pointsShape,
  value_given: pointsShape,
  newcomers: count.meta({ description: 'People whose first draw of the campaign it was' }),
  returned_1: count
    .nullable()
    .meta({ description: 'Of the newcomers of a day, who drew on the day after it' }),
  returned_7: count.nullable().meta({ description: '… and on the seventh day after it' }),
});

const STAGES = ['seen', 'drew', 'won', 'claimed', 'redeemed'] as const;

const stageShape = z.object({
  stage: z.enum(STAGES),
  people: count,
  items: count.optional(),
  of: z.enum(['seen', 'drew', 'won_to_claim', 'claimed']).nullable().meta({
    description:
      'Whom the rate is of. won_to_claim: people who won anything but points, which come by themselves',
  }),
  of_people: count.nullable(),
  rate: rate('such people'),
});

const prizeRowShape = z.object({
  prize_id: idShape,
  name: z.string(),
  type: z.string(),
  wins: count,
  win_rate: rate('draws'),
  value_given: pointsShape,
  remaining: count.nullable(),
  total: count.nullable(),
  per_hour: z.number().meta({ description: 'How many were won in an hour of `consumption`' }),
  hours_left: z
    .number()
    .nullable()
    .meta({ description: 'Until none is left at this speed; null: never, or unlimited' }),
  exhausted_at: timeShape.nullable(),
  restock: count.nullable().meta({
    description: 'How many more it takes until the end of the campaign at this speed; null: unlimited',
  }),
});

const returnShape = z.object({
  newcomers: count.meta({ description: 'Of the days in `periods` after which so many days are over' }),
  returned: count,
  rate: rate('newcomers'),
});

export const campaignStatisticsShape = z.object({
  campaign_id: idShape,
  ...sumsShape,
  guarantee_wins: count,
  free_draws: count,
  is_behind: z.boolean().meta({ description: 'true: draws after `counted_to` are not counted yet' }),
  counted_to: count.meta({ description: 'The number of the last draw that is in it' }),
  funnel: z
    .array(stageShape)
    .meta({ description: 'From opening the campaign, or drawing, to redeeming a prize' }),
  expired_items: count,
  period: periodShape,
  periods: z.array(periodRowShape),
  prizes: z.array(prizeRowShape),
  consumption: z
    .object({ from: timeShape, to: timeShape, hours: z.number() })
    .nullable()
    .meta({ description: 'The day up to the last hour in which anybody drew; null: nobody has' }),
  retention: z.object({ day_1: returnShape, day_7: returnShape }).nullable().meta({
    description:
      'Of period=day: of those who drew first on a day, how many drew one day and seven days later',
  }),
  economics: z.object({
    income: pointsShape.meta({ description: 'Points that the draws took' }),
    cost: pointsShape.meta({ description: 'Points that were won' }),
    value_given: pointsShape.meta({
      description: 'The value of all prizes that were won, points among them',
    }),
    roi: z
      .number()
      .nullable()
      .meta({ description: '(income − value_given) / value_given; null when nothing was won' }),
  }),
  satisfaction: z.object({
    mean: z.number().nullable().meta({ description: 'Of the ratings, 1 to 5; null without any' }),
    ratings: count,
    rate: rate('redeemed items'),
  }),
  effectiveness: z.object({
    draws_per_participant: rate('participants'),
    income_per_participant: rate('participants'),
    redeemed_of_seen: rate('people who have seen it'),
  }),
});
export type CampaignStatistics = z.output<typeof campaignStatisticsShape>;

export const publicStatisticsShape = z.object({
  campaign_id: idShape,
  period: periodShape,
  ...spanShape,
  ...sumsShape,
  prizes: z.array(prizeRowShape.pick({ prize_id: true, name: true, type: true, wins: true, win_rate: true })),
  me: z
    .object({ draws: count, wins: count, win_rate: rate('draws'), prize_value: pointsShape })
    .meta({ description: 'Of the caller, in the whole campaign' }),
});
export type PublicStatistics = z.output<typeof publicStatisticsShape>;

export function rateOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
