/** One success of every operation of webhooks, and what they refuse for how things are. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ask, Asked, Callers } from './contractCallers.ts';

const MISSING = { id: 2_147_483_647 };
/** Nobody has a name like this. */
const URL = 'https://endpoint.invalid/events';

export async function tellSystems(ask: Ask, { victim, superAdmin: token }: Callers): Promise<void> {
  const { webhook_id: id } = await ask({ ...endpoint(token), key: 'endpoint' });
  const webhook = { token, path: { id } };
  await ask({ operation: 'GET /admin/webhooks', token, query: 'limit=5' });
  await ask({ operation: 'GET /admin/webhooks/{id}', ...webhook });
  const earned = { user_id: victim.userId, amount: 1, reason: '茶', source: 'pos' };
  await ask({ operation: 'POST /points/earn', token, key: 'told', body: earned });
  const failed = await failedDelivery(ask, webhook);
  const replay = 'POST /admin/webhooks/deliveries/{id}/replay';
  await ask({ operation: replay, token, path: { id: failed } });
  await ask({
    operation: 'PUT /admin/webhooks/{id}',
    ...webhook,
    body: { version: 1, events: ['lottery:*'], status: 'disabled' },
  });
  await ask({ operation: 'POST /admin/webhooks/{id}/rotate', ...webhook, key: 'new-secret' });
  const another = await ask(endpoint(token));
  await ask({ operation: 'DELETE /admin/webhooks/{id}', token, path: { id: another.webhook_id } });
}

function endpoint(token: string): Asked {
  const body = { url: URL, events: ['points:earned'], description: '会计系统' };
  return { operation: 'POST /admin/webhooks', token, body };
}

/** Once it has been tried. */
async function failedDelivery(ask: Ask, webhook: Pick<Asked, 'token' | 'path'>): Promise<number> {
  for (;;) {
    const asked = { operation: 'GET /admin/webhooks/{id}/deliveries', ...webhook, query: 'status=pending' };
    const { items } = await ask(asked);
    if (items[0]?.attempts > 0) return items[0].delivery_id as number;
    await sleep(100);
  }
}

/** Of the one that is left, and its delivery. */
export function refusalsOfWebhooks({ superAdmin: token }: Callers): [Asked, number, string][] {
  const of = (operation: string, extra: Partial<Asked> = {}): Asked => ({
    operation,
    token,
    path: MISSING,
    ...extra,
  });
  const first = { path: { id: 1 } };
  return [
    [of('GET /admin/webhooks/{id}'), 404, 'NOT_FOUND'],
    [of('PUT /admin/webhooks/{id}', { body: { version: 1 } }), 404, 'NOT_FOUND'],
    [of('PUT /admin/webhooks/{id}', { ...first, body: { version: 1 } }), 409, 'CONFLICT'],
    [{ ...endpoint(token), key: 'endpoint' }, 409, 'CONFLICT'],
    [
      of('POST /admin/webhooks', { body: { url: URL, events: ['*'] }, key: 'endpoint' }),
      409,
      'IDEMPOTENCY_KEY_REUSED',
    ],
    [of('POST /admin/webhooks/{id}/rotate'), 404, 'NOT_FOUND'],
    [of('POST /admin/webhooks/{id}/rotate', { ...first, key: 'new-secret' }), 409, 'CONFLICT'],
    [of('DELETE /admin/webhooks/{id}'), 404, 'NOT_FOUND'],
    [of('GET /admin/webhooks/{id}/deliveries'), 404, 'NOT_FOUND'],
    [of('POST /admin/webhooks/deliveries/{id}/replay'), 404, 'NOT_FOUND'],
    [of('POST /admin/webhooks/deliveries/{id}/replay', first), 409, 'CONFLICT'],
  ];
}
