/** What people say: numbered from 1 without gaps in each conversation, and read no further than was said (C-2, C-3). */
import type { Check } from './check.ts';

export const CHAT_CHECKS: Check[] = [
  {
    rule: 'C-2',
    holds: 'messages of a conversation are numbered from 1 to its last without gaps',
    sql: () =>
      `SELECT c.conversation_id, c.last_seq, m.messages, m.first_seq, m.newest_seq FROM chat_conversations c
       LEFT JOIN (SELECT conversation_id, COUNT(*) AS messages, MIN(seq) AS first_seq, MAX(seq) AS newest_seq
                  FROM chat_messages GROUP BY conversation_id) m ON m.conversation_id = c.conversation_id
       WHERE COALESCE(m.messages, 0) <> c.last_seq OR COALESCE(m.newest_seq, 0) <> c.last_seq OR COALESCE(m.first_seq, 1) <> 1`,
  },
  {
    rule: 'C-2',
    holds: 'every message is in a conversation',
    sql: () =>
      `SELECT m.message_id, m.conversation_id FROM chat_messages m
       LEFT JOIN chat_conversations c ON c.conversation_id = m.conversation_id WHERE c.conversation_id IS NULL`,
  },
  {
    rule: 'RC-3',
    holds: 'nobody has read further than was said',
    sql: () =>
      `SELECT r.conversation_id, r.user_id, r.read_seq FROM chat_members r
       LEFT JOIN chat_conversations c ON c.conversation_id = r.conversation_id
       WHERE c.conversation_id IS NULL OR r.read_seq > c.last_seq OR r.read_seq < 0`,
  },
  {
    rule: 'RC-4',
    holds: 'what was recalled says nothing any more',
    sql: () => `SELECT message_id FROM chat_messages WHERE recalled_at IS NOT NULL AND content <> ''`,
  },
];
