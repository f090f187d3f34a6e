/*
 * The life of a broadcast (RC-13), one transaction for each step:
 *
 *   scheduled ──→ collecting ──→ sending ──→ completed        everybody was told, or left out
 *       │             │             │ ↑ └──→ failed           some could not be told; an administrator lets them be tried again
 *       └─────────────┴─────────────┴─┴───→ cancelled         by an administrator
 *
 *   scheduled    its time has not come
 *   collecting   its audience is written down, a range of users after the other, up to the last user that there was when it began
 *   sending      those are told, in the order of their ids. Who joins the audience from now on is not among them, and who leaves
 *                the product is asked for when it is their turn (notify.ts)
 *
 * Each step locks the row of the broadcast, looks whether the state is still the one it is for, and writes what it has done in the same
 * transaction: so it makes no difference where a node is killed, how many nodes work, or which commit's answer is lost, and a
 * cancellation waits for one step at most. A claim only keeps two nodes from waiting for each other.
 *
 * Nobody is told twice: a recipient's state and their notification are one transaction, and the event, the person and the kind are
 * unique besides (RC-10).
 */
import { In } from 'typeorm';
import { NotificationBroadcast } from '../../../entities/notifications/NotificationBroadcast.ts';
import {
  NotificationRecipient,
  type RecipientState,
} from '../../../entities/notifications/NotificationRecipient.ts';
import { lastUserId } from '../../identity/people/userRange.ts';
import { insertAll } from '../../platform/database/bulk.ts';
import { isClaimedByAnother } from '../../platform/database/claim.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { LIMITS } from '../../platform/limits.ts';
import { notify } from '../notify.ts';
import { isNoticeType, type NoticeType } from '../texts.ts';
import { audienceWithin, isKnownAudience } from './audience.ts';

export interface Step {
  broadcastId: number;
  nodeId: string;
  /** Until when it is this node's once the step is done. */
  leaseMs: number;
  /** Recipients of one batch. */
  recipients: number;
  /** The one recipient of this batch cannot be told. */
  isGivenUp?: boolean;
}

/** `over`: nothing is left to be done here now. `foreign`: it is of a later build, whose nodes do it. */
export type Stepped = 'more' | 'over' | 'foreign';

/** Does what comes next. */
export async function stepBroadcast(tx: Tx, step: Step, nowMs: number): Promise<Stepped> {
  const { broadcastId, nodeId, leaseMs } = step;
  const [broadcast] = await tx.lock(NotificationBroadcast, { where: { broadcast_id: broadcastId } });
  if (broadcast === undefined || isClaimedByAnother(broadcast, step, nowMs)) return 'over';
  if (!isKnownAudience(broadcast.audience) || !isNoticeType(broadcast.type)) return 'foreign';
  const change = await changeOf(tx, broadcast, step, nowMs);
  if (change === undefined) return 'over';
  const isOver = change.finished_at !== undefined;
  await tx.manager.update(
    NotificationBroadcast,
    { broadcast_id: broadcastId },
    {
      ...change,
      claimed_by: isOver ? null : nodeId,
      claimed_until: isOver ? null : new Date(nowMs + leaseMs),
    },
  );
  return isOver ? 'over' : 'more';
}

type Change = Partial<Omit<NotificationBroadcast, 'audience' | 'data'>>;

/** @returns undefined where nothing is to be done */
async function changeOf(
  tx: Tx,
  broadcast: NotificationBroadcast,
  step: Step,
  nowMs: number,
): Promise<Change | undefined> {
  switch (broadcast.status) {
    case 'scheduled':
      if (broadcast.send_at.getTime() > nowMs) return undefined;
      return { status: 'collecting', up_to_user_id: await lastUserId(tx) };
    case 'collecting':
      return collect(tx, broadcast, nowMs);
    case 'sending':
      return send(tx, broadcast, step, nowMs);
    case 'completed':
    case 'failed':
    case 'cancelled':
      return undefined;
  }
}

/** The next range of users. */
async function collect(
  tx: Tx,
  { broadcast_id, audience, collected_to: from, up_to_user_id: last, total }: NotificationBroadcast,
  nowMs: number,
): Promise<Change> {
  const to = Math.min(from + LIMITS.usersPerCollecting, last ?? 0);
  const userIds = to > from ? await audienceWithin(tx, audience, { from: from + 1, to }) : [];
  const created_at = new Date(nowMs);
  const rows = userIds.map((user_id) => ({ broadcast_id, user_id, state: 'waiting' as const, created_at }));
  await insertAll(tx, NotificationRecipient, rows);
  const isLast = to >= (last ?? 0);
  return {
    collected_to: to,
    total: total + rows.length,
    ...(isLast && { status: 'sending' }),
  };
}

/** The next recipients. */
async function send(
  tx: Tx,
  broadcast: NotificationBroadcast,
  { recipients, isGivenUp = false }: Step,
  nowMs: number,
): Promise<Change> {
  const { broadcast_id, sent, left_out, failed } = broadcast;
  const waiting = await tx.manager.find(NotificationRecipient, {
    select: { broadcast_id: true, user_id: true },
    where: { broadcast_id, state: 'waiting' },
    order: { user_id: 'ASC' },
    take: recipients,
  });
  if (waiting.length === 0)
    return { status: failed > 0 ? 'failed' : 'completed', finished_at: new Date(nowMs) };
  const userIds = waiting.map(({ user_id: userId }) => userId);
  if (isGivenUp) {
    await mark(tx, { broadcast_id, userIds, state: 'failed' });
    return { failed: failed + userIds.length };
  }
  const told = await tellAll(tx, broadcast, userIds, nowMs);
  const gone = userIds.filter((userId) => !told.has(userId));
  await mark(tx, { broadcast_id, userIds: [...told], state: 'sent' });
  await mark(tx, { broadcast_id, userIds: gone, state: 'left_out' });
  return { sent: sent + told.size, left_out: left_out + gone.length };
}

async function tellAll(
  tx: Tx,
  { broadcast_id, event_id: eventId, type }: NotificationBroadcast,
  userIds: readonly number[],
  nowMs: number,
): Promise<ReadonlySet<number>> {
  // Its texts and data are read with it: of a million recipients they are kept once.
  const notice = { eventId, type: type as NoticeType, data: { broadcast_id } };
  const notices = userIds.map((userId) => ({ userId, ...notice }));
  return notify(tx, notices, nowMs);
}

interface Marked {
  broadcast_id: number;
  userIds: readonly number[];
  state: RecipientState;
}

async function mark(tx: Tx, { broadcast_id, userIds, state }: Marked): Promise<void> {
  if (userIds.length === 0) return;
  const which = { broadcast_id, user_id: In([...userIds]) };
  await tx.manager.update(NotificationRecipient, which, { state });
}
