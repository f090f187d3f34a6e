/*
 * When an endpoint is given up (E-6): nothing has got through for a day and ten tries, whatever they were of, or it has answered that
 * it is gone (410). Everything that has waited for it by then stays, and goes out once somebody has enabled it again.
 */
import { Webhook, type DisabledReason } from '../../entities/webhooks/Webhook.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { emitEvents } from '../platform/events/outbox.ts';
import { LIMITS } from '../platform/limits.ts';

const GONE = 410;

/** Of a locked endpoint: a try has failed. @returns why it is disabled now, if it is */
export async function noteFailure(
  tx: Tx,
  endpoint: Webhook,
  status: number | null,
  nowMs: number,
): Promise<DisabledReason | undefined> {
  const failures = endpoint.failures + 1;
  const since = endpoint.failing_since ?? new Date(nowMs);
  const change: Partial<Webhook> = { failures, failing_since: since };
  const reason = reasonToDisable({ failures, failingMs: nowMs - since.getTime(), status });
  const isGivenUp = reason !== undefined && endpoint.status === 'enabled';
  if (isGivenUp) {
    const { version } = endpoint;
    Object.assign(change, {
      status: 'disabled',
      disabled_reason: reason,
      version: version + 1,
      updated_at: new Date(nowMs),
    });
    const data = { webhook_id: endpoint.webhook_id, reason, failing_since: since.toISOString() };
    await emitEvents(tx, [{ type: 'webhook:disabled', userId: null, data, priority: 'high' }], nowMs);
  }
  await tx.manager.update(Webhook, { webhook_id: endpoint.webhook_id }, change);
  return isGivenUp ? reason : undefined;
}

interface Failing {
  failures: number;
  failingMs: number;
  status: number | null;
}

function reasonToDisable({ failures, failingMs, status }: Failing): DisabledReason | undefined {
  if (status === GONE) return 'gone';
  const isFailing = failures >= LIMITS.webhookFailures && failingMs >= LIMITS.webhookFailingMs;
  return isFailing ? 'failing' : undefined;
}
