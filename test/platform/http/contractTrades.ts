/** One success of every operation on trades, and what they refuse for how things are. */
import type { Ask, Asked, Callers } from './contractCallers.ts';

const MISSING = { id: 2_147_483_647 };
const PRICE = { expected_price: 1, version: 1 };
const REASON = { reason: '核对' };

/** One each that is settled, cancelled, decided and left. */
export async function tradeThings(ask: Ask, callers: Callers): Promise<void> {
  const { winner, diner, superAdmin } = callers;
  const body = { name: '礼品卡', price: 1, stock: 5 };
  const { product_id } = await ask({ operation: 'POST /admin/products', token: superAdmin, body });
  const exchange = { token: winner, path: { id: product_id }, key: 'cards', body: { quantity: 5, ...PRICE } };
  const { item_ids } = await ask({ operation: 'POST /products/{id}/exchange', ...exchange });
  const [dearId, ...others] = item_ids as [number, ...number[]];
  const tradeIds: number[] = [];
  for (const item_id of others) {
    const offer = { token: winner, body: { item_id, price: 1 }, key: `offer-${item_id}` };
    tradeIds.push((await ask({ operation: 'POST /trades', ...offer })).trade_id);
  }
  const [settledId, cancelledId, disputedId, openId] = tradeIds as [number, number, number, number];
  callers.trades = { settledId, openId };
  await ask({ operation: 'GET /trades/terms', token: diner });
  await ask({ operation: 'GET /trades', token: diner, query: 'limit=1' });
  await ask({ operation: 'GET /trades', token: winner, query: 'role=seller&limit=1' });
  await ask({ operation: 'GET /trades/{id}', token: diner, path: { id: openId } });
  for (const id of [settledId, disputedId])
    await ask({
      operation: 'POST /trades/{id}/buy',
      token: diner,
      path: { id },
      key: `buy-${id}`,
      body: PRICE,
    });
  await ask({ operation: 'POST /trades/{id}/settle', token: diner, path: { id: settledId } });
  await ask({ operation: 'POST /trades/{id}/cancel', token: winner, path: { id: cancelledId } });
  await waitForReview(ask, callers, dearId);
  const disputed = { path: { id: disputedId } };
  await ask({ operation: 'POST /trades/{id}/dispute', token: diner, ...disputed, body: REASON });
  await ask({ operation: 'GET /admin/trades', token: superAdmin, query: 'status=disputed&limit=1' });
  await ask({ operation: 'GET /admin/trades/{id}', token: superAdmin, ...disputed });
  const decision = { ...disputed, body: { decision: 'settle', ...REASON } };
  await ask({ operation: 'POST /admin/trades/{id}/decide', token: superAdmin, ...decision });
}

/** Of so many points that somebody else has to agree; then its seller takes it back. */
async function waitForReview(ask: Ask, { winner, diner }: Callers, item_id: number): Promise<void> {
  const { trade_id: id } = await ask({
    operation: 'POST /trades',
    token: winner,
    body: { item_id, price: 10_000 },
  });
  const body = { expected_price: 10_000, version: 1 };
  await ask({ operation: 'POST /trades/{id}/buy', token: diner, path: { id }, key: 'dear-buy', body });
  await ask({ operation: 'POST /trades/{id}/settle', token: diner, path: { id }, waits: true });
  await ask({ operation: 'POST /trades/{id}/cancel', token: winner, path: { id } });
}

export function refusalsOfTrades(callers: Callers): [Asked, number, string][] {
  const { winner, diner, superAdmin, products, trades } = callers;
  const { settledId, openId } = trades;
  const offer = { operation: 'POST /trades', token: winner };
  const buy = { operation: 'POST /trades/{id}/buy', token: diner };
  const ending: Asked[] = [
    { operation: 'POST /trades/{id}/settle', token: diner },
    { operation: 'POST /trades/{id}/cancel', token: winner },
    { operation: 'POST /trades/{id}/dispute', token: diner, body: REASON },
    {
      operation: 'POST /admin/trades/{id}/decide',
      token: superAdmin,
      body: { decision: 'settle', ...REASON },
    },
  ];
  const settled = { path: { id: settledId } };
  const open = { path: { id: openId } };
  return [
    [{ ...offer, body: { item_id: MISSING.id, price: 1 } }, 404, 'NOT_FOUND'],
    [{ ...offer, body: { item_id: products.usedId, price: 1 } }, 409, 'CONFLICT'],
    [{ operation: 'GET /trades/{id}', token: diner, path: MISSING }, 404, 'NOT_FOUND'],
    [{ operation: 'GET /admin/trades/{id}', token: superAdmin, path: MISSING }, 404, 'NOT_FOUND'],
    [{ ...buy, path: MISSING, key: 'none', body: PRICE }, 404, 'NOT_FOUND'],
    [{ ...buy, ...open, body: PRICE }, 400, 'IDEMPOTENCY_KEY_REQUIRED'],
    [{ ...buy, ...settled, key: 'late', body: PRICE }, 409, 'CONFLICT'],
    [{ ...buy, ...open, key: 'dear', body: { expected_price: 2, version: 1 } }, 409, 'CONFLICT'],
    ...ending.flatMap((asked): [Asked, number, string][] => [
      [{ ...asked, path: MISSING }, 404, 'NOT_FOUND'],
      [{ ...asked, ...settled }, 409, 'CONFLICT'],
    ]),
  ];
}
