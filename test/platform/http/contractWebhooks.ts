/** One success of every operation of webhooks, and what they refuse for how things are. */
import type { Ask, Asked, Callers } from './contractCallers.ts';

const MISSING = { id: 2_147_483_647 };

export async function tellSystems(ask: Ask, { superAdmin: token }: Callers): Promise<void> {
  const made = { url: 'https://example.com/events', events: ['points:earned'], description: '会计系统' };
  const { webhook_id: id } = await ask({ operation: 'POST /admin/webhooks', token, body: made });
  const webhook = { token, path: { id } };
  await ask({ operation: 'GET /admin/webhooks', token, query: 'limit=5' });
  await ask({ operation: 'GET /admin/webhooks/{id}', ...webhook });
  await ask({
    operation: 'PUT /admin/webhooks/{id}',
    ...webhook,
    body: { version: 1, events: ['lottery:*'], status: 'disabled' },
  });
  await ask({ operation: 'POST /admin/webhooks/{id}/rotate', ...webhook });
  const another = await ask({ operation: 'POST /admin/webhooks', token, body: made });
  await ask({ operation: 'DELETE /admin/webhooks/{id}', token, path: { id: another.webhook_id } });
}

/** Of the one that is left. */
export function refusalsOfWebhooks({ superAdmin: token }: Callers): [Asked, number, string][] {
  const of = (operation: string, extra: Partial<Asked> = {}): Asked => ({
    operation,
    token,
    path: MISSING,
    ...extra,
  });
  return [
    [of('GET /admin/webhooks/{id}'), 404, 'NOT_FOUND'],
    [of('PUT /admin/webhooks/{id}', { body: { version: 1 } }), 404, 'NOT_FOUND'],
    [of('PUT /admin/webhooks/{id}', { path: { id: 1 }, body: { version: 1 } }), 409, 'CONFLICT'],
    [of('POST /admin/webhooks/{id}/rotate'), 404, 'NOT_FOUND'],
    [of('DELETE /admin/webhooks/{id}'), 404, 'NOT_FOUND'],
  ];
}
