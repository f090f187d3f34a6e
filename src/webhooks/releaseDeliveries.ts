import { IsNull, Not } from 'typeorm';
import { WebhookDelivery } from '../../entities/webhooks/WebhookDelivery.ts';
import type { Tx } from '../platform/database/transaction.ts';

/** Tries that were under way are made again at once: whether they have arrived is not known, and their ids tell whoever has had them. */
export async function releaseDeliveries(tx: Tx, nowMs: number): Promise<void> {
  const underWay = { status: 'pending', claimed_by: Not(IsNull()) } as const;
  await tx.manager.update(WebhookDelivery, underWay, { claimed_by: null, due_at: new Date(nowMs) });
}
