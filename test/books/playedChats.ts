import type { ChatConversation } from '../../entities/chat/ChatConversation.ts';
import { ChatMessage } from '../../entities/chat/ChatMessage.ts';
import { Conversation } from '../../src/chat/conversation.ts';
import { openGroup } from '../../src/chat/conversations.ts';
import { reportMessage } from '../../src/chat/moderation/reports.ts';
import { systemClock as clock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import type { Logger } from '../../src/platform/logger.ts';
import { unlistedWords } from '../support/words.ts';

/** Two people say something each; one of the messages is recalled, the other reported and deleted, and one of them banned. */
export async function playChats(
  { database, logger }: { database: Database; logger: Logger },
  userIds: readonly [number, number],
): Promise<ChatConversation> {
  const [wang, li] = userIds;
  const group = await database.transaction((tx) =>
    openGroup(tx, { userId: wang, name: 'A dinner', memberIds: [li] }, clock.nowMs()),
  );
  const conversation = await Conversation.open(
    { database, clock, logger, words: unlistedWords({ database, logger }) },
    group.conversation_id,
  );
  const say = (userId: number, content: string) =>
    conversation.send(userId, { client_msg_id: `${userId}`, type: 'text', content });
  await say(wang, 'When?');
  const { message_id: messageId } = await say(li, 'At seven');
  await conversation.recall({ userId: li, ip: '', requestId: 'r' }, messageId);
  await conversation.markRead(wang, 2);
  await moderate(database, conversation, { wang, li });
  await conversation.close();
  return group;
}

async function moderate(
  database: Database,
  conversation: Conversation,
  { wang, li }: { wang: number; li: number },
): Promise<void> {
  const { conversationId: conversation_id } = conversation;
  const actor = { userId: wang, ip: '', requestId: 'm' };
  const nowMs = clock.nowMs();
  const first = { conversation_id, seq: 1 };
  const { message_id: messageId } = await database.currentReader.findOneByOrFail(ChatMessage, first);
  const complaint = { userId: li, messageId, reason: 'spam', comment: null };
  const { report_id: reportId } = await database.transaction((tx) => reportMessage(tx, complaint, nowMs));
  const report = { reportId, decision: 'delete' } as const;
  await conversation.moderate({ actor, reason: 'r', action: { kind: 'delete', messageId }, report });
  const ban = { kind: 'restrict', userId: li, bannedUntilMs: nowMs + 60_000 } as const;
  await conversation.moderate({ actor, reason: 'r', action: ban });
}
