/** One success of every operation on what was won, and what they refuse for how things are. */
import type { Ask, Asked, Callers } from './contractCallers.ts';

const MISSING = { item_id: 2_147_483_647 };
const NEEDED = 3;
/** The points of one diner are enough for so many, and each ten draws win something. */
const TENS = 10;

/** Three items: one is sent, one fetched, one voided. */
export async function winPrizes(ask: Ask, callers: Callers): Promise<void> {
  const { winner, staff, superAdmin } = callers;
  callers.won = (await winThings(ask, winner)).slice(0, NEEDED);
  const [sent, fetched, voided] = callers.won as [Won, Won, Won];
  const claim = { operation: 'POST /lottery/claim', token: winner };
  const address = { name: '王小明', phone: '021-5555 0100', address: '上海市南京路 1 号' };
  await ask({ ...claim, key: 'claim', body: { draw_id: sent.draw_id, delivery_info: address } });
  await ask({ ...claim, body: { draw_id: fetched.draw_id, delivery_info: { pickup: true } } });
  const path = { item_id: fetched.item_id };
  const { code } = await ask({ operation: 'GET /lottery/my-prizes/{item_id}/code', token: winner, path });
  callers.code = code;
  await ask({ operation: 'POST /admin/redemptions', token: staff, key: 'scan', body: { code } });
  const rated = { token: winner, path, body: { rating: 5 } };
  await ask({ operation: 'POST /lottery/my-prizes/{item_id}/rating', ...rated });
  const voiding = { path: { item_id: voided.item_id }, body: { reason: '核对' } };
  await ask({ operation: 'POST /admin/prizes/won/{item_id}/void', token: superAdmin, ...voiding });
  const delivery = { token: superAdmin, path: { item_id: sent.item_id } };
  const query = 'status=requested&limit=1';
  await ask({ operation: 'GET /admin/deliveries', token: superAdmin, query });
  await ask({ operation: 'GET /admin/deliveries/{item_id}', ...delivery });
  for (const status of ['shipped', 'delivered'])
    await ask({
      operation: 'PUT /admin/deliveries/{item_id}',
      ...delivery,
      body: { status, carrier: '顺丰' },
    });
  const staffOf = { token: superAdmin, path: { id: callers.victim.userId } };
  const restaurants = { operation: 'PUT /admin/users/{id}/restaurants', ...staffOf };
  await ask({ ...restaurants, body: { restaurant_ids: [7] } });
  await ask({ operation: 'GET /admin/users/{id}/restaurants', ...staffOf });
}

type Won = Callers['won'][number];

async function winThings(ask: Ask, token: string): Promise<Won[]> {
  for (let ten = 0; ten < TENS; ten++) {
    const body = { campaign_id: 1, draw_count: 10, request_id: `ten-${ten}` };
    await ask({ operation: 'POST /lottery/draw', token, body });
    const { items } = await ask({
      operation: 'GET /lottery/my-prizes',
      token,
      query: 'status=unclaimed&limit=10',
    });
    if (items.length >= NEEDED) return items;
  }
  throw new Error('A hundred draws have not won three things');
}

export function refusalsOfPrizes({
  winner,
  won,
  code,
  staff,
  superAdmin,
}: Callers): [Asked, number, string][] {
  const [sent, , voided] = won as [Won, Won, Won];
  const claim = { operation: 'POST /lottery/claim', token: winner };
  const scan = { operation: 'POST /admin/redemptions', token: staff };
  const ofVoided = { path: { item_id: voided.item_id } };
  const onItems: Asked[] = [
    { operation: 'GET /lottery/my-prizes/{item_id}/code', token: winner },
    { operation: 'POST /lottery/my-prizes/{item_id}/rating', token: winner, body: { rating: 1 } },
    { operation: 'POST /admin/prizes/won/{item_id}/void', token: superAdmin, body: { reason: '核对' } },
  ];
  const delivery = {
    operation: 'PUT /admin/deliveries/{item_id}',
    token: superAdmin,
    body: { status: 'preparing' },
  };
  return [
    [{ ...claim, body: { draw_id: MISSING.item_id } }, 404, 'NOT_FOUND'],
    [{ ...claim, body: { draw_id: sent.draw_id } }, 409, 'PRIZE_ALREADY_CLAIMED'],
    [{ ...claim, key: 'claim', body: { draw_id: sent.draw_id } }, 409, 'IDEMPOTENCY_KEY_REUSED'],
    [{ ...scan, body: { code: 'SAVE-20' } }, 404, 'NOT_FOUND'],
    [{ ...scan, token: winner, body: { code: 'SAVE-20' } }, 403, 'FORBIDDEN'],
    [{ ...scan, key: 'scan', body: { code: 'SAVE-21' } }, 404, 'NOT_FOUND'],
    [{ ...scan, body: { code } }, 409, 'CONFLICT'],
    ...onItems.flatMap((asked): [Asked, number, string][] => [
      [{ ...asked, path: MISSING }, 404, 'NOT_FOUND'],
      [{ ...asked, ...ofVoided }, 409, 'CONFLICT'],
    ]),
    [{ operation: 'GET /admin/deliveries/{item_id}', token: superAdmin, path: MISSING }, 404, 'NOT_FOUND'],
    [{ ...delivery, path: MISSING }, 404, 'NOT_FOUND'],
    [{ ...delivery, path: { item_id: sent.item_id } }, 409, 'CONFLICT'],
  ];
}
