/** Messages that people report, until moderators have decided (C-4). */
import { Between } from 'typeorm';
import type { z } from 'zod';
import { ChatMember } from '../../../entities/chat/ChatMember.ts';
import { ChatMessage } from '../../../entities/chat/ChatMessage.ts';
import { ChatReport, type ReportDecision } from '../../../entities/chat/ChatReport.ts';
import type { Actor } from '../../platform/caller.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import type { reportedShape } from './messages.ts';

const DAY_MS = 86_400_000;
const HOUR_SECONDS = 3600;

export interface Complaint {
  userId: number;
  messageId: number;
  reason: string;
  comment: string | null;
}

/**
 * Once for each person and message: again, it is the same report. What somebody cannot see is not there for them.
 * @throws AppError NOT_FOUND, CONFLICT for what is their own or nobody's, RATE_LIMITED
 */
export async function reportMessage(
  tx: Tx,
  { userId, messageId, reason, comment }: Complaint,
  nowMs: number,
): Promise<ChatReport> {
  const message = await tx.manager.findOneBy(ChatMessage, { message_id: messageId });
  if (message === null) throw new AppError('NOT_FOUND');
  const { conversation_id, sender_id } = message;
  // Held, so that nobody reports more in a day by reporting it all at once.
  const [member] = await tx.lock(ChatMember, { where: { conversation_id, user_id: userId } });
  if (member === undefined) throw new AppError('NOT_FOUND');
  const known = await tx.manager.findOneBy(ChatReport, { message_id: messageId, reporter_id: userId });
  if (known !== null) return known;
  if (sender_id === null || sender_id === userId)
    throw new AppError('CONFLICT', { details: { reason: 'only what others have sent is reported' } });
  await boundReports(tx, userId, nowMs);
  const row: Omit<ChatReport, 'report_id'> = {
    message_id: messageId,
    conversation_id,
    reporter_id: userId,
    sender_id,
    message_type: message.type,
    content: message.content,
    reason,
    comment,
    status: 'open',
    decision: null,
    decision_reason: null,
    decided_by: null,
    decided_at: null,
    created_at: new Date(nowMs),
  };
  return { ...row, report_id: await insertOne(tx, ChatReport, row) };
}

/** As its reporter sees it, whatever has become of it. */
export function toReported(report: ChatReport): z.output<typeof reportedShape> {
  const { report_id, message_id, reason, created_at } = report;
  return { report_id, message_id, reason, created_at: created_at.toISOString() };
}

/** Whichever way the clock was set. */
async function boundReports({ manager }: Tx, userId: number, nowMs: number): Promise<void> {
  const lately = Between(new Date(nowMs - DAY_MS), new Date(nowMs + DAY_MS));
  const reports = await manager.countBy(ChatReport, { reporter_id: userId, created_at: lately });
  if (reports >= LIMITS.reportsPerDay)
    throw new AppError('RATE_LIMITED', { retryAfterSeconds: HOUR_SECONDS });
}

interface Decided {
  reportId: number;
  conversationId: number;
  decision: ReportDecision;
  actor: Actor;
  reason: string;
}

/** With every other open report of the message. @throws AppError NOT_FOUND, CONFLICT when it is decided */
export async function settleReport(
  tx: Tx,
  { reportId, conversationId, decision, actor, reason }: Decided,
  nowMs: number,
): Promise<void> {
  const which = { report_id: reportId, conversation_id: conversationId };
  const [report] = await tx.lock(ChatReport, { where: which });
  if (report === undefined) throw new AppError('NOT_FOUND');
  if (report.status !== 'open') {
    const { decision: decided, decided_by, decided_at } = report;
    throw new AppError('CONFLICT', { details: { decision: decided, decided_by, decided_at } });
  }
  const open = { message_id: report.message_id, status: 'open' as const };
  const by = { decision, decision_reason: reason, decided_by: actor.userId, decided_at: new Date(nowMs) };
  await tx.manager.update(ChatReport, open, { status: 'decided', ...by });
}
