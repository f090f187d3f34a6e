/** Shapes of insights, as they are on the wire. */
import { z } from 'zod';
import { INSIGHT_KINDS, SEVERITIES, type SmartInsight } from '../../../entities/smart/SmartInsight.ts';
import {
  beforeQuery,
  idShape,
  pageQuery,
  pageWithNextOf,
  rowIdShape,
  rowIdText,
  timeShape,
} from '../../platform/shapes.ts';
import { dayAfter } from '../../points/statistics/periods.ts';
import { figuresShapes, type FiguresOf, type Kind } from './figures.ts';
import { textsOf } from './texts.ts';

export const INSIGHT_STATES = ['open', 'dismissed', 'over', 'all'] as const;
export const insightPath = z.strictObject({ id: rowIdText });
export const insightsQuery = z.strictObject({
  ...pageQuery,
  ...beforeQuery,
  state: z.enum(INSIGHT_STATES).default('open').meta({
    description: 'open: stands and nobody has put it away; over: does not stand any more',
  }),
  kind: z.enum(INSIGHT_KINDS).optional(),
});

export const insightShape = z
  .object({
    insight_id: rowIdShape,
    kind: z.enum(INSIGHT_KINDS),
    severity: z.enum(SEVERITIES),
    state: z.enum(['open', 'dismissed', 'over']),
    day: z.iso.date(),
    restaurant_id: idShape.nullable(),
    text_zh: z.string(),
    text_en: z.string(),
    link: z.string().meta({
      description: 'The page of the console that has its figures, with their range',
      example: '/trends?measure=draws&period=day&from=2026-02-01&to=2026-03-01',
    }),
    figures: z.union(Object.values(figuresShapes)),
    dismissed_by: z.int().nullable(),
    dismissed_at: timeShape.nullable(),
    created_at: timeShape,
    seen_at: timeShape.meta({ description: 'When it was last found to stand' }),
  })
  .meta({ id: 'Insight' });
export const insightsShape = pageWithNextOf(insightShape);
export type Insight = z.output<typeof insightShape>;

export const lookShape = z.object({
  day: z.iso.date().meta({ description: 'The last business day that is complete' }),
  begun_at: timeShape,
  tests: z.int().meta({ description: 'How many figures were looked at together' }),
  found: z.int().meta({ description: 'New ones' }),
});

const AROUND_DAYS = 20;

export function insightToWire(row: SmartInsight): Insight {
  const { kind, day } = row;
  const figures = row.figures as FiguresOf[Kind];
  const { zh, en } = textsOf({ kind, figures, day });
  return {
    insight_id: row.insight_id,
    kind,
    severity: row.severity,
    state: row.dismissed_at !== null ? 'dismissed' : row.standing_key === null ? 'over' : 'open',
    day,
    restaurant_id: row.restaurant_id,
    text_zh: zh,
    text_en: en,
    link: linkOf(row, figures),
    figures,
    dismissed_by: row.dismissed_by,
    dismissed_at: row.dismissed_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
    seen_at: row.seen_at.toISOString(),
  };
}

function linkOf({ kind, day, restaurant_id: restaurantId }: SmartInsight, figures: FiguresOf[Kind]): string {
  if (kind === 'stock_running_out' || kind === 'prize_unwon') {
    const { campaign_id: campaignId } = figures as FiguresOf['prize_unwon'];
    return `/campaigns/${campaignId}/statistics`;
  }
  const [first] = kind === 'anomaly' ? (figures as FiguresOf['anomaly']).deviations : [];
  const measure =
    kind === 'restaurant_behind'
      ? 'bills'
      : kind === 'rejections_up'
        ? 'claims_rejected'
        : kind === 'answers_slower'
          ? 'answer_seconds'
          : first!.measure;
  const isHours = first !== undefined && first.part !== null;
  const around = isHours ? 3 : AROUND_DAYS;
  const query = new URLSearchParams({
    ...{ measure, period: isHours ? 'hour' : 'day' },
    ...{ from: dayAfter(day, -around), to: dayAfter(day, isHours ? 1 : 3) },
  });
  if (restaurantId !== null) query.set('restaurant_id', String(restaurantId));
  return `/trends?${query.toString()}`;
}
