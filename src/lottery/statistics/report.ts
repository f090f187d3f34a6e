/** The figures of a campaign as the administration reads them. */
import type { LotteryPeriod, StatisticsPeriod } from '../../../entities/lottery/LotteryPeriod.ts';
import type { LotteryPrize } from '../../../entities/lottery/LotteryPrize.ts';
import type { ItemFigures } from '../../inventory/itemFigures.ts';
import { toWirePoints, toWireTime } from '../../platform/shapes.ts';
import { dayAfter } from '../../points/statistics/periods.ts';
import { shownStock } from '../leftToWin.ts';
import type { Calendar } from './calendar.ts';
import { consumptionOf, supplyOf } from './consumption.ts';
import type { Figures } from './figures.ts';
import { rateOf, type CampaignStatistics } from './views.ts';

export interface ReportInput {
  figures: Figures;
  prizes: readonly LotteryPrize[];
  items: ItemFigures;
  period: StatisticsPeriod;
  calendar: Calendar;
  nowMs: number;
}

export function reportOf(input: ReportInput): CampaignStatistics {
  const { figures, items, period, calendar, nowMs } = input;
  const { campaign, all, countedTo, visitors } = figures;
  const consumption = consumptionOf(figures, nowMs);
  return {
    campaign_id: campaign.campaign_id,
    ...sumsOf(all),
    guarantee_wins: all.guarantee_wins,
    free_draws: all.free_draws,
    is_behind: countedTo < campaign.draw_no,
    counted_to: countedTo,
    funnel: funnelOf(figures, items),
    expired_items: items.expiredItems,
    period,
    periods: figures.periods.map((row) => periodRowOf(row, calendar, nowMs)),
    prizes: prizeRows(input),
    consumption:
      consumption === undefined
        ? null
        : {
            from: toWireTime(consumption.startMs),
            to: toWireTime(consumption.endMs),
            hours: consumption.hours,
          },
    retention: period === 'day' ? retentionOf(figures.periods, calendar, nowMs) : null,
    economics: economicsOf(input),
    satisfaction: {
      mean: items.meanRating,
      ratings: items.ratings,
      rate: rateOf(items.ratings, items.redeemed.items),
    },
    effectiveness: {
      draws_per_participant: rateOf(all.draws, all.participants),
      income_per_participant: rateOf(toWirePoints(all.points_spent), all.participants),
      redeemed_of_seen: rateOf(items.redeemed.people, visitors),
    },
  };
}

export function sumsOf({ draws, wins, participants, period }: LotteryPeriod) {
  return {
    draws,
    wins,
    win_rate: rateOf(wins, draws),
    participants: period === 'hour' ? null : participants,
  };
}

export function spanOf(
  { period, starts }: Pick<LotteryPeriod, 'period' | 'starts'>,
  calendar: Calendar,
  nowMs: number,
) {
  if (period === 'all') return { starts, starts_at: null, ends_at: null, is_complete: false };
  const { startMs, endMs } = calendar.boundsOf(period, starts);
  return {
    starts,
    starts_at: toWireTime(startMs),
    ends_at: toWireTime(endMs),
    is_complete: calendar.isOver(period, starts, nowMs),
  };
}

function periodRowOf(row: LotteryPeriod, calendar: Calendar, nowMs: number) {
  const isDay = row.period === 'day';
  return {
    ...spanOf(row, calendar, nowMs),
    ...sumsOf(row),
    guarantee_wins: row.guarantee_wins,
    free_draws: row.free_draws,
    points_spent: toWirePoints(row.points_spent),
    value_given: toWirePoints(row.value_given),
    newcomers: row.newcomers,
    returned_1: isDay ? row.returned_1 : null,
    returned_7: isDay ? row.returned_7 : null,
  };
}

/** People at each stage, and of whom its rate is. A coupon may be redeemed without a claim; whoever did has claimed it. */
function funnelOf({ visitors, winners, all }: Figures, items: ItemFigures): CampaignStatistics['funnel'] {
  const { won, claimed, redeemed } = items;
  const of = (name: 'seen' | 'drew' | 'won_to_claim' | 'claimed', whole: number, part: number) => ({
    of: name,
    of_people: whole,
    rate: rateOf(part, whole),
  });
  return [
    { stage: 'seen', people: visitors, of: null, of_people: null, rate: null },
    { stage: 'drew', people: all.participants, items: all.draws, ...of('seen', visitors, all.participants) },
    { stage: 'won', people: winners, items: all.wins, ...of('drew', all.participants, winners) },
    { stage: 'claimed', ...claimed, ...of('won_to_claim', won.people, claimed.people) },
    { stage: 'redeemed', ...redeemed, ...of('claimed', claimed.people, redeemed.people) },
  ];
}

function prizeRows({ figures, prizes, nowMs }: ReportInput): CampaignStatistics['prizes'] {
  const given = new Map(figures.prizes.map((row) => [row.prize_id, row]));
  const consumption = consumptionOf(figures, nowMs);
  const endsAtMs = figures.campaign.end_time.getTime();
  return prizes.map((prize) => {
    const { wins = 0, value_given: value = 0 } = given.get(prize.prize_id) ?? {};
    const supply = supplyOf(prize, figures, { consumption, nowMs, endsAtMs });
    return {
      prize_id: prize.prize_id,
      name: prize.prize_name,
      type: prize.prize_type,
      wins,
      win_rate: rateOf(wins, figures.all.draws),
      value_given: toWirePoints(value),
      ...shownStock(prize),
      per_hour: supply.perHour,
      hours_left: supply.hoursLeft,
      exhausted_at: supply.exhaustedAtMs === null ? null : toWireTime(supply.exhaustedAtMs),
      restock: supply.restock,
    };
  });
}

function economicsOf({ figures, prizes }: ReportInput): CampaignStatistics['economics'] {
  const ofPoints = new Set(
    prizes.filter((prize) => prize.prize_type === 'points').map((prize) => prize.prize_id),
  );
  const cost = figures.prizes
    .filter(({ prize_id: id }) => ofPoints.has(id))
    .reduce((sum, row) => sum + row.value_given, 0);
  const { points_spent: income, value_given: value } = figures.all;
  return {
    income: toWirePoints(income),
    cost: toWirePoints(cost),
    value_given: toWirePoints(value),
    roi: rateOf(income - value, value),
  };
}

/** A day counts once the day is over on which its newcomers could come back. */
function retentionOf(days: readonly LotteryPeriod[], calendar: Calendar, nowMs: number) {
  const after = (count: 1 | 7) => {
    const due = days.filter(({ starts }) => calendar.isOver('day', dayAfter(starts, count), nowMs));
    const newcomers = due.reduce((sum, row) => sum + row.newcomers, 0);
    const returned = due.reduce((sum, row) => sum + row[`returned_${count}`], 0);
    return { newcomers, returned, rate: rateOf(returned, newcomers) };
  };
  return { day_1: after(1), day_7: after(7) };
}
