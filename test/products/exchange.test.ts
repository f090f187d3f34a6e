import assert from 'node:assert/strict';
import { before, it } from 'mocha';
import { AppError } from '../../src/platform/errors.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { exchangePoints } from '../../src/products/exchange.ts';
import { changeStock, createProduct, readProduct } from '../../src/products/products.ts';
import { assertBooksBalance } from '../lottery/scene.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUsers } from '../support/factories.ts';

const PEOPLE = 100;
const PRICE = 3_33;

forEachDatabase('exchanges at once', (open) => {
  let database: Database;
  let userIds: number[];
  before(async () => {
    database = await open();
    userIds = await createUsers(database, PEOPLE, { points: 100_00 });
  });

  const nowMs = Date.now();
  const actor = { userId: 99, ip: '127.0.0.1', requestId: 'r' };
  const add = async (stock: number) => {
    const body = {
      name: 'Tea',
      description: '',
      price: PRICE,
      stock,
      status: 'active' as const,
      valid_days: null,
      image_url: null,
    };
    return (await database.transaction((tx) => createProduct(tx, { actor, body }, nowMs))).product_id;
  };
  const exchange = (userId: number, productId: number, quantity = 1) =>
    database.retryingTransaction((tx) =>
      exchangePoints(
        tx,
        { userId, productId, quantity, expectedPrice: PRICE, version: 1 },
        () => nowMs,
        nowMs,
      ),
    );
  const outcomes = async (asked: Promise<unknown>[]) => {
    const counts: Record<string, number> = {};
    for (const one of await Promise.allSettled(asked)) {
      const error: unknown = one.status === 'rejected' ? one.reason : undefined;
      const details = error instanceof AppError ? (error.details as { reason?: string }) : undefined;
      const name = error === undefined ? 'sold' : (details?.reason ?? String(error));
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  };

  it('R-3 DRAW-3 of 500 at once on the last piece one has it, and the others have their points', async function () {
    this.timeout(60_000);
    const productId = await add(1);
    const asked = Array.from({ length: 500 }, (_, at) => exchange(userIds[at % PEOPLE]!, productId));
    assert.deepEqual(await outcomes(asked), { sold: 1, sold_out: 499 });
    const { stock, sold, total_stock } = await readProduct(database, { productId });
    assert.deepEqual([stock, sold, total_stock], [0, 1, 1]);
    await assertBooksBalance(database);
  });

  it('R-3 DRAW-3 RA-9 many pieces at once, while the stock changes: none too many, none lost', async function () {
    this.timeout(60_000);
    const productId = await add(40);
    const asked = Array.from({ length: 60 }, (_, at) => exchange(userIds[at]!, productId, 1 + (at % 3)));
    const moves = [5, -2, 7].map((delta) =>
      database.retryingTransaction((tx) => changeStock(tx, { actor, productId, delta }, nowMs)),
    );
    const [counts] = await Promise.all([outcomes(asked), Promise.allSettled(moves)]);
    assert.deepEqual(Object.keys(counts).sort(), ['sold', 'sold_out']);
    const { stock, sold, total_stock } = await readProduct(database, { productId });
    assert.ok(stock >= 0 && stock + sold === total_stock, `${stock} ${sold} ${total_stock}`);
    // Whatever came too late for those that were refused is there for the next.
    const late = userIds.slice(60, 60 + stock + 5).map((userId) => exchange(userId, productId));
    const rest = { ...(stock > 0 && { sold: stock }), sold_out: 5 };
    assert.deepEqual(await outcomes(late), rest);
    assert.equal((await readProduct(database, { productId })).sold, total_stock);
    await assertBooksBalance(database);
  });
});
