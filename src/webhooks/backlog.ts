/** What endpoints have not been told yet, and which of them do not listen. */
import { In, LessThanOrEqual } from 'typeorm';
import { Webhook } from '../../entities/webhooks/Webhook.ts';
import { WebhookDelivery } from '../../entities/webhooks/WebhookDelivery.ts';
import { countTo } from '../platform/database/numberedList.ts';
import type { Database } from '../platform/database/transaction.ts';
import { LIMITS } from '../platform/limits.ts';

export interface WebhookBacklog {
  /** Deliveries that are due, or tried now; counted to a bound. */
  waiting: number;
  /** Endpoints whose last tries have failed. */
  failing: number;
  /** Those that were given up. */
  disabled: number;
}

export async function readWebhookBacklog(
  { currentReader: manager }: Database,
  nowMs: number,
): Promise<WebhookBacklog> {
  // They are few.
  const endpoints = await manager.find(Webhook, {
    select: { webhook_id: true, status: true, failures: true, disabled_reason: true },
  });
  const enabled = endpoints.filter(({ status }) => status === 'enabled');
  const where = {
    webhook_id: In(enabled.map(({ webhook_id: id }) => id)),
    status: 'pending' as const,
    due_at: LessThanOrEqual(new Date(nowMs)),
  };
  return {
    waiting:
      enabled.length === 0
        ? 0
        : await countTo(LIMITS.countedRows, { manager, entity: WebhookDelivery, where }),
    failing: enabled.filter(({ failures }) => failures > 0).length,
    disabled: endpoints.filter(({ disabled_reason: reason }) => reason !== null).length,
  };
}
