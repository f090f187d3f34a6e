import { ChatConversation } from '../../entities/chat/ChatConversation.ts';
import { ChatMessage } from '../../entities/chat/ChatMessage.ts';
import { insertOne } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { toViews } from './history.ts';
import type { MessageView } from './messages.ts';

/** What a conversation says of itself, as a message of nobody's. @param said as `{event: 'members', …}` */
export async function sayOfItself(
  tx: Tx,
  { conversation_id, last_seq }: Pick<ChatConversation, 'conversation_id' | 'last_seq'>,
  said: { event: string },
  nowMs: number,
): Promise<MessageView> {
  const created_at = new Date(nowMs);
  const row: Omit<ChatMessage, 'message_id'> = {
    conversation_id,
    seq: last_seq + 1,
    sender_id: null,
    client_msg_id: null,
    type: 'system',
    content: JSON.stringify(said),
    word_version: null,
    created_at,
    recalled_at: null,
  };
  const message_id = await insertOne(tx, ChatMessage, row);
  const moved = { last_seq: row.seq, is_indexed: false, updated_at: created_at };
  await tx.manager.update(ChatConversation, { conversation_id }, moved);
  const [view] = await toViews(tx.manager, [{ ...row, message_id }]);
  return view!;
}
