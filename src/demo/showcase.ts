/** One diner of the demo with a past, so that each list has something to look at. */
import { endOfBusinessDayIn } from '../platform/clock.ts';
import { checkIn } from '../points/checkIn/checkIn.ts';
import { payBill } from '../points/bills/bills.ts';
import { refundBill } from '../points/bills/refund.ts';
import { lockAccounts, post } from '../points/ledger.ts';
import { consume } from '../points/movePoints.ts';
import type { Tx } from '../platform/database/transaction.ts';
import type { Logger } from '../platform/logger.ts';
import { billPolicyOf, checkInPolicyOf, reversalPolicyOf } from '../points/settings.ts';
import { showShop, type DemoShopConfig } from './shop.ts';

const DAY_MS = 86_400_000;
const ENDING_HUNDREDTHS = 200_00;
const ENDS_IN_DAYS = 25;
/** In fen. */
const BILLS = [288_00, 96_50, 1_034_00];

export interface Shown {
  userId: number;
  staffId: number;
  /** Where they have eaten. */
  restaurantId: number;
  /** What they have in the end. */
  leftHundredths: number;
}

/** After their first points, the rules and the restaurants. */
export async function showPast(
  tx: Tx,
  { userId, staffId, restaurantId, leftHundredths }: Shown,
  { config, logger }: { config: DemoShopConfig; logger: Logger },
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
  await showShop(tx, { userId, restaurantId }, config, nowMs);
  const { availableHundredths } = (await lockAccounts(tx, [userId])).get(userId)!;
  const spent = availableHundredths + ENDING_HUNDREDTHS - leftHundredths;
  await consume(tx, { userId, amountHundredths: spent, reason: '一份甜品', relatedId: null }, nowMs);
  const expiresAtMs = endOfBusinessDayIn(nowMs, { days: ENDS_IN_DAYS, timezone: config.businessTimezone });
  const ending = { userId, type: 'earn', source: 'demo', reason: '限时积分', relatedId: null, expiresAtMs };
  await post(tx, [{ ...ending, amountHundredths: ENDING_HUNDREDTHS }], nowMs);
}
