/*
 * The rows of deliveries.
 *
 * States: pending → delivered (an answer of 2xx) | failed (the last try has failed, or its event is forgotten). A replay makes either
 * pending again, with all tries. One that is pending is tried when `due_at` has come, by the node that has claimed it: until then
 * `due_at` says when, and from then on how long it is that node's. A node that dies leaves it to whoever comes after that time.
 *
 * Whoever needs an endpoint and one of its deliveries locks the endpoint first.
 */
import { In, LessThanOrEqual } from 'typeorm';
import { BusinessEvent } from '../../entities/platform/BusinessEvent.ts';
import { Webhook, type DisabledReason } from '../../entities/webhooks/Webhook.ts';
import { WebhookDelivery } from '../../entities/webhooks/WebhookDelivery.ts';
import { insertAll } from '../platform/database/bulk.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import type { DomainEvent } from '../platform/events/bus.ts';
import { delayAfter } from './backoff.ts';
import { noteFailure } from './failing.ts';
import { isWanted } from './filters.ts';

/** Among the topics of a transaction after which something may be due. */
export const DELIVERIES_TOPIC = 'webhook-deliveries';

export interface DueDelivery {
  deliveryId: number;
  attempts: number;
  /** The same with each try, and for each endpoint. */
  id: string;
  body: string;
  /** An administrator has published it, and it has not happened. */
  isSimulated: boolean;
}

/** What has come of a try. */
export type Outcome =
  | { isDelivered: true; status: number }
  | { isDelivered: false; status: number | null; error: string; retryAfterMs?: number | undefined };

/** One delivery for each event and each endpoint that wants it, however many there are of either: two statements. */
export async function writeDeliveries(tx: Tx, events: readonly DomainEvent[], nowMs: number): Promise<void> {
  const endpoints = await tx.manager.findBy(Webhook, { status: 'enabled' });
  const at = new Date(nowMs);
  const rows = endpoints.flatMap(({ webhook_id, events: filters }) =>
    events
      .filter(({ type }) => isWanted(type, filters))
      .map(({ eventId, type }) => ({
        webhook_id,
        event_id: eventId,
        event_type: type,
        status: 'pending' as const,
        due_at: at,
        created_at: at,
      })),
  );
  if (rows.length === 0) return;
  tx.topics.add(DELIVERIES_TOPIC);
  await insertAll(tx, WebhookDelivery, rows);
}

export interface DueQuery {
  webhookId: number;
  nowMs: number;
}

const dueWhere = ({ webhookId, nowMs }: DueQuery) => ({
  webhook_id: webhookId,
  status: 'pending' as const,
  due_at: LessThanOrEqual(new Date(nowMs)),
});

/** Without a transaction: mostly nothing is. */
export async function isAnyDue(database: Database, query: DueQuery): Promise<boolean> {
  const where = dueWhere(query);
  const select = { delivery_id: true } as const;
  return (await database.currentReader.find(WebhookDelivery, { select, where, take: 1 })).length > 0;
}

export interface Claiming extends DueQuery {
  nodeId: string;
  limit: number;
  leaseMs: number;
}

export interface Claimed {
  endpoint: Webhook;
  deliveries: DueDelivery[];
}

/** They are this node's until their lease is over. @returns undefined when nothing is due, or the endpoint is not enabled */
export async function claimDue(
  tx: Tx,
  { nodeId, limit, leaseMs, ...query }: Claiming,
): Promise<Claimed | undefined> {
  const { webhookId, nowMs } = query;
  const endpoint = await tx.manager.findOneBy(Webhook, { webhook_id: webhookId, status: 'enabled' });
  if (endpoint === null) return undefined;
  const due = await tx.lock(WebhookDelivery, {
    where: dueWhere(query),
    order: { due_at: 'ASC' },
    take: limit,
  });
  if (due.length === 0) return undefined;
  const events = await eventsOf(tx, due);
  const [known, forgotten] = [
    due.filter(({ event_id }) => events.has(event_id)),
    due.filter(({ event_id }) => !events.has(event_id)),
  ];
  await change(tx, known, { due_at: new Date(nowMs + leaseMs), claimed_by: nodeId });
  await change(tx, forgotten, {
    status: 'failed',
    last_error: 'its event is forgotten',
    due_at: null,
    finished_at: new Date(nowMs),
  });
  const deliveries = known.map((row) => {
    const event = events.get(row.event_id)!;
    return {
      deliveryId: row.delivery_id,
      attempts: row.attempts,
      id: `evt_${row.event_id}`,
      body: bodyOf(event),
      isSimulated: event.is_simulated,
    };
  });
  return { endpoint, deliveries };
}

async function eventsOf(tx: Tx, due: readonly WebhookDelivery[]): Promise<Map<number, BusinessEvent>> {
  const event_id = In(due.map((row) => row.event_id));
  const events = await tx.manager.findBy(BusinessEvent, { event_id });
  return new Map(events.map((event) => [event.event_id, event]));
}

async function change(
  tx: Tx,
  rows: readonly WebhookDelivery[],
  values: Partial<WebhookDelivery>,
): Promise<void> {
  if (rows.length === 0) return;
  await tx.manager.update(WebhookDelivery, { delivery_id: In(rows.map((row) => row.delivery_id)) }, values);
}

/** The data goes as it is stored. */
function bodyOf({ event_type: type, created_at: at, event_data: json }: BusinessEvent): string {
  return `{"type":${JSON.stringify(type)},"timestamp":"${at.toISOString()}","data":${json}}`;
}

export interface Tried {
  nodeId: string;
  endpoint: Webhook;
  delivery: DueDelivery;
  nowMs: number;
}

/** Unless it is another node's by now. @returns why the endpoint is disabled now, if it is */
export async function settle(tx: Tx, tried: Tried, outcome: Outcome): Promise<DisabledReason | undefined> {
  const { endpoint, delivery, nowMs } = tried;
  const values = { attempts: delivery.attempts + 1, last_status: outcome.status, claimed_by: null };
  const end = { ...values, due_at: null, finished_at: new Date(nowMs) };
  if (outcome.isDelivered) {
    const failing = { webhook_id: endpoint.webhook_id };
    if (endpoint.failures > 0)
      await tx.manager.update(Webhook, failing, { failures: 0, failing_since: null });
    await updateOurs(tx, tried, { ...end, status: 'delivered', last_error: null });
    return undefined;
  }
  const [locked] = await tx.lock(Webhook, { where: { webhook_id: endpoint.webhook_id } });
  const delayMs = delayAfter(values.attempts, outcome.retryAfterMs);
  const failed = { last_error: outcome.error.slice(0, 255) };
  const next =
    delayMs === undefined
      ? { ...end, ...failed, status: 'failed' as const }
      : { ...values, ...failed, due_at: new Date(nowMs + delayMs) };
  if (!(await updateOurs(tx, tried, next)) || locked === undefined) return undefined;
  return noteFailure(tx, locked, outcome.status, nowMs);
}

/** Gives it back as it was found, for any node to take at once. */
export async function release(tx: Tx, tried: Tried): Promise<void> {
  if (await updateOurs(tx, tried, { due_at: new Date(tried.nowMs), claimed_by: null }))
    tx.topics.add(DELIVERIES_TOPIC);
}

/** What an earlier holder of a claim says counts no more. */
async function updateOurs(
  tx: Tx,
  { nodeId, delivery }: Tried,
  values: Partial<WebhookDelivery>,
): Promise<boolean> {
  const ours = { delivery_id: delivery.deliveryId, status: 'pending', claimed_by: nodeId } as const;
  return (await tx.manager.update(WebhookDelivery, ours, values)).affected === 1;
}
