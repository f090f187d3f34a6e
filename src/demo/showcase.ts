/** One diner of the demo with a past, so that each list of points has something to look at. */
import { checkIn } from '../points/checkIn/checkIn.ts';
import { payBill } from '../points/bills/bills.ts';
import { refundBill } from '../points/bills/refund.ts';
import { transfer } from '../points/transfers/transfer.ts';
import type { Tx } from '../platform/database/transaction.ts';
import type { Logger } from '../platform/logger.ts';
import { billPolicyOf, checkInPolicyOf, reversalPolicyOf, type PointsSettings } from '../points/settings.ts';

const DAY_MS = 86_400_000;
/** In fen. */
const BILLS = [288_00, 96_50, 1_034_00];

export interface Shown {
  userId: number;
  staffId: number;
  friendId: number;
}

/** After their first points, and after the rules. */
export async function showPast(
  tx: Tx,
  { userId, staffId, friendId }: Shown,
  { config, logger }: { config: PointsSettings; logger: Logger },
  nowMs: number,
): Promise<void> {
  for (let ago = 3; ago >= 1; ago--)
    await checkIn(tx, userId, checkInPolicyOf({ config, logger }), nowMs - ago * DAY_MS);
  for (const [at, billAmount] of BILLS.entries()) {
    const payment = { payeeId: staffId, restaurantId: null, userId, billNo: `DEMO-${at + 1}`, billAmount };
    await payBill(tx, payment, billPolicyOf(config), nowMs - DAY_MS);
  }
  const refunding = { payeeId: staffId, restaurantId: null, billNo: 'DEMO-3', amount: 34_00 };
  await refundBill(tx, refunding, reversalPolicyOf(config), nowMs);
  const gift = { fromUserId: userId, toUserId: friendId, amountHundredths: 5_00, message: '请你喝茶' };
  const policy = {
    perDayHundredths: config.pointsTransfersPerDay * 100,
    reviewHundredths: config.pointsTransferReview * 100,
    filter: (text: string) => text,
  };
  await transfer(tx, gift, policy, nowMs);
}
