/** What breaks the record of what people say. */
import { breaks, one, type Break } from './breaking.ts';

const GAPS = 'C-2: messages of a conversation';

export const CHAT_BREAKS: Break[] = [
  ...breaks('chat_messages', [
    [GAPS, 'DELETE FROM chat_messages WHERE seq = 1'],
    [GAPS, `DELETE FROM chat_messages WHERE message_id = ${one('message_id', 'chat_messages')}`],
    [GAPS, 'UPDATE chat_messages SET seq = 7 WHERE seq = 2'],
    ['C-2: every message is in', 'UPDATE chat_messages SET conversation_id = 99999 WHERE seq = 2'],
    ['RC-4: what was recalled', `UPDATE chat_messages SET content = 'x' WHERE recalled_at IS NOT NULL`],
  ]),
  ...breaks('chat_conversations', [[GAPS, 'UPDATE chat_conversations SET last_seq = last_seq + 1']]),
  ...breaks('chat_members', [
    ['RC-3: nobody has read further', 'UPDATE chat_members SET read_seq = 9 WHERE read_seq = 2'],
    ['RC-3: nobody has read further', 'UPDATE chat_members SET conversation_id = 99999 WHERE read_seq = 2'],
  ]),
];
