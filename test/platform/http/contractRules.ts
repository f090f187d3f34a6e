/** One success of every operation of rules, bills, check-ins and tasks, and what they refuse for how things are. */
import type { Ask, Asked, Callers } from './contractCallers.ts';

const MISSING = { id: 2_147_483_647 };
const definition = { amount: 'bill_amount / 100' };
const of = (id: number) => ({ path: { id } });

/** After the diner has drawn. */
export async function earnByRules(ask: Ask, callers: Callers): Promise<void> {
  const { diner, victim, staff } = callers;
  await ask({ operation: 'GET /points/rules', token: diner });
  await ask({ operation: 'POST /points/check-in', token: diner, key: 'day' });
  await ask({ operation: 'GET /points/check-in', token: diner, query: 'month=2026-03' });
  const { items } = await ask({ operation: 'GET /points/tasks', token: diner });
  const { task_id: id } = items.find((task: { status: string }) => task.status === 'claimable');
  await ask({ operation: 'POST /points/tasks/{id}/claim', token: diner, ...of(id) });
  const bill = { user_id: victim.userId, bill_no: 'T01-0001', bill_amount: 88.5 };
  await ask({ operation: 'POST /points/pay', token: staff, key: 'bill', body: bill });
  await ask({ operation: 'GET /points/bills', token: victim.token, query: 'limit=1' });
  const path = { bill_no: bill.bill_no };
  const refund = { operation: 'POST /points/pay/{bill_no}/refund', token: staff, path };
  await ask({ ...refund, key: 'refund', body: { amount: 8.5 } });
  await makeRules(ask, callers);
}

async function makeRules(ask: Ask, { victim, superAdmin: token }: Callers): Promise<void> {
  const made = { type: 'rebate', name: '午市', definition };
  const { rule_id: id } = await ask({ operation: 'POST /admin/rules', token, body: made });
  const rule = { token, ...of(id) };
  const edit = { version: 1, definition: { ...definition, priority: 1 } };
  await ask({ operation: 'PUT /admin/rules/{id}', ...rule, body: edit });
  for (const [verb, version] of [
    ['publish', 2],
    ['return', 2],
    ['withdraw', 2],
  ])
    await ask({ operation: `POST /admin/rules/{id}/${verb}`, ...rule, body: { version } });
  await ask({ operation: 'GET /admin/rules', token, query: 'type=rebate&limit=5' });
  await ask({ operation: 'GET /admin/rules/{id}', ...rule });
  const asked = { type: 'rebate', user_id: victim.userId, bill_amount: 88.5, rule_id: id, definition };
  await ask({ operation: 'POST /admin/rules/preview', token, body: asked });
}

export function refusalsByRules({ diner, victim, staff, superAdmin }: Callers): [Asked, number, string][] {
  const pay = { operation: 'POST /points/pay', token: staff };
  const bill = { user_id: victim.userId, bill_no: 'T01-0001', bill_amount: 1 };
  const refund = {
    operation: 'POST /points/pay/{bill_no}/refund',
    token: staff,
    path: { bill_no: 'T01-0001' },
  };
  const claim = { operation: 'POST /points/tasks/{id}/claim', token: diner };
  const preview = { operation: 'POST /admin/rules/preview', token: superAdmin };
  const ofNobody = { type: 'rebate', user_id: MISSING.id, bill_amount: 1 };
  const changing: Asked[] = [
    {
      operation: 'PUT /admin/rules/{id}',
      token: superAdmin,
      body: { version: 9, definition: { amount: '100' } },
    },
    ...['publish', 'withdraw'].map((verb) => ({
      operation: `POST /admin/rules/{id}/${verb}`,
      token: superAdmin,
      body: { version: 9 },
    })),
  ];
  const returning = { operation: 'POST /admin/rules/{id}/return', token: superAdmin, body: { version: 9 } };
  return [
    [{ ...pay, body: bill }, 400, 'IDEMPOTENCY_KEY_REQUIRED'],
    [{ ...pay, key: 'bill', body: bill }, 409, 'IDEMPOTENCY_KEY_REUSED'],
    [{ ...pay, key: 'other', body: bill }, 409, 'CONFLICT'],
    [
      { ...pay, key: 'nobody', body: { ...bill, user_id: MISSING.id, bill_no: 'T01-0002' } },
      404,
      'NOT_FOUND',
    ],
    [{ ...refund, path: { bill_no: 'T01-0003' }, body: {} }, 404, 'NOT_FOUND'],
    [{ ...refund, body: { amount: 80.01 } }, 409, 'CONFLICT'],
    [{ operation: 'POST /points/check-in', token: diner }, 409, 'CONFLICT'],
    [{ ...claim, path: MISSING }, 404, 'NOT_FOUND'],
    // Of the rules of the demo: three check-ins in a week.
    [{ ...claim, ...of(5) }, 409, 'CONFLICT'],
    [{ ...preview, body: ofNobody }, 404, 'NOT_FOUND'],
    ...changing.flatMap((asked): [Asked, number, string][] => [
      [{ ...asked, path: MISSING }, 404, 'NOT_FOUND'],
      [{ ...asked, ...of(1) }, 409, 'CONFLICT'],
    ]),
    [{ ...returning, ...of(1) }, 404, 'NOT_FOUND'],
    [{ ...returning, ...of(1), body: { version: 1, seen_version: 9 } }, 409, 'CONFLICT'],
  ];
}
