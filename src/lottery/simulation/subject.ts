/** What is simulated: the configuration of a campaign as its rows say it, and what draws depend on besides. */
import canonicalize from 'canonicalize';
import { LotteryCampaign } from '../../../entities/lottery/LotteryCampaign.ts';
import { LotteryPrize } from '../../../entities/lottery/LotteryPrize.ts';
import type { DrawConfig } from '../../draw/odds.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { toDrawConfig } from '../pool.ts';
import { nodeSha256 } from '../sha256.ts';

export interface Subject {
  config: DrawConfig;
  /** By which prizes are called in their campaign's document, by prize id. */
  keys: ReadonlyMap<number, string>;
  startsAtMs: number;
  endsAtMs: number;
  freeDrawsPerDay: number;
}

/** A campaign with the stock that it has now, drafts as well. @throws AppError NOT_FOUND */
export async function subjectOf(database: Database, campaignId: number): Promise<Subject> {
  const reader = database.currentReader;
  const [campaign, prizes] = await Promise.all([
    reader.findOneBy(LotteryCampaign, { campaign_id: campaignId }),
    reader.find(LotteryPrize, {
      where: { campaign_id: campaignId },
      order: { sort_order: 'ASC', prize_id: 'ASC' },
    }),
  ]);
  if (campaign === null) throw new AppError('NOT_FOUND');
  return {
    config: toDrawConfig(campaign, prizes),
    keys: new Map(prizes.map(({ prize_id, prize_key }) => [prize_id, prize_key ?? String(prize_id)])),
    startsAtMs: campaign.start_time.getTime(),
    endsAtMs: campaign.end_time.getTime(),
    freeDrawsPerDay: campaign.free_draws_per_day,
  };
}

/** As the fairness log has it of a configuration. */
export function configHashOf(config: DrawConfig): string {
  return nodeSha256.hex(canonicalize(config)!);
}
