/** Whatever thirty people do with products, items and trades at once, points and items are conserved (R-3, R-4, RA-9, RA-10). */
import assert from 'node:assert/strict';
import { it } from 'mocha';
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import { UserPointsAccount } from '../../entities/points/UserPointsAccount.ts';
import { Product } from '../../entities/products/Product.ts';
import { ProductExchange } from '../../entities/products/ProductExchange.ts';
import { TradeRecord } from '../../entities/trades/TradeRecord.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { ItemCodes } from '../../src/inventory/codes.ts';
import { showCode } from '../../src/inventory/myPrizes.ts';
import { expireExchangedItems, transferItem } from '../../src/inventory/ownItems.ts';
import { redeem } from '../../src/inventory/redemption.ts';
import { AppError } from '../../src/platform/errors.ts';
import type { Database, Tx } from '../../src/platform/database/transaction.ts';
import { exchangePoints } from '../../src/products/exchange.ts';
import { createProduct } from '../../src/products/products.ts';
import { cancelTrade, decideDispute, disputeTrade, expireTrades } from '../../src/trades/endTrade.ts';
import { buyOffer, offerItem } from '../../src/trades/offers.ts';
import { askToSettle } from '../../src/trades/reviews.ts';
import { playProducts } from '../books/playedProducts.ts';
import { playTrades } from '../books/playedTrades.ts';
import { assertBooksBalance } from '../lottery/scene.ts';
import { Random } from '../simulation/random.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUsers } from '../support/factories.ts';
import { assertBreaksAreSeen } from './plantedBreaks.ts';

const PEOPLE = 30;
const CONNECTIONS = 4;
const STEPS = 150;
const START = 2_000_00;
const HOUR_MS = 3_600_000;
const POLICY = { feeBp: 777, openMs: 6 * HOUR_MS, escrowMs: 3 * HOUR_MS };
const SEED_KEY = Buffer.alloc(32, 7);
const CODES = new ItemCodes(SEED_KEY, () => Promise.reject(new Error('These have no pool')));
const ACTOR = { userId: 999_999, ip: '127.0.0.1', requestId: 'r' };

forEachDatabase('points and items', (open) => {
  for (const seed of [1, 2]) {
    it(`R-3 R-4 RA-9 RA-10 are conserved by ${PEOPLE} people on ${CONNECTIONS} connections, seed ${seed}`, async function () {
      this.timeout(120_000);
      const database = await open();
      const people = await createUsers(database, PEOPLE, { points: START });
      const productIds: number[] = [];
      for (const [price, valid_days] of [
        [7_77, null],
        [30_00, 1],
      ] as const) {
        const body = {
          name: 'Piece',
          description: '',
          price,
          stock: 60,
          status: 'active' as const,
          valid_days,
          image_url: null,
        };
        const product = await database.transaction((tx) =>
          createProduct(tx, { actor: ACTOR, body }, Date.now()),
        );
        productIds.push(product.product_id);
      }
      let nowMs = Date.now();
      const done: Record<string, number> = {};
      const worker = async (number: number) => {
        const random = new Random(seed * 100 + number);
        for (let step = 0; step < STEPS; step++) {
          nowMs += random.below(4) * 60_000;
          const [name, work] = await chooseStep(database, { random, people, productIds, nowMs });
          try {
            await work();
            done[name] = (done[name] ?? 0) + 1;
          } catch (error) {
            if (!(error instanceof AppError) || error.code === 'INTERNAL') throw error;
            done[`${name} refused`] = (done[`${name} refused`] ?? 0) + 1;
          }
        }
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, (_, number) => worker(number)));
      for (const name of [
        'exchange',
        'offer',
        'buy',
        'settle',
        'cancel',
        'dispute',
        'decide',
        'give',
        'redeem',
        'expire',
      ])
        assert.ok((done[name] ?? 0) > 0, `nothing was tried of ${name}: ${JSON.stringify(done)}`);
      await assertConserved(database, people);
      await assertBooksBalance(database);
      // One of each status is there for sure, and then each fault in them is seen.
      const [first, second] = people as [number, number];
      const picture = 'https://pictures.invalid/tea.jpg';
      await playProducts(database, { seedKey: SEED_KEY, from: first, to: second, image: picture });
      await playTrades(database, { seller: first, buyer: second });
      await assertConserved(database, people);
      await assertBooksBalance(database);
      assert.ok((await assertBreaksAreSeen(database)) > 25);
      await assertBooksBalance(database);
    });
  }
});

interface Situation {
  random: Random;
  people: readonly number[];
  productIds: readonly number[];
  nowMs: number;
}

type Step = [name: string, work: () => Promise<unknown>];

/** Whatever somebody may try, mostly with what is there: half of it is refused since somebody else is faster. */
async function chooseStep(
  database: Database,
  { random, people, productIds, nowMs }: Situation,
): Promise<Step> {
  const run =
    <Result>(work: (tx: Tx) => Promise<Result>) =>
    () =>
      database.retryingTransaction(work);
  const reader = database.currentReader;
  const somebody = () => random.pick(people);
  const items = await reader.findBy(UserInventory, { status: 'available' });
  const trades = await reader.findBy(TradeRecord, {});
  const open = trades.filter(({ status }) => status === 'open');
  const escrow = trades.filter(({ status }) => status === 'escrow');
  const disputed = trades.filter(({ status }) => status === 'disputed');
  const userId = somebody();
  switch (random.below(11)) {
    case 0:
    case 1: {
      const productId = random.pick(productIds);
      const { price: expectedPrice } = await reader.findOneByOrFail(Product, { product_id: productId });
      const asked = { userId, productId, quantity: 1 + random.below(3), expectedPrice, version: 1 };
      return [
        'exchange',
        run((tx) => exchangePoints(tx, asked, (days) => nowMs + days * 8 * HOUR_MS, nowMs)),
      ];
    }
    case 2:
    case 3: {
      const item = items.length > 0 ? random.pick(items) : undefined;
      const offer = {
        sellerId: item?.user_id ?? userId,
        itemId: item?.inventory_id ?? 1,
        price: 1 + random.below(60_00),
      };
      return ['offer', run((tx) => offerItem(tx, offer, POLICY, nowMs))];
    }
    case 4: {
      const item = items.length > 0 ? random.pick(items) : undefined;
      const giving = {
        fromUserId: item?.user_id ?? userId,
        toUserId: userId,
        itemId: item?.inventory_id ?? 1,
      };
      return ['give', run((tx) => transferItem(tx, CODES, giving, nowMs))];
    }
    case 5:
    case 6: {
      const trade = open.length > 0 ? random.pick(open) : undefined;
      const purchase = {
        buyerId: userId,
        tradeId: trade?.trade_id ?? 1,
        expectedPrice: trade?.price ?? 1,
        version: trade?.version ?? 1,
      };
      return ['buy', run((tx) => buyOffer(tx, purchase, POLICY, nowMs))];
    }
    case 7: {
      const trade = escrow.length > 0 ? random.pick(escrow) : undefined;
      const buyer = { ...ACTOR, userId: trade?.buyer_id ?? userId };
      const settling = { actor: buyer, tradeId: trade?.trade_id ?? 1, reviewHundredths: 1_000_00 };
      return ['settle', run((tx) => askToSettle(tx, CODES, settling, nowMs))];
    }
    case 8: {
      if (random.below(2) === 0) {
        const trade = [...escrow, ...open].length > 0 ? random.pick([...escrow, ...open]) : undefined;
        const cancelling = { sellerId: trade?.seller_id ?? userId, tradeId: trade?.trade_id ?? 1 };
        return ['cancel', run((tx) => cancelTrade(tx, cancelling, nowMs))];
      }
      if (disputed.length > 0) {
        const decision = random.below(2) === 0 ? ('settle' as const) : ('cancel' as const);
        const deciding = { actor: ACTOR, tradeId: random.pick(disputed).trade_id, decision, reason: 'x' };
        return ['decide', run((tx) => decideDispute(tx, CODES, deciding, nowMs))];
      }
      const trade = escrow.length > 0 ? random.pick(escrow) : undefined;
      const said = { userId: trade?.buyer_id ?? userId, tradeId: trade?.trade_id ?? 1, reason: 'x' };
      return ['dispute', run((tx) => disputeTrade(tx, said, nowMs))];
    }
    case 9: {
      const item = items.length > 0 ? random.pick(items) : undefined;
      return ['redeem', () => redeemShown(database, item, nowMs)];
    }
    default:
      return [
        'expire',
        async () => {
          const onFailure = (_tradeId: number, error: unknown) => {
            throw error;
          };
          await expireTrades({ database, nowMs }, onFailure);
          await expireExchangedItems({ database, nowMs });
        },
      ];
  }
}

/** Its owner shows its code, and staff gives it to them, unless somebody else is faster. */
async function redeemShown(
  database: Database,
  item: UserInventory | undefined,
  nowMs: number,
): Promise<void> {
  if (item === undefined) throw new AppError('NOT_FOUND');
  const clock = { ...systemClock, nowMs: () => nowMs };
  const services = { database, clock, itemCodes: CODES };
  const shown = { userId: item.user_id, itemId: item.inventory_id };
  const { code } = await showCode(services, shown, nowMs);
  const redeemer = { userId: ACTOR.userId, restaurantId: undefined, isEverywhere: true };
  const handing = { redeemer, actor: ACTOR, code, restaurantId: undefined, key: undefined };
  await redeem(services, handing);
}

/** What was there at the beginning is what there is, what was spent on products, and what went as fees. */
async function assertConserved(database: Database, people: readonly number[]): Promise<void> {
  const reader = database.currentReader;
  const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);
  const accounts = await reader.find(UserPointsAccount);
  const exchanges = await reader.find(ProductExchange);
  const trades = await reader.find(TradeRecord);
  const items = await reader.find(UserInventory);
  const fees = sum(trades.filter(({ status }) => status === 'settled').map(({ fee }) => fee));
  const spent = sum(exchanges.map(({ price, quantity }) => price * quantity));
  assert.equal(sum(accounts.map(({ total_points: total }) => total)) + spent + fees, people.length * START);
  const frozen = trades.filter(({ status }) => status === 'escrow' || status === 'disputed');
  assert.equal(sum(accounts.map(({ frozen_points: held }) => held)), sum(frozen.map(({ price }) => price)));
  assert.equal(items.length, sum(exchanges.map(({ quantity }) => quantity)));
  const live = trades.filter(({ status }) => ['open', 'escrow', 'disputed'].includes(status));
  assert.deepEqual(
    items
      .filter(({ status }) => status === 'locked')
      .map(({ inventory_id: id, user_id: owner }) => `${id} ${owner}`)
      .sort(),
    live.map(({ item_id: id, seller_id: owner }) => `${id} ${owner}`).sort(),
  );
  const products = await reader.find(Product);
  assert.equal(sum(products.map(({ sold }) => sold)), items.length);
}
