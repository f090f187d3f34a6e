/** One success of every operation on products and on what people own, and what they refuse for how things are. */
import type { Ask, Asked, Callers } from './contractCallers.ts';

const MISSING = 2_147_483_647;
const EXCHANGE = { quantity: 1, expected_price: 1, version: 1 };

export async function exchangeThings(ask: Ask, callers: Callers): Promise<void> {
  const { winner, dinerId, staff, superAdmin } = callers;
  const body = { name: '招牌奶茶', description: '任意门店', price: 1, stock: 2, status: 'active' };
  const { product_id: productId } = await ask({ operation: 'POST /admin/products', token: superAdmin, body });
  const managed = { token: superAdmin, path: { id: productId } };
  await ask({ operation: 'GET /admin/products', token: superAdmin, query: 'status=active&limit=1' });
  await ask({ operation: 'GET /admin/products/{id}', ...managed });
  await ask({
    operation: 'POST /admin/products/{id}/stock',
    ...managed,
    key: 'stock-in',
    body: { delta: 1 },
  });
  await ask({ operation: 'GET /products', token: winner, query: 'limit=1' });
  await ask({ operation: 'GET /products/{id}', token: winner, path: { id: productId } });
  const exchange = { operation: 'POST /products/{id}/exchange', token: winner, path: { id: productId } };
  const { item_ids } = await ask({ ...exchange, key: 'exchange', body: { ...EXCHANGE, quantity: 3 } });
  const [usedId, itemId, givenId] = item_ids as [number, number, number];
  callers.products = { productId, usedId, itemId };
  await ask({
    operation: 'GET /inventory',
    token: winner,
    query: 'source=exchange&status=available&limit=1',
  });
  await ask({ operation: 'GET /admin/inventory', token: staff, query: 'source=exchange&limit=1' });
  const used = { token: winner, path: { item_id: usedId } };
  const { code } = await ask({ operation: 'GET /inventory/{item_id}/code', ...used });
  await ask({ operation: 'POST /admin/redemptions', token: staff, body: { code } });
  const given = { path: { item_id: givenId }, body: { to_user_id: dinerId } };
  await ask({ operation: 'POST /inventory/{item_id}/transfer', token: winner, key: 'give', ...given });
  await ask({ operation: 'PUT /admin/products/{id}', ...managed, body: { version: 1, description: '外带' } });
}

export function refusalsOfProducts(callers: Callers): [Asked, number, string][] {
  const { winner, dinerId, superAdmin, products } = callers;
  const { productId, usedId, itemId } = products;
  const exchange = { operation: 'POST /products/{id}/exchange', token: winner };
  const there = { path: { id: productId } };
  const missing = { path: { id: MISSING } };
  const edit = { operation: 'PUT /admin/products/{id}', token: superAdmin, body: { version: 1, price: 2 } };
  const stock = { operation: 'POST /admin/products/{id}/stock', token: superAdmin, body: { delta: -9 } };
  const code = { operation: 'GET /inventory/{item_id}/code', token: winner };
  const give = {
    operation: 'POST /inventory/{item_id}/transfer',
    token: winner,
    body: { to_user_id: dinerId },
  };
  return [
    [{ operation: 'GET /products/{id}', token: winner, ...missing }, 404, 'NOT_FOUND'],
    [{ operation: 'GET /admin/products/{id}', token: superAdmin, ...missing }, 404, 'NOT_FOUND'],
    [{ ...exchange, ...missing, key: 'none', body: EXCHANGE }, 404, 'NOT_FOUND'],
    [{ ...exchange, ...there, body: EXCHANGE }, 400, 'IDEMPOTENCY_KEY_REQUIRED'],
    [{ ...exchange, ...there, key: 'stale', body: EXCHANGE }, 409, 'CONFLICT'],
    [{ ...exchange, ...there, key: 'out', body: { ...EXCHANGE, version: 2 } }, 409, 'CONFLICT'],
    [{ ...exchange, ...there, key: 'exchange', body: EXCHANGE }, 409, 'IDEMPOTENCY_KEY_REUSED'],
    [
      {
        operation: 'POST /admin/products',
        token: superAdmin,
        key: 'stock-in',
        body: { name: '茶', price: 1 },
      },
      409,
      'IDEMPOTENCY_KEY_REUSED',
    ],
    [{ ...edit, ...there }, 409, 'CONFLICT'],
    [{ ...edit, ...missing }, 404, 'NOT_FOUND'],
    [{ ...stock, ...there }, 409, 'CONFLICT'],
    [{ ...stock, ...missing }, 404, 'NOT_FOUND'],
    ...[code, give].flatMap((asked): [Asked, number, string][] => [
      [{ ...asked, path: { item_id: MISSING } }, 404, 'NOT_FOUND'],
      [{ ...asked, path: { item_id: usedId } }, 409, 'CONFLICT'],
    ]),
    [{ ...give, path: { item_id: itemId }, body: { to_user_id: MISSING } }, 404, 'NOT_FOUND'],
  ];
}
