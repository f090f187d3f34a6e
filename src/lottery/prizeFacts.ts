/** What others ask about the prize or the campaign of something that was won. */
import { In, type EntityManager } from 'typeorm';
import { LotteryCampaign } from '../../entities/lottery/LotteryCampaign.ts';
import { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';

/** By prize id, of those that have one. */
export async function prizeImages(
  manager: EntityManager,
  prizeIds: readonly number[],
): Promise<Map<number, string | null>> {
  if (prizeIds.length === 0) return new Map();
  const prizes = await manager.find(LotteryPrize, {
    select: { prize_id: true, prize_image_url: true },
    where: { prize_id: In([...new Set(prizeIds)]) },
  });
  return new Map(prizes.map(({ prize_id: prizeId, prize_image_url: url }) => [prizeId, url]));
}

/** By prize id. */
export async function prizeNames(
  manager: EntityManager,
  prizeIds: readonly number[],
): Promise<Map<number, string>> {
  if (prizeIds.length === 0) return new Map();
  const prizes = await manager.find(LotteryPrize, {
    select: { prize_id: true, prize_name: true },
    where: { prize_id: In([...new Set(prizeIds)]) },
  });
  return new Map(prizes.map(({ prize_id: prizeId, prize_name: name }) => [prizeId, name]));
}

/** Where a campaign's prizes are redeemed; none: everywhere. */
export async function restaurantsOf(manager: EntityManager, campaignId: number): Promise<number[]> {
  const campaign = await manager.findOne(LotteryCampaign, {
    select: { campaign_id: true, restaurant_ids: true },
    where: { campaign_id: campaignId },
  });
  return campaign?.restaurant_ids ?? [];
}
