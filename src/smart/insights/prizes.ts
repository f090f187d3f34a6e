/** Prizes that will be gone before their campaign is, and prizes that nobody wins, as the statistics of a campaign say. Pure. */
import type { CampaignStatistics } from '../../lottery/statistics/views.ts';
import type { Finding } from './finding.ts';

const DAY_HOURS = 24;
/** Further ahead nobody orders anything. */
const AHEAD_DAYS = 14;
const URGENT_DAYS = 2;
/** Of the root of what was won: as slow as it may be with one chance in two hundred. */
const SLOWEST = 2.6;
/** Fewer draws say nothing of a rare prize. */
const LEAST_DRAWS = 1000;
/** What never happened in n draws happens less than three times in n (with 95 %). */
const RULE_OF_THREE = 3;

type Prize = CampaignStatistics['prizes'][number];

export interface RunningCampaign {
  campaignId: number;
  name: string;
  daysToEnd: number;
  report: Pick<CampaignStatistics, 'draws' | 'periods' | 'prizes' | 'consumption'>;
}

/** @param day that is looked at */
export function prizeFindings(campaign: RunningCampaign, day: string): Finding[] {
  return campaign.report.prizes.flatMap((prize) => [
    ...runningOut(campaign, prize, day),
    ...unwon(campaign, prize, day),
  ]);
}

function runningOut(campaign: RunningCampaign, prize: Prize, day: string): Finding[] {
  const { remaining, per_hour: perHour, restock } = prize;
  const { daysToEnd, report } = campaign;
  if (remaining === null || remaining === 0 || perHour === 0 || report.consumption === null) return [];
  const { hours } = report.consumption;
  const slowest = Math.max(0, Math.sqrt(perHour * hours) - SLOWEST) ** 2;
  const isSure = (slowest / hours) * daysToEnd * DAY_HOURS > remaining;
  const daysLeft = remaining / perHour / DAY_HOURS;
  if (!isSure || daysLeft >= AHEAD_DAYS) return [];
  return [
    {
      ...{ kind: 'stock_running_out', key: `stock:${prize.prize_id}`, restaurantId: null, day },
      severity: daysLeft < URGENT_DAYS ? 'critical' : 'warning',
      figures: {
        ...namesOf(campaign, prize),
        remaining,
        per_day: oneDecimal(perHour * DAY_HOURS),
        days_left: oneDecimal(daysLeft),
        days_to_end: oneDecimal(daysToEnd),
        missing: restock ?? 0,
      },
    },
  ];
}

function unwon(campaign: RunningCampaign, prize: Prize, day: string): Finding[] {
  const { daysToEnd, report } = campaign;
  if (prize.wins > 0 || prize.remaining === 0 || report.draws < LEAST_DRAWS) return [];
  const complete = report.periods.filter(({ is_complete: isComplete }) => isComplete);
  const drawsPerDay = complete.reduce((sum, { draws }) => sum + draws, 0) / Math.max(1, complete.length);
  const drawsToCome = Math.round(drawsPerDay * Math.max(0, daysToEnd));
  if ((RULE_OF_THREE / report.draws) * drawsToCome >= 1) return [];
  return [
    {
      ...{ kind: 'prize_unwon', severity: 'info', key: `unwon:${prize.prize_id}`, restaurantId: null, day },
      figures: { ...namesOf(campaign, prize), draws: report.draws, draws_to_come: drawsToCome },
    },
  ];
}

function namesOf({ campaignId, name }: RunningCampaign, prize: Prize) {
  return {
    ...{ campaign_id: campaignId, campaign_name: name },
    ...{ prize_id: prize.prize_id, prize_name: prize.name },
  };
}

function oneDecimal(value: number): number {
  return Math.round(value * 10) / 10;
}
