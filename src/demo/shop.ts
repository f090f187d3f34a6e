/** Products of the demo; of one diner an offer on the market, and a bill that waits for somebody to look at it. */
import { defaultsOf, type Environment } from '../configuration/document.ts';
import { endOfBusinessDayIn } from '../platform/clock.ts';
import type { Tx } from '../platform/database/transaction.ts';
import type { PointsSettings } from '../points/settings.ts';
import { exchangePoints } from '../products/exchange.ts';
import type { ProductBody } from '../products/messages.ts';
import { createProduct } from '../products/products.ts';
import { claimSpend } from '../reviews/claims/claims.ts';
import { offerItem } from '../trades/offers.ts';
import { tradePolicyOf, type TradeConfig } from '../trades/settings.ts';

const HOUR_MS = 3_600_000;
const PRODUCTS: Omit<ProductBody, 'status' | 'image_url'>[] = [
  { name: '手工面一碗', description: '午市堂食，浇头任选', price: 260_00, stock: 0, valid_days: null },
  {
    name: '招牌酸菜鱼',
    description: '堂食一份，微辣、中辣任选',
    price: 680_00,
    stock: 30,
    valid_days: 30,
  },
  { name: '鸳鸯锅底', description: '四人以上同桌可用', price: 880_00, stock: 12, valid_days: 30 },
  { name: '酸梅汤', description: '冰的或常温，任意门店一杯', price: 120_00, stock: 200, valid_days: 14 },
  { name: '红糖糍粑', description: '现炸，一份六块', price: 180_00, stock: 3, valid_days: 14 },
  { name: '20元代金券', description: '满100元可用，一桌一张', price: 200_00, stock: 500, valid_days: 90 },
];
/** Which of them is offered, and for how much. */
const OFFERED = { at: 5, price: 160_00 };
/** In fen. */
const CLAIMED = { billNo: 'DEMO-4', amount: 156_00, hoursAgo: 2 };

export type DemoShopConfig = PointsSettings & TradeConfig & Environment;

/** Spends points of the diner. */
export async function showShop(
  tx: Tx,
  { userId, restaurantId }: { userId: number; restaurantId: number },
  config: DemoShopConfig,
  nowMs: number,
): Promise<void> {
  const products = [];
  for (const shown of PRODUCTS) {
    const body = { ...shown, status: 'active' as const, image_url: null };
    products.push(await createProduct(tx, { actor: undefined, body }, nowMs));
  }
  const { product_id: productId, version } = products[OFFERED.at]!;
  const asked = { userId, productId, version, quantity: 1, expectedPrice: PRODUCTS[OFFERED.at]!.price };
  const endMs = (days: number) => endOfBusinessDayIn(nowMs, { days, timezone: config.businessTimezone });
  const { itemIds } = await exchangePoints(tx, asked, endMs, nowMs);
  const offer = { sellerId: userId, itemId: itemIds[0]!, price: OFFERED.price };
  await offerItem(tx, offer, tradePolicyOf(config), nowMs);
  const { service, reviews } = defaultsOf(config);
  const hours = { hours: service.hours, businessTimezone: config.businessTimezone };
  const { billNo, amount, hoursAgo } = CLAIMED;
  const claim = { userId, restaurantId, billNo, amount, paidAtMs: nowMs - hoursAgo * HOUR_MS, imageId: null };
  await claimSpend(tx, claim, { hours, limitMinutes: reviews.decision_minutes }, nowMs);
}
