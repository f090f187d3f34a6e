import type { ChatConversation } from '../../entities/chat/ChatConversation.ts';
import { ChatMessage } from '../../entities/chat/ChatMessage.ts';
import { Conversation } from '../../src/chat/conversation.ts';
import { openGroup } from '../../src/chat/conversations.ts';
import { reportMessage } from '../../src/chat/moderation/reports.ts';
import { noteAgent } from '../../src/chat/service/agents.ts';
import { openService } from '../../src/chat/service/openService.ts';
import { rateSession } from '../../src/chat/service/rateSession.ts';
import type { SessionChange } from '../../src/chat/service/sessionChange.ts';
import { systemClock as clock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import type { Logger } from '../../src/platform/logger.ts';
import { unlistedWords } from '../support/words.ts';

/** Two people say something each; one of the messages is recalled, the other reported and deleted, and one of them banned; one report waits. */
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
  await playService({ database, logger }, { dinerId: wang, agentId: li });
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
  const moderator = { ...actor, userId: 99 };
  await conversation.moderate({
    ...{ actor: moderator, reason: 'r', report },
    action: { kind: 'delete', messageId },
  });
  const second = await database.currentReader.findOneByOrFail(ChatMessage, { conversation_id, seq: 2 });
  const waiting = { userId: wang, messageId: second.message_id, reason: 'other', comment: null };
  await database.transaction((tx) => reportMessage(tx, waiting, nowMs));
  const ban = { kind: 'restrict', userId: li, bannedUntilMs: nowMs + 60_000 } as const;
  await conversation.moderate({ actor, reason: 'r', action: ban });
}

/** A diner was served and has rated it, and is served again. */
async function playService(
  { database, logger }: { database: Database; logger: Logger },
  { dinerId, agentId }: { dinerId: number; agentId: number },
): Promise<void> {
  const services = { database, clock, logger, words: unlistedWords({ database, logger }) };
  const changeSession = async (id: number | string, change: SessionChange) => {
    const conversation = await Conversation.open(services, Number(id));
    await conversation.changeSession(change);
    await conversation.close();
  };
  const asking = { userId: dinerId, topic: 'A bill', restaurantId: null };
  const ask = () => openService({ database, clock, conversations: { changeSession } }, asking);
  const actor = { userId: agentId, ip: '', requestId: 'r' };
  await database.transaction((tx) => noteAgent(tx, agentId, clock.nowMs()));
  const conversationId = await ask();
  await changeSession(conversationId, { kind: 'take', actor });
  await changeSession(conversationId, { kind: 'end', actor, isSupervisor: false, as: 'closed' });
  const rated = { conversationId, userId: dinerId, rating: 5 };
  await database.transaction((tx) => rateSession(tx, rated, clock.nowMs()));
  await ask();
  await changeSession(conversationId, { kind: 'take', actor });
}
