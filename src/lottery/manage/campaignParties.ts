import { LotteryUserCounter } from '../../../entities/lottery/LotteryUserCounter.ts';
import type { Parties } from '../../approvals/parties.ts';

/** Whoever draws there gains by whatever is better for diners. */
export function campaignParties(campaignId: number, breakGlassMs: number): Parties {
  return {
    breakGlassMs,
    isBeneficiary: (tx, userId) =>
      tx.manager.existsBy(LotteryUserCounter, { campaign_id: campaignId, user_id: userId }),
  };
}
