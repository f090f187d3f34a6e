import { z } from 'zod';
import { recordAction } from '../../admin/adminLog.ts';
import { actorOf, identityOf, route, type Route } from '../../platform/http/route.ts';
import type { CsvReply } from '../../platform/http/sendCsv.ts';
import { idText } from '../../platform/shapes.ts';
import type { Clock } from '../../platform/clock.ts';
import type { FiguresServices } from './figures.ts';
import { Statistics } from './statistics.ts';
import {
  campaignStatisticsShape,
  periodShape,
  publicStatisticsShape,
  type CampaignStatistics,
} from './views.ts';

export interface StatisticsRoutesServices {
  figures: FiguresServices;
  clock: Clock;
}

const dayShape = z.iso.date().optional();
const reportQuery = z.strictObject({
  period: periodShape.default('day'),
  from: dayShape.meta({ description: 'The first business day' }),
  to: dayShape.meta({ description: 'The last one; today when it is left out' }),
  format: z.enum(['json', 'csv']).default('json'),
  table: z.enum(['periods', 'prizes']).default('periods').meta({ description: 'What a CSV has' }),
});

export function statisticsRoutes(services: StatisticsRoutesServices): Route[] {
  // Routes are declared without services as well.
  let opened: Statistics | undefined;
  const statistics = () => (opened ??= new Statistics({ ...services.figures, clock: services.clock }));
  return [publicRoute(statistics), reportRoute(services, statistics)];
}

function publicRoute(statistics: () => Statistics): Route {
  return route({
    method: 'get',
    path: '/lottery/statistics',
    access: 'user',
    summary: 'What was drawn and won in a campaign this hour, day, week, month, or ever',
    refusals: ['NOT_FOUND'],
    query: z.strictObject({ campaign_id: idText, period: periodShape.default('all') }),
    data: publicStatisticsShape,
    handle: async (input) => {
      const { campaign_id: campaignId, period } = input.query;
      return { data: await statistics().tell(campaignId, period, identityOf(input).userId) };
    },
  });
}

function reportRoute(services: StatisticsRoutesServices, statistics: () => Statistics): Route {
  return route({
    method: 'get',
    path: '/admin/campaigns/:id/statistics',
    access: 'statistics:read',
    summary: 'Draws, wins, people, prizes, cost and satisfaction of a campaign',
    refusals: ['NOT_FOUND'],
    mayBeCsv: true,
    params: z.strictObject({ id: idText }),
    query: reportQuery,
    data: campaignStatisticsShape,
    handle: async (input) => {
      const { params, query } = input;
      const { format, table, ...asked } = query;
      const data = await statistics().report(params.id, asked);
      if (format === 'json') return { data };
      const { clock, figures } = services;
      const after = { ...asked, table };
      await figures.database.retryingTransaction((tx) =>
        recordAction(
          tx,
          {
            actor: actorOf(input),
            action: 'campaign.statistics_export',
            target: { type: 'campaign', id: params.id },
            before: null,
            after,
          },
          clock.nowMs(),
        ),
      );
      return csvOf(data, table);
    },
  });
}

function csvOf(data: CampaignStatistics, table: 'periods' | 'prizes'): CsvReply {
  const name = `campaign-${data.campaign_id}-${table}.csv`;
  const { columns, rows } = table === 'periods' ? periodTable(data) : prizeTable(data);
  return { csv: { name, columns, parts: [rows.map((row) => Object.values(row))] } };
}

type Row = Record<string, string | number | boolean | null>;

const PERIOD_COLUMNS = [
  ...['starts', 'starts_at', 'ends_at', 'is_complete', 'draws', 'wins', 'win_rate', 'participants'],
  ...['guarantee_wins', 'free_draws', 'points_spent', 'value_given', 'newcomers', 'returned_1', 'returned_7'],
];
const PRIZE_COLUMNS = [
  ...['prize_id', 'name', 'type', 'wins', 'win_rate', 'value_given', 'remaining', 'total'],
  ...['per_hour', 'hours_left', 'exhausted_at', 'restock'],
];

function periodTable({ periods }: CampaignStatistics) {
  return { columns: PERIOD_COLUMNS, rows: periods.map((row) => inOrder(row, PERIOD_COLUMNS)) };
}

function prizeTable({ prizes }: CampaignStatistics) {
  return { columns: PRIZE_COLUMNS, rows: prizes.map((row) => inOrder(row, PRIZE_COLUMNS)) };
}

function inOrder(row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
}
