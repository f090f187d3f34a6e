/** Who may not speak in a conversation, or be in it (C-4). A restriction ends by the clock: nobody has to lift it. */
import { In, type EntityManager } from 'typeorm';
import type { z } from 'zod';
import type { ChatConversation } from '../../../entities/chat/ChatConversation.ts';
import { ChatRestriction, type RestrictionKind } from '../../../entities/chat/ChatRestriction.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import type { ownRestrictionShape } from './messages.ts';

/** Stands for the conversations of all restaurants. */
export const RESTAURANTS = 0;

/** As it is kept in the audit log. */
export interface RestrictionView {
  until: string;
  reason: string;
}

interface Asked {
  conversation: Pick<ChatConversation, 'conversation_id' | 'type'>;
  userIds: readonly number[];
}

/** Of each of these people who is restricted there now: what lasts longest, a ban before anything else. */
export async function findRestricted(
  manager: EntityManager,
  { conversation, userIds }: Asked,
  nowMs: number,
): Promise<ReadonlyMap<number, ChatRestriction>> {
  const { conversation_id: id, type } = conversation;
  const places = type === 'restaurant' ? [id, RESTAURANTS] : [id];
  const rows = await manager.findBy(ChatRestriction, {
    user_id: In([...new Set(userIds)]),
    conversation_id: In(places),
  });
  const worst = new Map<number, ChatRestriction>();
  for (const row of rows.filter((one) => lasts(one, nowMs))) {
    const known = worst.get(row.user_id);
    if (known === undefined || isWorse(row, known)) worst.set(row.user_id, row);
  }
  return worst;
}

export function lasts({ ends_at }: ChatRestriction, nowMs: number): boolean {
  return ends_at.getTime() > nowMs;
}

function isWorse(one: ChatRestriction, other: ChatRestriction): boolean {
  const isBan = Number(one.kind === 'ban') - Number(other.kind === 'ban');
  return isBan !== 0 ? isBan > 0 : one.ends_at > other.ends_at;
}

/** null: they are not, now. */
export async function readRestriction(
  manager: EntityManager,
  { conversationId, userId, kind }: { conversationId: number; userId: number; kind: RestrictionKind },
  nowMs: number,
): Promise<RestrictionView | null> {
  const which = { conversation_id: conversationId, user_id: userId, kind };
  const found = await manager.findOneBy(ChatRestriction, which);
  return found === null || !lasts(found, nowMs) ? null : viewOf(found);
}

/** Of one person, what lasts longest first. */
export async function listOwnRestrictions(
  manager: EntityManager,
  userId: number,
  nowMs: number,
): Promise<z.output<typeof ownRestrictionShape>[]> {
  const rows = await manager.find(ChatRestriction, {
    where: { user_id: userId },
    order: { ends_at: 'DESC' },
    take: LIMITS.listedConversations,
  });
  return rows.filter((row) => lasts(row, nowMs)).map(toOwnRestriction);
}

export function toOwnRestriction(row: ChatRestriction): z.output<typeof ownRestrictionShape> {
  const { conversation_id: id, kind } = row;
  return { conversation_id: id === RESTAURANTS ? null : id, restriction: kind, ...viewOf(row) };
}

/** What somebody is told who is restricted. */
export function refusalOf({ kind, ends_at, reason }: ChatRestriction): AppError {
  return new AppError('FORBIDDEN', {
    details: { restriction: kind, until: ends_at.toISOString(), reason },
  });
}

export interface SetRestriction {
  conversationId: number;
  userId: number;
  kind: RestrictionKind;
  /** null: it is lifted. */
  endsMs: number | null;
  reason: string;
  by: number;
}

/** @throws AppError VALIDATION_FAILED for an end that is past, or too far away */
export async function setRestriction(
  tx: Tx,
  { conversationId, userId, kind, endsMs, reason, by }: SetRestriction,
  nowMs: number,
): Promise<{ before: RestrictionView | null; after: RestrictionView | null }> {
  if (endsMs !== null && (endsMs <= nowMs || endsMs > nowMs + LIMITS.restrictionMs))
    throw new AppError('VALIDATION_FAILED', {
      details: [{ path: `${PAST[kind]}_until`, message: 'must be within the next year' }],
    });
  const which = { conversation_id: conversationId, user_id: userId, kind };
  const known = await tx.manager.findOneBy(ChatRestriction, which);
  const before = known === null || !lasts(known, nowMs) ? null : viewOf(known);
  if (endsMs === null) {
    if (known !== null) await tx.manager.delete(ChatRestriction, which);
    return { before, after: null };
  }
  const set = { ends_at: new Date(endsMs), reason };
  const after = viewOf(set);
  if (before?.until === after.until && before.reason === reason) return { before, after };
  const row = { ...set, set_by: by, set_at: new Date(nowMs) };
  if (known === null) await insertOne(tx, ChatRestriction, { ...which, ...row });
  else await tx.manager.update(ChatRestriction, which, row);
  return { before, after };
}

/** As the fields of the wire are named. */
const PAST = { mute: 'muted', silence: 'silenced', ban: 'banned' } as const;

function viewOf({ ends_at, reason }: Pick<ChatRestriction, 'ends_at' | 'reason'>): RestrictionView {
  return { until: ends_at.toISOString(), reason };
}
