/** What moderators read: reports with what was said around them, restrictions, and what a message said that says nothing now. */
import { In } from 'typeorm';
import type { z } from 'zod';
import { ChatConversation } from '../../../entities/chat/ChatConversation.ts';
import { ChatMessage } from '../../../entities/chat/ChatMessage.ts';
import { ChatReport, type ReportStatus } from '../../../entities/chat/ChatReport.ts';
import { ChatRestriction } from '../../../entities/chat/ChatRestriction.ts';
import { recordAction } from '../../admin/adminLog.ts';
import { listAuditLog } from '../../admin/readAdminLog.ts';
import { nobody, readPublicPeople } from '../../identity/people/publicPeople.ts';
import {
  countTo,
  listNumbered,
  MOST_COUNTED,
  type LongPage,
  type NumberedQuery,
  type NumberedTable,
} from '../../platform/database/numberedList.ts';
import type { Database } from '../../platform/database/transaction.ts';
import type { Actor } from '../../platform/caller.ts';
import { AppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import { readMessages, toViews } from '../history.ts';
import type { moderatedMessageShape, reportDetailShape, reportShape, restrictionShape } from './messages.ts';
import { lasts, RESTAURANTS } from './restrictions.ts';

type ReportView = z.output<typeof reportShape>;

const REPORTS: NumberedTable<ChatReport> = { entity: ChatReport, key: 'report_id', indexed: ['status'] };
const REMOVALS = ['message.delete', 'message.recall'];
const RESTRICTIONS: NumberedTable<ChatRestriction> = { entity: ChatRestriction, key: 'restriction_id' };

export async function listReports(
  database: Database,
  { status, ...query }: NumberedQuery & { status?: ReportStatus | undefined },
): Promise<LongPage<ReportView>> {
  const page = await listNumbered(database.currentReader, REPORTS, { status }, query);
  return { ...page, items: await reportViews(database, page.items) };
}

/** Those of the numbers that there are. */
export async function readReports(database: Database, ids: readonly number[]): Promise<ReportView[]> {
  return reportViews(database, await database.currentReader.findBy(ChatReport, { report_id: In([...ids]) }));
}

/** @throws AppError NOT_FOUND */
export async function findReport(database: Database, reportId: number): Promise<ChatReport> {
  const found = await database.currentReader.findOneBy(ChatReport, { report_id: reportId });
  if (found === null) throw new AppError('NOT_FOUND');
  return found;
}

/** @throws AppError NOT_FOUND */
export async function readReport(
  database: Database,
  reportId: number,
): Promise<z.output<typeof reportDetailShape>> {
  const report = await findReport(database, reportId);
  const [view] = await reportViews(database, [report]);
  const message = await readModeratedMessage(database, report.message_id);
  const lines = LIMITS.reportContext;
  const afterSeq = Math.max(0, message.seq - lines - 1);
  const around = { conversationId: report.conversation_id, afterSeq, limit: 2 * lines + 1 };
  return { ...view!, message, context: await readMessages(database.currentReader, around) };
}

/** As `readReport`, by somebody who asks for it: the log says so, since others than who is reported are read with it. */
export async function lookAtReport(
  database: Database,
  { actor, reportId }: { actor: Actor; reportId: number },
  nowMs: number,
): Promise<z.output<typeof reportDetailShape>> {
  const report = await readReport(database, reportId);
  const { message_id, conversation_id } = report;
  const target = { type: 'report', id: reportId } as const;
  await recordLook(database, { actor, target, after: { message_id, conversation_id } }, nowMs);
  return report;
}

/**
 * As `readModeratedMessage`, by somebody who asks for it: the log says so. What two have said alone is read once one of them has
 * reported it. @throws AppError NOT_FOUND, FORBIDDEN
 */
export async function lookAtMessage(
  database: Database,
  { actor, messageId }: { actor: Actor; messageId: number },
  nowMs: number,
): Promise<z.output<typeof moderatedMessageShape>> {
  const message = await readModeratedMessage(database, messageId);
  const { conversation_id, type } = message.conversation;
  if (type === 'private' && !(await database.currentReader.existsBy(ChatReport, { message_id: messageId })))
    throw new AppError('FORBIDDEN', { details: { reason: 'nobody has reported it' } });
  const target = { type: 'message', id: messageId } as const;
  await recordLook(database, { actor, target, after: { conversation_id } }, nowMs);
  return message;
}

async function recordLook(
  database: Database,
  look: { actor: Actor; target: { type: 'message' | 'report'; id: number }; after: object },
  nowMs: number,
): Promise<void> {
  const row = { ...look, action: `${look.target.type}.look`, before: null };
  await database.retryingTransaction((tx) => recordAction(tx, row, nowMs));
}

/** As people see it, and as it was sent. @throws AppError NOT_FOUND */
export async function readModeratedMessage(
  database: Database,
  messageId: number,
): Promise<z.output<typeof moderatedMessageShape>> {
  const manager = database.currentReader;
  const message = await manager.findOneBy(ChatMessage, { message_id: messageId });
  if (message === null) throw new AppError('NOT_FOUND');
  const [view] = await toViews(manager, [message]);
  const { conversation_id } = message;
  const { type, name } = await manager.findOneByOrFail(ChatConversation, { conversation_id });
  const removal = message.recalled_at === null ? undefined : await findRemoval(database, messageId);
  return {
    ...view!,
    conversation: { conversation_id, type, name },
    original: removal?.content ?? message.content,
    removed_by: removal?.by ?? null,
  };
}

/** What the log keeps of a message that was taken back or deleted. */
async function findRemoval(database: Database, messageId: number) {
  const about = { targetType: 'message', targetId: String(messageId), page: 1, limit: 1 };
  // However often it was looked at since.
  const pages = await Promise.all(REMOVALS.map((action) => listAuditLog(database, { ...about, action })));
  for (const { before, after, actorId, action } of pages.flatMap(({ items }) => items)) {
    const content = (before as { content?: unknown } | null)?.content;
    const reason = (after as { reason?: unknown } | null)?.reason;
    if (typeof content !== 'string') continue;
    const by = { actor_id: actorId, action, reason: typeof reason === 'string' ? reason : null };
    return { content, by };
  }
  return undefined;
}

async function reportViews(database: Database, rows: readonly ChatReport[]): Promise<ReportView[]> {
  const people = await readPublicPeople(
    database.currentReader,
    rows.flatMap(({ reporter_id, sender_id }) => [reporter_id, sender_id]),
  );
  const personOf = (userId: number) => people.get(userId) ?? nobody(userId);
  return rows.map((row) => ({
    report_id: row.report_id,
    message_id: row.message_id,
    conversation_id: row.conversation_id,
    reporter: personOf(row.reporter_id),
    sender: personOf(row.sender_id),
    message_type: row.message_type,
    content: row.content,
    reason: row.reason,
    comment: row.comment,
    status: row.status,
    decision: row.decision,
    decision_reason: row.decision_reason,
    decided_by: row.decided_by,
    decided_at: row.decided_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
  }));
}

export async function listRestrictions(
  database: Database,
  {
    conversationId,
    userId,
    ...query
  }: NumberedQuery & { conversationId?: number | undefined; userId?: number | undefined },
  nowMs: number,
): Promise<LongPage<z.output<typeof restrictionShape>>> {
  const condition = { conversation_id: conversationId, user_id: userId };
  const page = await listNumbered(database.currentReader, RESTRICTIONS, condition, query);
  const items = page.items.map((row) => ({
    restriction_id: row.restriction_id,
    conversation_id: row.conversation_id === RESTAURANTS ? null : row.conversation_id,
    user_id: row.user_id,
    restriction: row.kind,
    until: row.ends_at.toISOString(),
    reason: row.reason,
    set_by: row.set_by,
    set_at: row.set_at.toISOString(),
    is_over: !lasts(row, nowMs),
  }));
  return { ...page, items };
}

/** Those that nobody has decided, counted to `MOST_COUNTED`. */
export function countOpenReports({ currentReader: manager }: Database): Promise<number> {
  return countTo(MOST_COUNTED, { manager, entity: ChatReport, where: { status: 'open' } });
}
