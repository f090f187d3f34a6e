/** Silence and bans by moderators (C-4). */
import type { ChatConversation } from '../../../entities/chat/ChatConversation.ts';
import { ChatMember } from '../../../entities/chat/ChatMember.ts';
import { requireUsers } from '../../identity/people/knownUsers.ts';
import type { Actor } from '../../platform/caller.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import type { Changed } from '../changed.ts';
import { sayOfItself } from '../systemLine.ts';
import type { Moderated, Recorded } from './moderated.ts';
import { setRestriction } from './restrictions.ts';
import { takeOut } from './roles.ts';

export interface Restrict {
  userId: number;
  /** null: lifted; absent: as it is. */
  silencedUntilMs?: number | null | undefined;
  bannedUntilMs?: number | null | undefined;
  actor: Actor;
  reason: string;
}

/** Whoever is banned is put out, and cannot come in again before it ends. @throws AppError NOT_FOUND, CONFLICT, VALIDATION_FAILED */
export async function restrict(
  tx: Tx,
  { conversation, ...given }: Restrict & { conversation: ChatConversation },
  nowMs: number,
): Promise<Moderated> {
  const { bannedUntilMs, userId } = given;
  const { conversation_id: conversationId, type } = conversation;
  const isBan = bannedUntilMs !== undefined && bannedUntilMs !== null;
  // Two people have one conversation, which nobody could be brought back into.
  if (isBan && type !== 'restaurant' && type !== 'group')
    throw new AppError('CONFLICT', { details: { reason: 'nobody is banned from a conversation of two' } });
  const recorded = await writeRestrictions(tx, { ...given, conversationId }, nowMs);
  return { recorded, ...(isBan && (await putOut(tx, conversation, userId, nowMs))) };
}

/** @returns what the log keeps of it; undefined: nothing has changed */
export async function writeRestrictions(
  tx: Tx,
  {
    conversationId,
    userId,
    silencedUntilMs,
    bannedUntilMs,
    actor,
    reason,
  }: Restrict & { conversationId: number },
  nowMs: number,
): Promise<Recorded | undefined> {
  await requireUsers(tx, [userId]);
  const set = (kind: 'silence' | 'ban', endsMs: number | null | undefined) =>
    endsMs === undefined
      ? undefined
      : setRestriction(tx, { conversationId, userId, kind, endsMs, reason, by: actor.userId }, nowMs);
  const silence = await set('silence', silencedUntilMs);
  const ban = await set('ban', bannedUntilMs);
  const before = { ...(silence && { silence: silence.before }), ...(ban && { ban: ban.before }) };
  const after = { ...(silence && { silence: silence.after }), ...(ban && { ban: ban.after }) };
  if (JSON.stringify(before) === JSON.stringify(after)) return undefined;
  const target = { type: 'chat-member', id: `${conversationId}-${userId}` };
  return { action: 'chat-member.restrict', target, before, after };
}

export async function putOut(
  tx: Tx,
  conversation: ChatConversation,
  userId: number,
  nowMs: number,
): Promise<Changed> {
  const { conversation_id, type } = conversation;
  const member = await tx.manager.findOneBy(ChatMember, { conversation_id, user_id: userId });
  // Their seats are closed in any case.
  const left = [userId];
  if (member === null) return { left };
  const owner = await takeOut(tx, conversation_id, [member]);
  if (type !== 'group') return { left };
  const line = { event: 'members', by: null, added: [], left, ...(owner !== undefined && { owner }) };
  return { left, told: await sayOfItself(tx, conversation, line, nowMs) };
}
