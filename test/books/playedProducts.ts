import { ItemCodes } from '../../src/inventory/codes.ts';
import { expireExchangedItems, transferItem } from '../../src/inventory/ownItems.ts';
import { redeem } from '../../src/inventory/redemption.ts';
import { systemClock as clock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { exchangePoints } from '../../src/products/exchange.ts';
import { changeStock, createProduct } from '../../src/products/products.ts';
import { UserInventory } from '../../entities/inventory/UserInventory.ts';

const DAY_MS = 86_400_000;

/** Two products, one with a picture, one for a day: of the pieces one each that is kept, given to somebody, redeemed, and over. */
export async function playProducts(
  database: Database,
  { seedKey, from, to, image }: { seedKey: Buffer; from: number; to: number; image: string },
): Promise<void> {
  const nowMs = clock.nowMs();
  const actor = { userId: 99, ip: '127.0.0.1', requestId: 'r' };
  const add = (name: string, valid_days: number | null, image_url: string | null) => {
    const body = { name, description: '', price: 12_50, stock: 10, status: 'active' as const };
    const product = { actor, body: { ...body, valid_days, image_url } };
    return database.transaction((tx) => createProduct(tx, product, nowMs));
  };
  const exchange = async (productId: number, quantity: number) => {
    const asked = { userId: from, productId, quantity, expectedPrice: 12_50, version: 1 };
    const endMs = (days: number) => nowMs + days * DAY_MS;
    return (await database.transaction((tx) => exchangePoints(tx, asked, endMs, nowMs))).itemIds;
  };
  const tea = (await add('Tea', null, image)).product_id;
  const cake = (await add('Cake', 1, null)).product_id;
  await database.transaction((tx) => changeStock(tx, { actor, productId: tea, delta: -3 }, nowMs));
  const [, given, redeemed] = await exchange(tea, 4);
  await exchange(cake, 1);
  const itemCodes = new ItemCodes(seedKey, () => Promise.reject(new Error('These have no pool')));
  const giving = { fromUserId: from, toUserId: to, itemId: given! };
  await database.transaction((tx) => transferItem(tx, itemCodes, giving, nowMs));
  const item = await database.currentReader.findOneByOrFail(UserInventory, { inventory_id: redeemed! });
  await database.transaction((tx) => itemCodes.show(tx, item, nowMs));
  const code = await itemCodes.textOf(database.currentReader, item);
  const redeemer = { userId: actor.userId, restaurantId: 7, isEverywhere: false };
  await redeem(
    { database, clock, itemCodes },
    { redeemer, actor, code, restaurantId: undefined, key: undefined },
  );
  await expireExchangedItems({ database, nowMs: nowMs + 2 * DAY_MS });
}
