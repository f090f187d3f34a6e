/** What was sent, and is to be sent, to an endpoint, as administrators see it. */
import { WebhookDelivery, type WebhookDeliveryStatus } from '../../entities/webhooks/WebhookDelivery.ts';
import { recordAction } from '../admin/adminLog.ts';
import type { Actor } from '../platform/caller.ts';
import type { Clock } from '../platform/clock.ts';
import { listNumbered, type LongPage, type NumberedQuery } from '../platform/database/numberedList.ts';
import type { Database } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { DELIVERIES_TOPIC } from './deliveryStore.ts';
import { conflict, lockEndpoint, readEndpoint } from './endpoints.ts';

export interface DeliveryQuery extends NumberedQuery {
  webhookId: number;
  status?: WebhookDeliveryStatus | undefined;
}

/** Newest first. @throws AppError NOT_FOUND */
export async function listDeliveries(
  database: Database,
  { webhookId, status, ...query }: DeliveryQuery,
): Promise<LongPage<WebhookDelivery>> {
  await readEndpoint(database, webhookId);
  const table = { entity: WebhookDelivery, key: 'delivery_id', indexed: ['webhook_id'] } as const;
  return listNumbered(database.currentReader, table, { webhook_id: webhookId, status }, query);
}

/**
 * Sends it again now, whatever became of it, with all tries and the same id.
 * @throws AppError NOT_FOUND, CONFLICT when it is just being sent, or its endpoint is disabled
 */
export async function replayDelivery(
  { database, clock }: { database: Database; clock: Clock },
  { actor, deliveryId }: { actor: Actor; deliveryId: number },
): Promise<WebhookDelivery> {
  return database.retryingTransaction(async (tx) => {
    const found = await tx.manager.findOneBy(WebhookDelivery, { delivery_id: deliveryId });
    if (found === null) throw new AppError('NOT_FOUND');
    const endpoint = await lockEndpoint(tx, found.webhook_id);
    if (endpoint.status === 'disabled')
      throw conflict('the endpoint is disabled', { webhook_id: endpoint.webhook_id });
    const [before] = await tx.lock(WebhookDelivery, { where: { delivery_id: deliveryId } });
    if (before === undefined) throw new AppError('NOT_FOUND');
    const nowMs = clock.nowMs();
    if (before.claimed_by !== null && (before.due_at?.getTime() ?? 0) > nowMs)
      throw conflict('it is just being sent');
    const at = new Date(nowMs);
    const change = {
      status: 'pending',
      attempts: 0,
      due_at: at,
      claimed_by: null,
      finished_at: null,
    } as const;
    await tx.manager.update(WebhookDelivery, { delivery_id: deliveryId }, change);
    tx.topics.add(DELIVERIES_TOPIC);
    const target = { type: 'webhook_delivery', id: deliveryId };
    const [was, is] = [stateOf(before), stateOf({ ...before, ...change })];
    await recordAction(tx, { actor, action: 'webhook.replay', target, before: was, after: is }, nowMs);
    return { ...before, ...change };
  });
}

function stateOf({ webhook_id, event_id, status, attempts }: WebhookDelivery) {
  return { webhook_id, event_id, status, attempts };
}
