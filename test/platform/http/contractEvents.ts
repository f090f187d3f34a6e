/** One success of every operation on events, and what they refuse for how things are. */
import type { Ask, Asked, Callers } from './contractCallers.ts';

const MISSING = 2_147_483_647;

export async function lookAtEvents(ask: Ask, { superAdmin: token }: Callers): Promise<void> {
  const body = { type: 'user:action', data: { action: '试' } };
  const { event_id: id } = await ask({ operation: 'POST /events/publish', token, body });
  await ask({ operation: 'GET /events', token, query: 'type=user%3Aaction&status=completed&limit=5' });
  await ask({ operation: 'GET /events/{id}', token, path: { id } });
  await ask({ operation: 'GET /events/types', token });
  await ask({ operation: 'GET /events/stats', token });
  await ask({ operation: 'POST /events/{id}/retry', token, path: { id } });
  await ask({ operation: 'POST /events/retry', token, body: { limit: 1 } });
}

export function refusalsOfEvents({ superAdmin: token }: Callers): [Asked, number, string][] {
  const path = { id: MISSING };
  const earned = { type: 'points:earned', data: {} };
  return [
    [{ operation: 'GET /events/{id}', token, path }, 404, 'NOT_FOUND'],
    [{ operation: 'POST /events/{id}/retry', token, path }, 404, 'NOT_FOUND'],
    [{ operation: 'POST /events/publish', token, body: earned }, 403, 'FORBIDDEN'],
  ];
}
