/** One success of every operation on who may draw, and what they refuse for how things are. */
import type { Ask, Asked, Callers } from './contractCallers.ts';

const MISSING = 2_147_483_647;

export async function choosePeople(ask: Ask, { victim, superAdmin: token }: Callers): Promise<void> {
  const path = { user_id: victim.userId };
  const body = { reason: '刷单' };
  await ask({ operation: 'PUT /admin/blacklist/{user_id}', token, path, body });
  await ask({ operation: 'GET /admin/blacklist', token, query: 'limit=5' });
  await ask({ operation: 'DELETE /admin/blacklist/{user_id}', token, path });
  const members = { add: [victim.userId], remove: [] };
  const segment = { path: { segment: 'gold' }, body: members };
  await ask({ operation: 'PUT /admin/segments/{segment}/members', token, ...segment });
  await ask({ operation: 'GET /admin/segments', token });
}

export function refusalsOfPeople({ superAdmin: token }: Callers): [Asked, number, string][] {
  const listed = { operation: 'PUT /admin/blacklist/{user_id}', token, path: { user_id: MISSING } };
  const members = { operation: 'PUT /admin/segments/{segment}/members', token, path: { segment: 'gold' } };
  return [
    [{ ...listed, body: { reason: '刷单' } }, 404, 'NOT_FOUND'],
    [{ ...members, body: { add: [MISSING] } }, 404, 'NOT_FOUND'],
  ];
}
