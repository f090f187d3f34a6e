/*
 * What moderators do in a conversation, by its owner (C-4): it takes place between two group commits, so that every message is
 * either before it or after it. One row of the audit log says what was changed, and keeps what was said (RC-4).
 */
import { z } from 'zod';
import { ChatConversation } from '../../../entities/chat/ChatConversation.ts';
import { ChatMessage } from '../../../entities/chat/ChatMessage.ts';
import { recordAction } from '../../admin/adminLog.ts';
import { withdrawImages } from '../../images/uses.ts';
import { actorShape, type Actor } from '../../platform/caller.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import { idShape, rowIdShape } from '../../platform/shapes.ts';
import type { Changed } from '../changed.ts';
import { lockConversation } from '../membership.ts';
import type { Moderated, Recorded } from './moderated.ts';
import { forgetGrams } from '../search/indexMessages.ts';
import { settleReport } from './reports.ts';
import { putOut, restrict } from './restrict.ts';

const endShape = z.int().nullable().optional();
const actionShape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('dismiss') }),
  z.strictObject({ kind: z.literal('delete'), messageId: rowIdShape }),
  z.strictObject({
    kind: z.literal('restrict'),
    userId: idShape,
    silencedUntilMs: endShape,
    bannedUntilMs: endShape,
  }),
  // Of whoever is banned from all restaurants.
  z.strictObject({ kind: z.literal('put-out'), userId: idShape }),
  z.strictObject({ kind: z.literal('slow'), seconds: z.int().min(0).max(LIMITS.slowModeSeconds) }),
]);

export const moderationShape = z.strictObject({
  actor: actorShape,
  reason: z.string().max(200),
  action: actionShape,
  /** What it decides, with all other open reports of the same message. */
  report: z
    .strictObject({ reportId: rowIdShape, decision: z.enum(['dismiss', 'delete', 'silence', 'ban']) })
    .optional(),
});
export type Moderation = z.output<typeof moderationShape>;

/** @throws AppError NOT_FOUND, CONFLICT for a report that is decided and for what there cannot be, VALIDATION_FAILED */
export async function moderate(
  tx: Tx,
  { conversationId, actor, reason, action, report }: Moderation & { conversationId: number },
  nowMs: number,
): Promise<Changed> {
  const conversation = await lockConversation(tx, conversationId);
  if (report !== undefined) await settleReport(tx, { ...report, conversationId, actor, reason }, nowMs);
  const { recorded, ...changed } = await act(tx, { conversation, actor, reason, action }, nowMs);
  const decided = report && { report_id: report.reportId, decision: report.decision };
  const row = recorded ?? (report && decisionOf(report));
  if (row !== undefined)
    await recordAction(tx, { actor, ...row, after: { ...row.after, ...decided, reason } }, nowMs);
  return changed;
}

interface Act {
  conversation: ChatConversation;
  actor: Actor;
  reason: string;
  action: Moderation['action'];
}

async function act(tx: Tx, { action, ...given }: Act, nowMs: number): Promise<Moderated> {
  if (action.kind === 'dismiss') return {};
  if (action.kind === 'delete') return deleteMessage(tx, given.conversation, action.messageId, nowMs);
  if (action.kind === 'slow') return slowDown(tx, given.conversation, action.seconds);
  if (action.kind === 'put-out') return putOut(tx, given.conversation, action.userId, nowMs);
  return restrict(tx, { ...given, ...action }, nowMs);
}

/** As if its sender had recalled it, however old it is. */
async function deleteMessage(
  tx: Tx,
  { conversation_id }: ChatConversation,
  messageId: number,
  nowMs: number,
): Promise<Moderated> {
  const which = { conversation_id, message_id: messageId };
  const message = await tx.manager.findOneBy(ChatMessage, which);
  if (message === null) throw new AppError('NOT_FOUND');
  const { sender_id, content, recalled_at } = message;
  if (sender_id === null)
    throw new AppError('CONFLICT', { details: { reason: 'the conversation itself says so' } });
  if (recalled_at !== null) return {};
  await tx.manager.update(ChatMessage, which, { content: '', recalled_at: new Date(nowMs) });
  await forgetGrams(tx, message);
  await withdrawImages(tx, { kind: 'message', id: messageId }, nowMs);
  const target = { type: 'message', id: messageId };
  const change = { before: { content, sender_id }, after: { content: null } };
  return { recalledId: messageId, recorded: { action: 'message.delete', target, ...change } };
}

async function slowDown(
  tx: Tx,
  { conversation_id, type, slow_mode_s }: ChatConversation,
  seconds: number,
): Promise<Moderated> {
  if (type !== 'restaurant' && type !== 'group')
    throw new AppError('CONFLICT', { details: { reason: 'only rooms and groups can be slowed down' } });
  if (seconds === slow_mode_s) return {};
  await tx.manager.update(ChatConversation, { conversation_id }, { slow_mode_s: seconds });
  const target = { type: 'conversation', id: conversation_id };
  const change = { before: { slow_mode_s }, after: { slow_mode_s: seconds } };
  return { recorded: { action: 'conversation.slow', target, ...change } };
}

function decisionOf({ reportId }: NonNullable<Moderation['report']>): Recorded {
  const target = { type: 'chat-report', id: reportId };
  return { action: 'chat-report.decide', target, before: { status: 'open' }, after: { status: 'decided' } };
}
