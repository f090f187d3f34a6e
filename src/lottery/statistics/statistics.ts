/** What is told of the draws of a campaign: to everybody, and to the administration. */
import { LotteryCampaign } from '../../../entities/lottery/LotteryCampaign.ts';
import type { StatisticsPeriod } from '../../../entities/lottery/LotteryPeriod.ts';
import { readItemFigures } from '../../inventory/itemFigures.ts';
import { BoundedReads } from '../../platform/boundedReads.ts';
import type { Clock } from '../../platform/clock.ts';
import { AppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import { toWirePoints } from '../../platform/shapes.ts';
import { findCampaign } from '../campaigns.ts';
import { readCounter } from '../counters.ts';
import { DRAWS_PER_CAMPAIGN, drawIdOf } from '../drawIds.ts';
import { findPrizes } from '../prizeRows.ts';
import { CONSUMPTION_HOURS } from './consumption.ts';
import { readFigures, type AskedFigures, type Figures, type FiguresServices } from './figures.ts';
import { rangeOf, type AskedDays } from './range.ts';
import { reportOf, spanOf, sumsOf } from './report.ts';
import { emptyPeriod } from './tally.ts';
import { rateOf, type CampaignStatistics, type PublicStatistics } from './views.ts';

/** A few are read at a time: whoever asks for statistics takes nothing from the draws. */
export class Statistics {
  private readonly reads = new BoundedReads<Figures>({
    atOnce: LIMITS.statisticsReads,
    waiting: LIMITS.waitingStatistics,
  });

  constructor(private readonly services: FiguresServices & { clock: Clock }) {}

  /** @throws AppError VALIDATION_FAILED, NOT_FOUND, BUSY */
  async report(campaignId: number, asked: AskedDays): Promise<CampaignStatistics> {
    const { database, clock, calendar } = this.services;
    const nowMs = clock.nowMs();
    const range = rangeOf(asked, calendar, nowMs);
    if (!(await database.currentReader.existsBy(LotteryCampaign, { campaign_id: campaignId })))
      throw new AppError('NOT_FOUND');
    const { period } = asked;
    const [figures, prizes, items] = await Promise.all([
      this.read({ campaignId, period, ...range, hours: CONSUMPTION_HOURS }),
      findPrizes(database.currentReader, campaignId),
      readItemFigures(database, {
        afterId: drawIdOf(campaignId, 0),
        beforeId: drawIdOf(campaignId, DRAWS_PER_CAMPAIGN),
      }),
    ]);
    const shown = withPresent(figures, { campaignId, period, ...range }, calendar.startsAt(nowMs)[period]);
    return reportOf({ figures: shown, prizes, items, period, calendar, nowMs });
  }

  /** What everybody may know of the present period, and the caller of themself. @throws AppError NOT_FOUND, BUSY */
  async tell(campaignId: number, period: StatisticsPeriod, userId: number): Promise<PublicStatistics> {
    const { database, clock, calendar } = this.services;
    const nowMs = clock.nowMs();
    await findCampaign(database, campaignId);
    const starts = calendar.startsAt(nowMs)[period];
    const [figures, prizes, counter] = await Promise.all([
      this.read({ campaignId, period, from: starts, to: starts, hours: 0 }),
      findPrizes(database.currentReader, campaignId),
      readCounter(database, campaignId, userId),
    ]);
    const row = figures.periods[0] ?? emptyPeriod(campaignId, period, starts);
    const wins = new Map(figures.periodPrizes.map((prize) => [prize.prize_id, prize.wins]));
    return {
      campaign_id: campaignId,
      period,
      ...spanOf(row, calendar, nowMs),
      ...sumsOf(row),
      prizes: prizes.map((prize) => ({
        prize_id: prize.prize_id,
        name: prize.prize_name,
        type: prize.prize_type,
        wins: wins.get(prize.prize_id) ?? 0,
        win_rate: rateOf(wins.get(prize.prize_id) ?? 0, row.draws),
      })),
      me: {
        draws: counter?.draws ?? 0,
        wins: counter?.wins ?? 0,
        win_rate: rateOf(counter?.wins ?? 0, counter?.draws ?? 0),
        prize_value: toWirePoints(counter?.prizeValue ?? 0),
      },
    };
  }

  private read(asked: AskedFigures): Promise<Figures> {
    return this.reads.read(JSON.stringify(asked), () => readFigures(this.services, asked));
  }
}

/** The present period is in the list whether or not anybody has drawn in it. */
function withPresent(
  figures: Figures,
  { campaignId, period, from, to }: Omit<AskedFigures, 'hours'>,
  present: string,
): Figures {
  const isThere = figures.periods.some(({ starts }) => starts === present);
  if (isThere || present < from || present > to) return figures;
  const periods = [...figures.periods, emptyPeriod(campaignId, period, present)];
  return { ...figures, periods: periods.sort((a, b) => (a.starts < b.starts ? -1 : 1)) };
}
