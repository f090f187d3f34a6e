/** Messages that people report, until moderators have decided (C-4). */
import { Between, In } from 'typeorm';
import type { z } from 'zod';
import { ChatMember } from '../../../entities/chat/ChatMember.ts';
import { ChatMessage } from '../../../entities/chat/ChatMessage.ts';
import { ChatReport, type ReportDecision } from '../../../entities/chat/ChatReport.ts';
import { ChatConversation } from '../../../entities/chat/ChatConversation.ts';
import { apiKeyIdOf, type Actor } from '../../platform/caller.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { emitEvents } from '../../platform/events/outbox.ts';
import { LIMITS } from '../../platform/limits.ts';
import { closeReviews, openReview } from '../../reviews/queue.ts';
import type { reportedShape } from './messages.ts';

/** The kind of reviews that wait for a moderator. */
export const REPORT = 'chat_report';

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
  const reportId = await insertOne(tx, ChatReport, row);
  const { restaurant_id } = await tx.manager.findOneByOrFail(ChatConversation, { conversation_id });
  const people = { applicant_id: userId, beneficiary_id: sender_id, editor_id: userId };
  const reviewId = await openReview(
    tx,
    { kind: REPORT, subject_id: reportId, restaurant_id, ...people },
    nowMs,
  );
  const data = { review_id: reviewId, kind: REPORT, subject_id: reportId, restaurant_id, due_at: null };
  await emitEvents(tx, [{ type: 'review:requested', userId: null, data }], nowMs);
  return { ...row, report_id: reportId };
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

/**
 * With every other open report of the message. Neither who has sent it nor who has reported it decides (RA-3).
 * @throws AppError NOT_FOUND, CONFLICT when it is decided, FORBIDDEN for the parties, and for machines
 */
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
  const reports = await tx.manager.findBy(ChatReport, open);
  refuseParties(actor, reports);
  const by = { decision, decision_reason: reason, decided_by: actor.userId, decided_at: new Date(nowMs) };
  const ids = reports.map(({ report_id: id }) => id);
  await tx.manager.update(ChatReport, { report_id: In(ids) }, { status: 'decided', ...by });
  const status = decision === 'dismiss' ? ('rejected' as const) : ('approved' as const);
  const reviews = await closeReviews(
    tx,
    { kinds: [REPORT], subjectIds: ids, status, decidedBy: actor.userId, reason },
    nowMs,
  );
  const events = reviews.map(({ review_id, subject_id, applicant_id: userId }) => ({
    type: 'review:decided' as const,
    userId,
    data: { review_id, kind: REPORT, subject_id, status },
  }));
  await emitEvents(tx, events, nowMs);
}

function refuseParties({ userId }: Actor, reports: readonly ChatReport[]): void {
  const parties = reports.flatMap(({ reporter_id, sender_id }) => [reporter_id, sender_id]);
  if (apiKeyIdOf(userId) !== undefined)
    throw new AppError('FORBIDDEN', { details: { reason: 'a machine decides nothing' } });
  if (parties.includes(userId))
    throw new AppError('FORBIDDEN', { details: { reason: 'you have sent or reported it' } });
}
