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
  await chooseByCondition(ask, token);
}

const CONDITIONS = '/admin/segment-conditions';

async function chooseByCondition(ask: Ask, token: string): Promise<void> {
  const condition = 'level >= 3';
  await ask({ operation: `POST ${CONDITIONS}/preview`, token, body: { condition } });
  const made = { name: 'regulars', title: '常客', condition };
  const { segment_id: id } = await ask({ operation: `POST ${CONDITIONS}`, token, body: made });
  const body = { version: 1, title: '常客', condition: 'level >= 2', status: 'paused' };
  await ask({ operation: `PUT ${CONDITIONS}/{id}`, token, path: { id }, body });
  await ask({ operation: `GET ${CONDITIONS}`, token });
  await ask({ operation: `DELETE ${CONDITIONS}/{id}`, token, path: { id } });
  await ask({ operation: `POST ${CONDITIONS}`, token, body: { ...made, name: 'kept' } });
}

export function refusalsOfPeople({ superAdmin: token }: Callers): [Asked, number, string][] {
  const listed = { operation: 'PUT /admin/blacklist/{user_id}', token, path: { user_id: MISSING } };
  const members = { operation: 'PUT /admin/segments/{segment}/members', token, path: { segment: 'gold' } };
  const made = { operation: `POST ${CONDITIONS}`, token };
  const edited = { operation: `PUT ${CONDITIONS}/{id}`, token, path: { id: MISSING } };
  const removed = { operation: `DELETE ${CONDITIONS}/{id}`, token, path: { id: MISSING } };
  const document = { title: '常客', condition: 'level >= 3' };
  return [
    [{ ...made, body: { name: 'kept', ...document } }, 409, 'CONFLICT'],
    [{ ...edited, body: { version: 1, ...document, status: 'active' } }, 404, 'NOT_FOUND'],
    [removed, 404, 'NOT_FOUND'],
    [{ ...members, path: { segment: 'kept' }, body: {} }, 409, 'CONFLICT'],
    [{ ...listed, body: { reason: '刷单' } }, 404, 'NOT_FOUND'],
    [{ ...members, body: { add: [MISSING] } }, 404, 'NOT_FOUND'],
  ];
}
