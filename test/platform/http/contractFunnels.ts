/** One success of every operation on funnels, and what they refuse for how things are. */
import type { Ask, Asked, Callers } from './contractCallers.ts';

const MISSING = 2_147_483_647;
const STEPS = [
  { kind: 'page', name: 'campaign', target_type: 'campaign', target_id: 1 },
  { kind: 'action', name: 'draw' },
];
const BODY = { name: '看到抽奖', steps: STEPS, window_seconds: 3600, order: 'strict', unit: 'visit' };
const DAYS = 'from=2026-02-28&to=2026-03-01';

export async function lookAtFunnels(ask: Ask, callers: Callers): Promise<void> {
  const { superAdmin: token } = callers;
  const made = await ask({ operation: 'POST /analytics/funnels', token, key: 'funnel', body: BODY });
  const one = { token, path: { id: made.funnel_id } };
  await ask({ operation: 'GET /analytics/funnels', token });
  await ask({ operation: 'GET /analytics/funnels/{id}', ...one });
  await ask({ operation: 'GET /analytics/funnels/{id}/report', ...one, query: DAYS });
  const { name: _, ...run } = BODY;
  await ask({ operation: 'POST /analytics/funnels/run', token, body: { ...run, to: '2026-03-01' } });
  await ask({ operation: 'PUT /analytics/funnels/{id}', ...one, body: { version: 1, order: 'any' } });
  await ask({ operation: 'DELETE /analytics/funnels/{id}', ...one });
  const kept = await ask({ operation: 'POST /analytics/funnels', token, body: BODY });
  callers.funnelId = kept.funnel_id;
}

const OF_ALL = ['retention&period=day', 'churn', 'value'];
const OF_ONE = ['paths&depth=2&page=home', 'features', 'dwell', 'periodicity', 'anomaly'];

export async function lookAtBehavior(ask: Ask, { superAdmin, diner, dinerId }: Callers): Promise<void> {
  const operation = 'GET /smart/behavior-analysis';
  for (const kind of OF_ALL) await ask({ operation, token: superAdmin, query: `kind=${kind}` });
  for (const kind of OF_ONE)
    await ask({ operation, token: superAdmin, query: `kind=${kind}&user_id=${dinerId}` });
  await ask({ operation, token: diner, query: 'kind=features' });
}

export function refusalsOfFunnels({
  superAdmin: token,
  diner,
  funnelId,
}: Callers): [Asked, number, string][] {
  const missing = { token, path: { id: MISSING } };
  const change = { operation: 'PUT /analytics/funnels/{id}', body: { version: 9 } };
  const make = { operation: 'POST /analytics/funnels', token, body: BODY };
  return [
    ...[
      'GET /analytics/funnels/{id}',
      'GET /analytics/funnels/{id}/report',
      'DELETE /analytics/funnels/{id}',
    ].map((operation): [Asked, number, string] => [{ operation, ...missing }, 404, 'NOT_FOUND']),
    [{ ...change, ...missing }, 404, 'NOT_FOUND'],
    [{ ...change, token, path: { id: funnelId } }, 409, 'CONFLICT'],
    [make, 409, 'CONFLICT'],
    [{ operation: 'GET /smart/behavior-analysis', token: diner, query: 'kind=churn' }, 403, 'FORBIDDEN'],
    [{ ...make, key: 'funnel', body: { ...BODY, unit: 'person' } }, 409, 'IDEMPOTENCY_KEY_REUSED'],
  ];
}
