/*
 * Where events are sent (E-6).
 *
 * States of an endpoint: enabled ⇄ disabled, by hand, or by a failure that lasts (failing.ts). Nothing new is written for one that is
 * disabled; what waits for it waits on, and goes out once it is enabled again.
 */
import { isDeepStrictEqual } from 'node:util';
import { Webhook } from '../../entities/webhooks/Webhook.ts';
import { recordAction } from '../admin/adminLog.ts';
import type { Actor } from '../platform/caller.ts';
import type { Clock } from '../platform/clock.ts';
import { insertOne } from '../platform/database/bulk.ts';
import { toldOnceIn, type IdempotentCall } from '../platform/database/idempotency.ts';
import { readPage } from '../platform/database/readPage.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import type { Page, PageQuery } from '../platform/shapes.ts';
import { staleEdit } from '../platform/staleEdit.ts';
import { webhookToWire } from './messages.ts';
import type { WebhookSecrets } from './secrets.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Targets } from './targets.ts';

export interface EndpointServices {
  database: Database;
  clock: Clock;
  targets: Targets;
  webhookSecrets: WebhookSecrets;
  subscriptions: Pick<Subscriptions, 'changed'>;
}

/** What people say of an endpoint. */
export type EndpointFields = Pick<Webhook, 'url' | 'events' | 'description'>;
export type EndpointEdit = {
  [Field in keyof (EndpointFields & Pick<Webhook, 'status'>)]?: Webhook[Field] | undefined;
};

export interface EndpointChange {
  actor: Actor;
  webhookId: number;
}

/** A call whose repetition makes nothing again. */
interface Callable {
  call: IdempotentCall | undefined;
}
/** The secret is told with it and never again. */
interface IssuedEndpoint {
  row: Webhook;
  secret: string;
}

export async function listEndpoints(database: Database, query: PageQuery): Promise<Page<Webhook>> {
  const reader = database.currentReader;
  return readPage(query, {
    items: (part) => reader.find(Webhook, { order: { webhook_id: 'DESC' }, ...part }),
    count: () => reader.count(Webhook),
  });
}

/** @throws AppError NOT_FOUND */
export async function readEndpoint(database: Database, webhookId: number): Promise<Webhook> {
  const row = await database.currentReader.findOneBy(Webhook, { webhook_id: webhookId });
  if (row === null) throw new AppError('NOT_FOUND');
  return row;
}

/** @throws AppError VALIDATION_FAILED, CONFLICT when there are too many, or by this call it was made already */
export async function createEndpoint(
  { database, clock, targets, webhookSecrets, subscriptions }: EndpointServices,
  { call, ...given }: NewEndpoint & Callable,
): Promise<IssuedEndpoint> {
  await targets.check(given.url);
  const { text, sealed } = webhookSecrets.create();
  const row = await database.retryingTransaction((tx) =>
    toldOnceIn(tx, call, { make: () => insertNew(tx, { ...given, sealed }, clock.nowMs()), idOf }),
  );
  await subscriptions.changed();
  return { row, secret: text };
}

type NewEndpoint = EndpointFields & { actor: Actor };

async function insertNew(
  tx: Tx,
  { actor, url, events, description, sealed }: NewEndpoint & { sealed: string },
  nowMs: number,
): Promise<Webhook> {
  // Whoever makes one holds the first until the commit, so the next one counts theirs as well.
  await tx.lock(Webhook, { order: { webhook_id: 'ASC' }, take: 1 });
  if ((await tx.manager.count(Webhook)) >= LIMITS.webhooks)
    throw conflict('there are too many', { limit: LIMITS.webhooks });
  const at = new Date(nowMs);
  const given = { url, events: [...new Set(events)], description };
  const made = {
    ...given,
    ...ENABLED,
    secret: sealed,
    ...NO_PREVIOUS,
    version: 1,
    created_by: actor.userId,
    created_at: at,
    updated_at: at,
  };
  const webhookId = await insertOne(tx, Webhook, made);
  const whole = { ...made, webhook_id: webhookId };
  await record(
    tx,
    { actor, action: 'webhook.create', webhookId, before: null, after: stateOf(whole) },
    nowMs,
  );
  return whole;
}

/** What is left out stays. @throws AppError NOT_FOUND, VALIDATION_FAILED, CONFLICT when it is stale */
export async function editEndpoint(
  { database, clock, targets, subscriptions }: EndpointServices,
  { actor, webhookId, version, edit }: EndpointChange & { version: number; edit: EndpointEdit },
): Promise<Webhook> {
  if (edit.url !== undefined) await targets.check(edit.url);
  const row = await database.retryingTransaction(async (tx) => {
    const before = await lockEndpoint(tx, webhookId);
    if (before.version !== version) throw staleEdit(webhookToWire(before), edit);
    const given = Object.entries(edit).filter(([, value]) => value !== undefined);
    const next = { ...stateOf(before), ...(Object.fromEntries(given) as Partial<Webhook>) };
    if (isDeepStrictEqual(next, stateOf(before))) return before;
    const nowMs = clock.nowMs();
    const change: Partial<Webhook> = { ...next, version: version + 1, updated_at: new Date(nowMs) };
    if (next.status !== before.status)
      Object.assign(change, next.status === 'enabled' ? ENABLED : { disabled_reason: null });
    await tx.manager.update(Webhook, { webhook_id: webhookId }, change);
    await record(
      tx,
      { actor, action: 'webhook.edit', webhookId, before: stateOf(before), after: next },
      nowMs,
    );
    return { ...before, ...change };
  });
  await subscriptions.changed();
  return row;
}

/** What was to be sent to it is not any more. @throws AppError NOT_FOUND */
export async function deleteEndpoint(
  { database, clock, subscriptions }: EndpointServices,
  { actor, webhookId }: EndpointChange,
): Promise<void> {
  await database.retryingTransaction(async (tx) => {
    const before = await lockEndpoint(tx, webhookId);
    await tx.manager.delete(Webhook, { webhook_id: webhookId });
    const recorded = { actor, action: 'webhook.delete', webhookId, before: stateOf(before), after: null };
    await record(tx, recorded, clock.nowMs());
  });
  await subscriptions.changed();
}

/** A new secret. The one before it signs as well for as long as the overlap; the one before that no more. @throws AppError NOT_FOUND, CONFLICT when by this call it has its new one already */
export async function rotateSecret(
  { database, clock, webhookSecrets }: EndpointServices,
  { actor, webhookId, call }: EndpointChange & Callable,
): Promise<IssuedEndpoint> {
  const { text, sealed } = webhookSecrets.create();
  const renew = async (tx: Tx) => {
    const before = await lockEndpoint(tx, webhookId);
    const nowMs = clock.nowMs();
    const until = new Date(nowMs + LIMITS.webhookOverlapMs);
    const change = { secret: sealed, previous_secret: before.secret, previous_until: until };
    await tx.manager.update(Webhook, { webhook_id: webhookId }, change);
    const after = { previous_until: until.toISOString() };
    await record(tx, { actor, action: 'webhook.rotate', webhookId, before: null, after }, nowMs);
    return { ...before, ...change };
  };
  const row = await database.retryingTransaction((tx) =>
    toldOnceIn(tx, call, { make: () => renew(tx), idOf }),
  );
  return { row, secret: text };
}

const idOf = ({ webhook_id }: Webhook) => webhook_id;
const NO_PREVIOUS = { previous_secret: null, previous_until: null };
const ENABLED = { status: 'enabled', disabled_reason: null, failures: 0, failing_since: null } as const;

export async function lockEndpoint(tx: Tx, webhookId: number): Promise<Webhook> {
  const [row] = await tx.lock(Webhook, { where: { webhook_id: webhookId } });
  if (row === undefined) throw new AppError('NOT_FOUND');
  return row;
}

interface Recorded {
  actor: Actor;
  action: string;
  webhookId: number;
  before: unknown;
  after: unknown;
}

async function record(tx: Tx, { webhookId, ...recorded }: Recorded, nowMs: number): Promise<void> {
  await recordAction(tx, { ...recorded, target: { type: 'webhook', id: webhookId } }, nowMs);
}

/** Never a secret. */
function stateOf({ url, events, description, status }: Webhook) {
  return { url, events, description, status };
}

export function conflict(reason: string, facts: object = {}): AppError {
  return new AppError('CONFLICT', { details: { reason, ...facts } });
}
