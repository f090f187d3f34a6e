/** One success of every operation on notifications. */
import type { Ask, Asked, Callers } from './contractCallers.ts';

export async function readNotifications(ask: Ask, { diner: token }: Callers): Promise<void> {
  await ask({ operation: 'GET /notifications', token, query: 'unread=true&page=1&limit=5' });
  await ask({ operation: 'GET /notifications', token, query: 'kind=lottery&limit=5' });
  await ask({ operation: 'GET /notifications/unread-count', token });
  await ask({ operation: 'POST /notifications/read', token, body: { ids: [1] } });
  await ask({ operation: 'POST /notifications/read', token, body: { up_to_id: 1 } });
  const preferences = await ask({ operation: 'GET /notifications/preferences', token });
  await ask({ operation: 'PUT /notifications/preferences', token, body: preferences });
}

const WORDS = { 'zh-CN': '明晚停机', en: 'No service tomorrow night' };
const MAINTENANCE = { kind: 'system', type: 'maintenance', title: WORDS, body: WORDS };
const MISSING = 2_147_483_647;

export async function tellMany(ask: Ask, { victim, superAdmin: token }: Callers): Promise<void> {
  const send = { operation: 'POST /admin/notifications', token, key: 'maintenance' };
  const body = { ...MAINTENANCE, user_ids: [victim.userId], data: { minutes: 30 } };
  const { broadcast_id: id } = await ask({ ...send, body });
  await ask({ operation: 'GET /admin/notifications', token, query: 'status=completed&page=1&limit=5' });
  for (const operation of ['GET /admin/notifications/{id}', 'POST /admin/notifications/{id}/retry'])
    await ask({ operation, token, path: { id } });
  await ask({ operation: 'POST /admin/notifications/{id}/cancel', token, path: { id } });
}

export function refusalsOfTellingMany({ superAdmin: token }: Callers): [Asked, number, string][] {
  const send = { operation: 'POST /admin/notifications', token };
  const one = (operation: string) => ({ operation, token, path: { id: MISSING } });
  return [
    [{ ...send, body: { ...MAINTENANCE, segment: 'nobody' } }, 404, 'NOT_FOUND'],
    [{ ...send, key: 'maintenance', body: { ...MAINTENANCE, all: true } }, 409, 'IDEMPOTENCY_KEY_REUSED'],
    [one('GET /admin/notifications/{id}'), 404, 'NOT_FOUND'],
    [one('POST /admin/notifications/{id}/cancel'), 404, 'NOT_FOUND'],
    [one('POST /admin/notifications/{id}/retry'), 404, 'NOT_FOUND'],
  ];
}
