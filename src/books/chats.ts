/** What people say: numbered from 1 without gaps in each conversation, and read no further than was said (C-2, C-3). */
import { isLogged } from '../admin/askAdminLog.ts';
import type { Check } from './check.ts';

const TAKEN_BACK = { actions: ['message.recall', 'message.delete'], target: 'message', id: 'm.message_id' };

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
  {
    rule: 'RC-4',
    holds: 'what a message said that was recalled or deleted is in the log',
    sql: () =>
      `SELECT m.message_id FROM chat_messages m WHERE m.recalled_at IS NOT NULL AND NOT ${isLogged(TAKEN_BACK)}`,
  },
  {
    rule: 'C-1',
    holds: 'a group that somebody is in has one owner',
    sql: () =>
      `SELECT c.conversation_id, SUM(CASE WHEN m.role = 'owner' THEN 1 ELSE 0 END) AS owners FROM chat_conversations c
       JOIN chat_members m ON m.conversation_id = c.conversation_id WHERE c.type = 'group'
       GROUP BY c.conversation_id HAVING SUM(CASE WHEN m.role = 'owner' THEN 1 ELSE 0 END) <> 1`,
  },
  {
    rule: 'C-4',
    // Whatever the clock says now: who came in again did so once it was over.
    holds: 'whoever is banned from a conversation is not in it',
    sql: () =>
      `SELECT r.conversation_id, r.user_id, r.ends_at, m.joined_at FROM chat_restrictions r
       JOIN chat_members m ON m.conversation_id = r.conversation_id AND m.user_id = r.user_id
       WHERE r.kind = 'ban' AND m.joined_at < r.ends_at`,
  },
  {
    rule: 'C-4',
    holds: 'a report is decided by somebody, or open',
    sql: () =>
      `SELECT report_id, status, decision, decided_by FROM chat_reports
       WHERE (status = 'open') <> (decision IS NULL) OR (decision IS NULL) <> (decided_by IS NULL)
         OR (decision IS NULL) <> (decided_at IS NULL)`,
  },
  {
    rule: 'C-4',
    holds: 'a message that a report was to delete is deleted',
    sql: () =>
      `SELECT r.report_id, r.message_id FROM chat_reports r LEFT JOIN chat_messages m ON m.message_id = r.message_id
       WHERE r.decision = 'delete' AND m.recalled_at IS NULL`,
  },
];
