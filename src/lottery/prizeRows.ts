import { In, type EntityManager } from 'typeorm';
import { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';

/** In the order in which rolls meet them, and documents and diners see them. */
export function findPrizes(manager: EntityManager, campaignId: number): Promise<LotteryPrize[]> {
  return findPrizesOf(manager, [campaignId]);
}

/** As `findPrizes`, of several campaigns. */
export function findPrizesOf(
  manager: EntityManager,
  campaignIds: readonly number[],
): Promise<LotteryPrize[]> {
  return manager.find(LotteryPrize, {
    where: { campaign_id: In([...campaignIds]) },
    order: { sort_order: 'ASC', prize_id: 'ASC' },
  });
}
