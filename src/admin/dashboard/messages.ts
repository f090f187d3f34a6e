/** What the first page of the console shows. */
import { z } from 'zod';
import { LIMITS } from '../../platform/limits.ts';
import { idShape, timeShape } from '../../platform/shapes.ts';
import { campaignProgressFields } from '../../lottery/manage/documentShapes.ts';
import { statusShape } from '../../lottery/views.ts';

const figureShape = z.object({
  today: z.number(),
  usual: z.number().nullable().meta({
    description: 'The mean of whole days: of the same weekday in the weeks before, where anybody drew',
  }),
  usual_by_now: z.number().nullable().meta({
    description: 'As far as those days were at this time of theirs; null too where hours do not tell',
  }),
});
const waitingShape = z
  .int()
  .min(0)
  .meta({ description: `Counted to ${LIMITS.countedRows} and one more` });

export const dashboardShape = z.object({
  day: z.iso.date().meta({ description: 'The business day' }),
  business_timezone: z.string(),
  now: timeShape,
  is_complete: z.literal(false).meta({ description: 'Today goes on' }),
  weeks: z
    .int()
    .meta({ description: 'Weeks before whose same weekday is usual: those with draws of the last four' }),
  figures: z.object({
    draws: figureShape,
    wins: figureShape,
    people: figureShape.meta({ description: 'Who drew; who drew in two campaigns counts twice' }),
    points_spent: figureShape.meta({ description: 'On draws' }),
    points_earned: figureShape.meta({ description: 'By everybody, from whatever source' }),
    prize_cost: figureShape.meta({ description: 'Of what was won, by the published values' }),
  }),
  minutes: z
    .array(
      z.object({
        starts_at: timeShape,
        draws: z.int(),
        usual: z.object({ p5: z.int(), p95: z.int() }).nullable().meta({
          description:
            'What nine of ten such minutes lie between: of this hour on the same weekday of `weeks`; null: there are none',
        }),
      }),
    )
    .meta({
      description: 'Draws of campaigns that run in each minute of the last hour; the last one goes on',
    }),
  to_do: z.object({
    reviews: waitingShape.meta({ description: 'All of the queue; the next three are parts of it' }),
    approvals: waitingShape,
    reports: waitingShape,
    transfers: waitingShape,
    disputes: waitingShape.meta({ description: 'Trades' }),
    service_sessions: waitingShape,
    dead_letters: waitingShape,
    low_stock: z
      .int()
      .min(0)
      .meta({ description: 'Prizes of the campaigns below of which a tenth or less is left' }),
  }),
  campaigns: z
    .array(
      z.object({
        campaign_id: idShape,
        name: z.string(),
        status: statusShape,
        ends_at: timeShape,
        total_draws: z.int().nullable(),
        remaining_draws: z.int().nullable(),
        ...campaignProgressFields,
      }),
    )
    .meta({ description: `Those that run or are paused, the newest ${LIMITS.shownCampaigns}` }),
});
export type DashboardView = z.output<typeof dashboardShape>;
type Figure = z.output<typeof figureShape>;
export type DashboardFigures = DashboardView['figures'];

/** Points of a figure in 1/100 as the wire has them. */
export function pointsFigure({ today, usual, usual_by_now }: Figure): Figure {
  const points = (value: number | null) => (value === null ? null : Math.round(value) / 100);
  return { today: points(today)!, usual: points(usual), usual_by_now: points(usual_by_now) };
}
