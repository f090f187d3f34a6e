/** What is learned of what happens here, and foreseen. */
import type { Ask, Asked, Callers } from './contractCallers.ts';

const MISSING = 2_147_483_647;

export async function foresee(ask: Ask, { superAdmin: token, insightId }: Callers): Promise<void> {
  const query = 'measure=bills&restaurant_id=1&term=short&from=2026-02-28&to=2026-03-01';
  await ask({ operation: 'GET /smart/trends', token, query });
  await ask({ operation: 'GET /smart/trends', token, query: 'measure=visits&period=hour&by=feature' });
  await ask({ operation: 'GET /smart/best-time', token, query: 'kind=message' });
  const ofOne = 'kind=visit&of=restaurant&restaurant_id=1';
  await ask({ operation: 'GET /smart/best-time', token, query: ofOne });
  await ask({ operation: 'POST /smart/insights/look', token });
  await ask({ operation: 'GET /smart/insights', token, query: 'state=all&kind=anomaly&limit=1&before=9' });
  const path = { id: insightId };
  await ask({ operation: 'POST /smart/insights/{id}/dismiss', token, path });
}

export function refusalsOfForesight({ superAdmin: token, diner }: Callers): [Asked, number, string][] {
  const query = `measure=bills&restaurant_id=${MISSING}`;
  const best = { operation: 'GET /smart/best-time' };
  return [
    [{ operation: 'GET /smart/trends', token, query }, 404, 'NOT_FOUND'],
    [{ ...best, token: diner, query: 'kind=draw&of=group' }, 403, 'FORBIDDEN'],
    [{ ...best, token, query: `kind=draw&of=campaign&campaign_id=${MISSING}` }, 404, 'NOT_FOUND'],
    [{ operation: 'POST /smart/insights/{id}/dismiss', token, path: { id: MISSING } }, 404, 'NOT_FOUND'],
  ];
}
