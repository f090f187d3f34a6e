import { AccountMerge } from '../../entities/merges/AccountMerge.ts';
import { makeMerge } from '../../src/merges/makeMerge.ts';
import { insertOne } from '../../src/platform/database/bulk.ts';
import { systemClock as clock } from '../../src/platform/clock.ts';
import type { Database, Tx } from '../../src/platform/database/transaction.ts';
import { levelsOf } from '../../src/points/levels.ts';
import { exchangePoints } from '../../src/products/exchange.ts';
import { createProduct } from '../../src/products/products.ts';
import { createUser } from '../support/factories.ts';

const LEVELS = levelsOf([0, 1000], 'amount / 100');

/** One merge that is done, of points and an item, and one that waits. */
export async function playMerges(database: Database): Promise<void> {
  const nowMs = clock.nowMs();
  const actor = { userId: 99, ip: '127.0.0.1', requestId: 'r' };
  const run = <Result>(work: (tx: Tx) => Promise<Result>) => database.transaction(work);
  const [from, into, third] = [
    await createUser(database, { points: 100_00 }),
    await createUser(database, { points: 1_00 }),
    await createUser(database),
  ];
  const body = {
    name: 'Cup',
    description: '',
    price: 2_00,
    stock: 1,
    status: 'active' as const,
    valid_days: null,
    image_url: null,
  };
  const { product_id: productId } = await run((tx) => createProduct(tx, { actor, body }, nowMs));
  const asked = { userId: from, productId, quantity: 1, expectedPrice: 2_00, version: 1 };
  await run((tx) => exchangePoints(tx, asked, () => nowMs, nowMs));
  const at = new Date(nowMs);
  const row = {
    ...{ status: 'pending' as const, is_number_lost: false, reason: 'a test', asked_by: 99 },
    ...{ from_confirmed_at: at, into_confirmed_at: at, points: null, items: null },
    ...{ created_at: at, expires_at: new Date(nowMs + 86_400_000), ended_at: null },
  };
  const store = (tx: Tx, people: { from_user_id: number; into_user_id: number }) =>
    insertOne(tx, AccountMerge, { ...row, ...people });
  await run(async (tx) => {
    const people = { from_user_id: from, into_user_id: into };
    const merge = { merge_id: await store(tx, people), ...row, ...people };
    await makeMerge(tx, { merge, actor, levels: LEVELS }, nowMs);
  });
  await run((tx) => store(tx, { from_user_id: into, into_user_id: third }));
}
