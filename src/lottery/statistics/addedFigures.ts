/** Figures of several campaigns added up, from the rows that are counted already: a few seconds behind the draws. */
import { And, In, LessThan, MoreThanOrEqual, Not } from 'typeorm';
import { LotteryCampaign, type CampaignStatus } from '../../../entities/lottery/LotteryCampaign.ts';
import { LotteryPeriod } from '../../../entities/lottery/LotteryPeriod.ts';
import { fromSqlPoints } from '../../platform/database/sqlValues.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { LIMITS } from '../../platform/limits.ts';

/** Points in 1/100. */
export interface AddedFigures {
  draws: number;
  wins: number;
  /** Of each campaign; 0 of hours, in which people are not told apart. */
  participants: number;
  pointsSpent: number;
  valueGiven: number;
}

/** The newest campaigns that may have had draws since a moment. */
export async function findDrawnSince({ currentReader }: Database, sinceMs: number): Promise<number[]> {
  const rows = await currentReader.find(LotteryCampaign, {
    select: { campaign_id: true },
    where: {
      end_time: MoreThanOrEqual(new Date(sinceMs)),
      status: Not(In<CampaignStatus>(['draft', 'scheduled'])),
    },
    order: { campaign_id: 'DESC' },
    take: LIMITS.addedCampaigns,
  });
  return rows.map(({ campaign_id: campaignId }) => campaignId);
}

export interface AskedRows {
  campaignIds: readonly number[];
  period: 'hour' | 'day';
  /** Their `starts`: from, and up to but without. */
  from: string;
  to: string;
}

/** By `starts`: one row each, a range of the key of each campaign. */
export async function addedBy(
  { currentReader }: Database,
  { campaignIds, period, from, to }: AskedRows,
): Promise<Map<string, AddedFigures>> {
  if (campaignIds.length === 0) return new Map();
  const sums = { draws: 'draws', wins: 'wins', participants: 'participants' };
  const rows = await currentReader
    .createQueryBuilder(LotteryPeriod, 'counted')
    .select('counted.starts', 'starts')
    .addSelect(Object.keys(sums).map((name) => `SUM(counted.${name}) AS ${name}`))
    .addSelect('SUM(counted.points_spent) AS points_spent')
    .addSelect('SUM(counted.value_given) AS value_given')
    .where({ campaign_id: In([...campaignIds]), period, starts: And(MoreThanOrEqual(from), LessThan(to)) })
    .groupBy('counted.starts')
    .getRawMany<Record<string, number | string>>();
  return new Map(
    rows.map((row) => [
      String(row['starts']),
      {
        draws: Number(row['draws']),
        wins: Number(row['wins']),
        participants: Number(row['participants']),
        pointsSpent: fromSqlPoints(row['points_spent']!),
        valueGiven: fromSqlPoints(row['value_given']!),
      },
    ]),
  );
}

export const NO_FIGURES: AddedFigures = { draws: 0, wins: 0, participants: 0, pointsSpent: 0, valueGiven: 0 };

export function plusFigures(a: AddedFigures, b: AddedFigures, times = 1): AddedFigures {
  return {
    draws: a.draws + b.draws * times,
    wins: a.wins + b.wins * times,
    participants: a.participants + b.participants * times,
    pointsSpent: a.pointsSpent + b.pointsSpent * times,
    valueGiven: a.valueGiven + b.valueGiven * times,
  };
}
