/** Bills that diners claim, and who decides them. */
import type { Ask, Asked, Callers } from './contractCallers.ts';

const MISSING = { id: 2_147_483_647 };
const claimOf = (bill_no: string, { paidAt: paid_at }: Callers) => ({
  restaurant_id: 1,
  bill_no,
  amount: 128.5,
  paid_at,
});

export async function claimBills(ask: Ask, callers: Callers): Promise<void> {
  const { diner, admin: token } = callers;
  const operation = 'POST /spend-claims';
  const body = claimOf('K01-1', callers);
  const first = await ask({ operation, token: diner, key: 'claim', body });
  await ask({ operation, token: diner, key: 'claim', body });
  const others = [];
  for (const number of ['K01-2', 'K01-3'])
    others.push((await ask({ operation, token: diner, body: claimOf(number, callers) })).review_id);
  await ask({ operation: 'GET /spend-claims', token: diner, query: 'limit=2' });
  await ask({ operation: 'GET /admin/reviews', token, query: 'kind=spend_claim&status=pending&limit=2' });
  const path = { id: first.review_id };
  callers.reviewId = first.review_id;
  await ask({ operation: 'GET /admin/reviews/{id}', token, path });
  const decision = { decision: 'approve', reason: '已核对' };
  await ask({ operation: 'POST /admin/reviews/{id}', token, path, body: decision });
  const batch = { ids: [...others, MISSING.id], decision: 'reject', reason: '照片不清' };
  await ask({ operation: 'POST /admin/reviews/decide', token, body: batch });
  await ask({ operation: 'GET /spend-claims', token: diner });
}

/** After all of the above. */
export function refusalsOfReviews(callers: Callers): [Asked, number, string][] {
  const { diner, staff, admin: token, reviewId } = callers;
  const decided = { id: reviewId };
  const decide = { operation: 'POST /admin/reviews/{id}', token, body: { decision: 'approve' } };
  const claim = { operation: 'POST /spend-claims', token: diner };
  return [
    [{ ...claim, body: { ...claimOf('K02-1', callers), restaurant_id: MISSING.id } }, 404, 'NOT_FOUND'],
    [{ ...claim, key: 'claim', body: claimOf('K02-2', callers) }, 409, 'IDEMPOTENCY_KEY_REUSED'],
    [{ ...decide, path: MISSING }, 404, 'NOT_FOUND'],
    [{ ...decide, path: decided }, 409, 'CONFLICT'],
    [{ ...decide, path: decided, token: staff }, 403, 'FORBIDDEN'],
    [{ operation: 'GET /admin/reviews/{id}', token, path: MISSING }, 404, 'NOT_FOUND'],
  ];
}
