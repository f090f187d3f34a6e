/** Broadcasts as administrators have them: each is told to many people by the job (send.ts). */
import { In, IsNull, Not } from 'typeorm';
import {
  NotificationBroadcast,
  type BroadcastAudience,
  type BroadcastStatus,
  type BroadcastText,
} from '../../../entities/notifications/NotificationBroadcast.ts';
import { NotificationRecipient } from '../../../entities/notifications/NotificationRecipient.ts';
import { recordAction } from '../../admin/adminLog.ts';
import type { Actor } from '../../platform/caller.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import {
  listNumbered,
  type LongPage,
  type NumberedQuery,
  type NumberedTable,
} from '../../platform/database/numberedList.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { emitEvent } from '../../platform/events/outbox.ts';
import { LIMITS } from '../../platform/limits.ts';
import { templateOf, type NoticeType } from '../texts.ts';

/** Among the topics of a transaction after which one may be due. */
export const BROADCASTS_TOPIC = 'broadcasts';

export interface NewBroadcast {
  type: NoticeType;
  audience: BroadcastAudience;
  /** null: what the type says of itself. */
  title: BroadcastText | null;
  body: BroadcastText | null;
  data: Record<string, unknown>;
  sendAtMs: number;
}

/** That are not over. */
export const OPEN: readonly BroadcastStatus[] = ['scheduled', 'collecting', 'sending'];

/**
 * Plans one of an administrator; its event is its own.
 * @returns its id
 * @throws AppError CONFLICT when too many are open
 */
export async function createBroadcast(
  tx: Tx,
  { actor, ...broadcast }: NewBroadcast & { actor: Actor },
  nowMs: number,
): Promise<number> {
  const open = await tx.manager.countBy(NotificationBroadcast, {
    status: In([...OPEN]),
    created_by: Not(IsNull()),
  });
  if (open >= LIMITS.openBroadcasts)
    throw new AppError('CONFLICT', {
      details: { reason: 'too many broadcasts are open', limit: LIMITS.openBroadcasts },
    });
  const { type, audience, title, body, data, sendAtMs } = broadcast;
  const { kind } = templateOf(type);
  const told = { kind, type, audience };
  const eventId = await emitEvent(tx, { type: 'notification:broadcast', userId: null, data: told }, nowMs);
  const broadcastId = await insertBroadcast(tx, { ...broadcast, eventId, createdBy: actor.userId }, nowMs);
  const target = { type: 'broadcast', id: broadcastId };
  const after = { ...told, title, body, data, send_at: new Date(sendAtMs).toISOString() };
  await recordAction(tx, { actor, action: 'broadcast.create', target, before: null, after }, nowMs);
  return broadcastId;
}

/** Plans one by which the product tells of an event, once for each event. */
export async function broadcastEvent(
  tx: Tx,
  broadcast: NewBroadcast & { eventId: number },
  nowMs: number,
): Promise<void> {
  const { eventId } = broadcast;
  if (await tx.manager.existsBy(NotificationBroadcast, { event_id: eventId })) return;
  await insertBroadcast(tx, { ...broadcast, createdBy: null }, nowMs);
}

async function insertBroadcast(
  tx: Tx,
  broadcast: NewBroadcast & { eventId: number; createdBy: number | null },
  nowMs: number,
): Promise<number> {
  const { eventId, type, audience, title, body, data, sendAtMs, createdBy } = broadcast;
  tx.topics.add(BROADCASTS_TOPIC);
  return insertOne(tx, NotificationBroadcast, {
    event_id: eventId,
    kind: templateOf(type).kind,
    type,
    audience,
    title,
    body,
    data,
    status: 'scheduled',
    send_at: new Date(sendAtMs),
    up_to_user_id: null,
    claimed_by: null,
    claimed_until: null,
    created_by: createdBy,
    created_at: new Date(nowMs),
    finished_at: null,
  });
}

const BROADCASTS: NumberedTable<NotificationBroadcast> = {
  entity: NotificationBroadcast,
  key: 'broadcast_id',
};

/** Newest first. */
export function listBroadcasts(
  { currentReader }: Pick<Database, 'currentReader'>,
  { status, ...query }: NumberedQuery & { status?: BroadcastStatus | undefined },
): Promise<LongPage<NotificationBroadcast>> {
  return listNumbered(currentReader, BROADCASTS, { status }, query);
}

/** @throws AppError NOT_FOUND */
export async function readBroadcast(
  { currentReader }: Pick<Database, 'currentReader'>,
  broadcastId: number,
): Promise<NotificationBroadcast> {
  const found = await currentReader.findOneBy(NotificationBroadcast, { broadcast_id: broadcastId });
  if (found === null) throw new AppError('NOT_FOUND');
  return found;
}

interface Operation {
  actor: Actor;
  broadcastId: number;
}

/**
 * Ends one that is not over: nobody else is told once this has committed. It waits for the batch that is just being told. One that
 * is over stays as it is.
 * @throws AppError NOT_FOUND
 */
export async function cancelBroadcast(
  tx: Tx,
  { actor, broadcastId }: Operation,
  nowMs: number,
): Promise<void> {
  const { status, sent, total } = await lockBroadcast(tx, broadcastId);
  if (!OPEN.includes(status)) return;
  const change = { status: 'cancelled', finished_at: new Date(nowMs), claimed_by: null } as const;
  await tx.manager.update(NotificationBroadcast, { broadcast_id: broadcastId }, change);
  const target = { type: 'broadcast', id: broadcastId };
  const [before, after] = [{ status }, { status: 'cancelled', sent, total }];
  await recordAction(tx, { actor, action: 'broadcast.cancel', target, before, after }, nowMs);
}

/**
 * Lets those be told who could not be; one that has not failed stays as it is.
 * @throws AppError NOT_FOUND
 */
export async function retryBroadcast(
  tx: Tx,
  { actor, broadcastId }: Operation,
  nowMs: number,
): Promise<void> {
  const { status, failed } = await lockBroadcast(tx, broadcastId);
  if (status !== 'failed') return;
  const again = { broadcast_id: broadcastId, state: 'failed' } as const;
  await tx.manager.update(NotificationRecipient, again, { state: 'waiting' });
  const change = { status: 'sending', failed: 0, finished_at: null, claimed_until: null } as const;
  await tx.manager.update(NotificationBroadcast, { broadcast_id: broadcastId }, change);
  tx.topics.add(BROADCASTS_TOPIC);
  const target = { type: 'broadcast', id: broadcastId };
  const [before, after] = [{ status, failed }, { status: 'sending' }];
  await recordAction(tx, { actor, action: 'broadcast.retry', target, before, after }, nowMs);
}

async function lockBroadcast(tx: Tx, broadcastId: number): Promise<NotificationBroadcast> {
  const [found] = await tx.lock(NotificationBroadcast, { where: { broadcast_id: broadcastId } });
  if (found === undefined) throw new AppError('NOT_FOUND');
  return found;
}
