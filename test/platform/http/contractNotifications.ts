/** One success of every operation on notifications. */
import type { Ask, Callers } from './contractCallers.ts';

export async function readNotifications(ask: Ask, { diner: token }: Callers): Promise<void> {
  await ask({ operation: 'GET /notifications', token, query: 'unread=true&page=1&limit=5' });
  await ask({ operation: 'GET /notifications/unread-count', token });
  await ask({ operation: 'POST /notifications/read', token, body: { ids: [1] } });
  await ask({ operation: 'POST /notifications/read', token, body: { up_to_id: 1 } });
  const preferences = await ask({ operation: 'GET /notifications/preferences', token });
  await ask({ operation: 'PUT /notifications/preferences', token, body: preferences });
}
