/** Prizes that will be gone before their campaign is, and prizes that nobody wins. */
import { findCampaign } from '../../lottery/campaigns.ts';
import { findDrawnSince } from '../../lottery/statistics/addedFigures.ts';
import type { FiguresServices } from '../../lottery/statistics/figures.ts';
import { Statistics } from '../../lottery/statistics/statistics.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Finding } from './finding.ts';

export interface CampaignServices {
  figures: FiguresServices;
  clock: Clock;
}

/** The newest ones that run. */
const CAMPAIGNS = 20;
const DAY_HOURS = 24;
const DAY_MS = 86_400_000;
/** Further ahead nobody orders anything. */
const AHEAD_DAYS = 14;
const URGENT_DAYS = 2;
/** Of the root of what was won: as slow as it may be with one chance in two hundred. */
const SLOWEST = 2.6;
/** Fewer draws say nothing of a rare prize. */
const LEAST_DRAWS = 1000;
/** What never happened in n draws happens less than three times in n (with 95 %). */
const RULE_OF_THREE = 3;

export interface Found {
  findings: Finding[];
  tests: number;
}

export async function lookAtCampaigns({ figures, clock }: CampaignServices, day: string): Promise<Found> {
  const { database } = figures;
  const nowMs = clock.nowMs();
  const statistics = new Statistics({ ...figures, clock });
  const campaignIds = (await findDrawnSince(database, nowMs)).slice(0, CAMPAIGNS);
  const findings: Finding[] = [];
  let tests = 0;
  for (const campaignId of campaignIds) {
    const campaign = await findCampaign(database, campaignId);
    if (campaign.status !== 'active') continue;
    const report = await statistics.report(campaignId, { period: 'day' });
    const daysToEnd = (campaign.end_time.getTime() - nowMs) / DAY_MS;
    const drawnDays = report.periods.filter(({ is_complete: isComplete }) => isComplete);
    const drawsPerDay = sumOf(drawnDays.map(({ draws }) => draws)) / Math.max(1, drawnDays.length);
    for (const prize of report.prizes) {
      tests += 1;
      const of = {
        ...{ campaign_id: campaignId, campaign_name: campaign.campaign_name },
        ...{ prize_id: prize.prize_id, prize_name: prize.name },
      };
      const shared = { restaurantId: null, day };
      const { remaining, per_hour: perHour, restock } = prize;
      const wonLately = perHour * (report.consumption?.hours ?? 0);
      const slowest = Math.max(0, Math.sqrt(wonLately) - SLOWEST) ** 2;
      const isSure =
        slowest * ((daysToEnd * DAY_HOURS) / (report.consumption?.hours ?? Infinity)) >
        (remaining ?? Infinity);
      const daysLeft = perHour === 0 ? Infinity : (remaining ?? Infinity) / perHour / DAY_HOURS;
      if (remaining !== null && remaining > 0 && isSure && daysLeft < AHEAD_DAYS)
        findings.push({
          ...shared,
          kind: 'stock_running_out',
          severity: daysLeft < URGENT_DAYS ? 'critical' : 'warning',
          key: `stock:${prize.prize_id}`,
          figures: {
            ...{
              ...of,
              remaining,
              per_day: oneDecimal(perHour * DAY_HOURS),
              days_left: oneDecimal(daysLeft),
            },
            ...{ days_to_end: oneDecimal(daysToEnd), missing: restock ?? 0 },
          },
        });
      const drawsToCome = Math.round(drawsPerDay * Math.max(0, daysToEnd));
      const isUnlikely = (RULE_OF_THREE / report.draws) * drawsToCome < 1;
      if (report.draws >= LEAST_DRAWS && prize.wins === 0 && remaining !== 0 && isUnlikely)
        findings.push({
          ...{ ...shared, kind: 'prize_unwon', severity: 'info', key: `unwon:${prize.prize_id}` },
          figures: { ...of, draws: report.draws, draws_to_come: drawsToCome },
        });
    }
  }
  return { findings, tests };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function oneDecimal(value: number): number {
  return Math.round(value * 10) / 10;
}
