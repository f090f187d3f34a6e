import { systemClock as clock } from '../../src/platform/clock.ts';
import type { Database, Tx } from '../../src/platform/database/transaction.ts';
import { exchangePoints } from '../../src/products/exchange.ts';
import { createProduct } from '../../src/products/products.ts';
import { cancelTrade, disputeTrade, expireTrades } from '../../src/trades/endTrade.ts';
import { buyOffer, offerItem } from '../../src/trades/offers.ts';
import { askToSettle } from '../../src/trades/reviews.ts';

const DAY_MS = 86_400_000;
const PRICE = 10_01;
const POLICY = { feeBp: 500, openMs: DAY_MS, escrowMs: 3 * DAY_MS };
/** Nobody is shown a code here. */
const CODES = { forget: () => Promise.resolve() };

/** One trade of each status, and one that was cancelled after it was bought. */
export async function playTrades(
  database: Database,
  { seller: sellerId, buyer: buyerId }: { seller: number; buyer: number },
): Promise<void> {
  const nowMs = clock.nowMs();
  const actor = { userId: 99, ip: '127.0.0.1', requestId: 'r' };
  const run = <Result>(work: (tx: Tx) => Promise<Result>) => database.transaction(work);
  const body = {
    name: 'Card',
    description: '',
    price: 5_00,
    stock: 7,
    status: 'active' as const,
    valid_days: null,
    image_url: null,
  };
  const { product_id: productId } = await run((tx) => createProduct(tx, { actor, body }, nowMs));
  const asked = { userId: sellerId, productId, quantity: 7, expectedPrice: 5_00, version: 1 };
  const { itemIds } = await run((tx) => exchangePoints(tx, asked, () => nowMs, nowMs));
  const offer = async (at: number) => {
    const offered = { sellerId, itemId: itemIds[at]!, price: PRICE };
    return (await run((tx) => offerItem(tx, offered, POLICY, nowMs))).trade_id;
  };
  const buy = async (at: number) => {
    const tradeId = await offer(at);
    const purchase = { buyerId, tradeId, expectedPrice: PRICE, version: 1 };
    return (await run((tx) => buyOffer(tx, purchase, POLICY, nowMs))).trade_id;
  };
  await offer(0);
  await expireTrades({ database, nowMs: nowMs + 2 * DAY_MS }, (_id, error) => {
    throw error;
  });
  await offer(1);
  await buy(2);
  const settled = await buy(3);
  const buyer = { ...actor, userId: buyerId };
  const settling = { actor: buyer, tradeId: settled, reviewHundredths: PRICE + 1 };
  await run((tx) => askToSettle(tx, CODES, settling, nowMs));
  const disputed = await buy(4);
  await run((tx) => disputeTrade(tx, { userId: buyerId, tradeId: disputed, reason: 'a test' }, nowMs));
  for (const tradeId of [await offer(5), await buy(6)])
    await run((tx) => cancelTrade(tx, { sellerId, tradeId }, nowMs));
}
