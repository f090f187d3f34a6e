/** What somebody has said, and where they talk, for themself. */
import { In } from 'typeorm';
import { z } from 'zod';
import { ChatMember } from '../../entities/chat/ChatMember.ts';
import { ChatMessage } from '../../entities/chat/ChatMessage.ts';
import { ChatReport } from '../../entities/chat/ChatReport.ts';
import { ChatRestriction } from '../../entities/chat/ChatRestriction.ts';
import { ServiceSession } from '../../entities/chat/ServiceSession.ts';
import { insertOne } from '../platform/database/bulk.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { idShape, newest, newestOf, timeShape } from '../platform/shapes.ts';
import { carryBlocks, forgetBlocks, listBlocks } from './blocks.ts';
import { lockConversations } from './membership.ts';
import { blockShape, messageShape } from './messages.ts';
import { ownRestrictionShape, reportedShape } from './moderation/messages.ts';
import { toReported } from './moderation/reports.ts';
import { toOwnRestriction } from './moderation/restrictions.ts';
import { abandonSession } from './service/abandonSession.ts';
import { takeOut } from './moderation/roles.ts';
import { sessionStatusShape } from './service/messages.ts';

export const exportedChatsShape = z.object({
  messages: newestOf(messageShape.omit({ sender: true }).extend({ conversation_id: idShape })),
  conversations: z.array(idShape),
  service_sessions: newestOf(
    z.object({
      conversation_id: idShape,
      topic: z.string(),
      status: sessionStatusShape,
      created_at: timeShape,
      ended_at: timeShape.nullable(),
      rating: z.int().nullable(),
    }),
  ),
  chat_reports: newestOf(reportedShape.extend({ comment: z.string().nullable() })),
  chat_blocks: z.array(blockShape),
  chat_restrictions: z.array(ownRestrictionShape.extend({ set_at: timeShape })),
});

/** Newest first. */
export async function exportChats(
  { reader }: Pick<Database, 'reader'>,
  userId: number,
  limit: number,
): Promise<z.output<typeof exportedChatsShape>> {
  const [messages, members, sessions, reports, restrictions, blocks] = await Promise.all([
    reader.find(ChatMessage, {
      where: { sender_id: userId },
      order: { message_id: 'DESC' },
      take: limit + 1,
    }),
    reader.find(ChatMember, { where: { user_id: userId }, order: { conversation_id: 'ASC' } }),
    reader.find(ServiceSession, {
      where: { user_id: userId },
      order: { opening_id: 'DESC' },
      take: limit + 1,
    }),
    reader.find(ChatReport, {
      where: { reporter_id: userId },
      order: { report_id: 'DESC' },
      take: limit + 1,
    }),
    reader.find(ChatRestriction, { where: { user_id: userId }, order: { set_at: 'DESC' } }),
    listBlocks(reader, userId),
  ]);
  const shown = messages.map((message) => ({
    message_id: message.message_id,
    conversation_id: message.conversation_id,
    seq: message.seq,
    type: message.type,
    content: message.content,
    created_at: message.created_at.toISOString(),
    recalled_at: message.recalled_at?.toISOString() ?? null,
  }));
  return {
    messages: newest(shown, limit),
    conversations: members.map(({ conversation_id: id }) => id),
    service_sessions: newest(
      sessions.map(({ conversation_id, topic, status, created_at, ended_at, rating }) => ({
        conversation_id,
        topic,
        status,
        created_at: created_at.toISOString(),
        ended_at: ended_at?.toISOString() ?? null,
        rating,
      })),
      limit,
    ),
    chat_reports: newest(
      reports.map((report) => ({ ...toReported(report), comment: report.comment })),
      limit,
    ),
    chat_blocks: blocks,
    chat_restrictions: restrictions.map((row) => ({
      ...toOwnRestriction(row),
      set_at: row.set_at.toISOString(),
    })),
  };
}

/**
 * What moderators and others have against somebody goes with them to the account that stays, and so does whom they have blocked: a
 * merge is no way out of a ban. What lasts longer counts.
 */
export async function carryRestrictions(
  tx: Tx,
  { fromUserId, intoUserId }: { fromUserId: number; intoUserId: number },
): Promise<void> {
  const rows = await tx.manager.findBy(ChatRestriction, { user_id: In([fromUserId, intoUserId]) });
  for (const { restriction_id: _, ...row } of rows.filter(({ user_id: id }) => id === fromUserId)) {
    const known = rows.find(
      (other) =>
        other.user_id === intoUserId &&
        other.kind === row.kind &&
        other.conversation_id === row.conversation_id,
    );
    if (known === undefined) await insertOne(tx, ChatRestriction, { ...row, user_id: intoUserId });
    else if (known.ends_at < row.ends_at)
      await tx.manager.update(
        ChatRestriction,
        { restriction_id: known.restriction_id },
        { ends_at: row.ends_at, reason: row.reason, set_by: row.set_by, set_at: row.set_at },
      );
  }
  await carryBlocks(tx, { fromUserId, intoUserId });
}

/** What was said stays where others have read it, under a name that leads to nobody. Groups of theirs go to others. */
export async function leaveConversations(tx: Tx, userId: number, nowMs: number): Promise<void> {
  const members = await tx.manager.findBy(ChatMember, { user_id: userId });
  // Held, or an owner's commit could write one of the rows anew, or make one of the heirs leave.
  await lockConversations(
    tx,
    members.map(({ conversation_id: id }) => id),
  );
  const held = await tx.manager.findBy(ChatMember, { user_id: userId });
  for (const member of held.filter(({ role }) => role === 'owner'))
    await takeOut(tx, member.conversation_id, [member]);
  await abandonSession(tx, userId, nowMs);
  await tx.manager.delete(ChatMember, { user_id: userId });
  await tx.manager.delete(ChatRestriction, { user_id: userId });
  await forgetBlocks(tx, userId);
  // What they have reported may still wait for somebody.
  await tx.manager.update(ChatReport, { reporter_id: userId }, { comment: null });
}
