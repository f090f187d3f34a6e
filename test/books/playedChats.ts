import type { ChatConversation } from '../../entities/chat/ChatConversation.ts';
import { Conversation } from '../../src/chat/conversation.ts';
import { openGroup } from '../../src/chat/conversations.ts';
import { systemClock as clock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import type { Logger } from '../../src/platform/logger.ts';
import { unlistedWords } from '../support/words.ts';

/** Two people say something each; one of the messages is recalled, and one of them has read. */
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
  await conversation.close();
  return group;
}
