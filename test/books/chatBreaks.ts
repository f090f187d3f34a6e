/** What breaks the record of what people say. */
import { breaks, one, type Break } from './breaking.ts';

const GAPS = 'C-2: messages of a conversation';

export const CHAT_BREAKS: Break[] = [
  ...breaks('chat_messages', [
    [GAPS, 'DELETE FROM chat_messages WHERE seq = 1'],
    [GAPS, `DELETE FROM chat_messages WHERE message_id = ${one('message_id', 'chat_messages')}`],
    [GAPS, 'UPDATE chat_messages SET seq = 7 WHERE seq = 2'],
    [
      'C-2: every message is in',
      'UPDATE chat_messages SET conversation_id = 99999 WHERE seq = 2 AND sender_id IS NOT NULL',
    ],
    ['C-4: a message that a report', 'UPDATE chat_messages SET recalled_at = NULL WHERE seq = 1'],
    ['RC-4: what was recalled', `UPDATE chat_messages SET content = 'x' WHERE recalled_at IS NOT NULL`],
  ]),
  ...breaks('chat_conversations', [[GAPS, 'UPDATE chat_conversations SET last_seq = last_seq + 1']]),
  ...breaks('admin_audit_logs', [
    ['RC-4: what a message said', `DELETE FROM admin_audit_logs WHERE action = 'message.recall'`],
    ['RC-4: what a message said', `DELETE FROM admin_audit_logs WHERE action = 'message.delete'`],
  ]),
  ...breaks('chat_restrictions', [
    [
      'C-4: whoever is banned',
      `UPDATE chat_restrictions SET user_id = (SELECT MAX(m.user_id) FROM chat_members m
         WHERE m.conversation_id = chat_restrictions.conversation_id)`,
    ],
  ]),
  ...breaks('chat_reports', [
    ['C-4: a report is decided', 'UPDATE chat_reports SET decided_by = NULL'],
    ['C-4: a report is decided', `UPDATE chat_reports SET status = 'open'`],
  ]),
  ...breaks('admin_status', [
    ['RC-6: an agent has', 'UPDATE admin_status SET open_sessions = open_sessions + 1'],
    ['RC-8: a session that is assigned', 'DELETE FROM admin_status'],
  ]),
  ...breaks('service_sessions', [
    ['RC-6: an agent has', `DELETE FROM service_sessions WHERE status = 'assigned'`],
    [
      'RC-8: a session that is assigned',
      `UPDATE service_sessions SET status = 'waiting' WHERE status = 'assigned'`,
    ],
    ['RC-8: a session that is assigned', `UPDATE service_sessions SET agent_id = user_id + 90000`],
    ['C-1: a session is open', 'UPDATE service_sessions SET open_user_id = NULL'],
    ['C-1: a session is open', 'UPDATE service_sessions SET conversation_id = 1'],
    ['C-1: a session is open', `UPDATE service_sessions SET ended_at = NULL WHERE status = 'closed'`],
    ['RC-9: a rating is', 'UPDATE service_sessions SET rating = 6 WHERE rating = 5'],
    ['RC-9: a rating is', 'UPDATE service_sessions SET rated_at = NULL WHERE rating = 5'],
  ]),
  ...breaks('chat_members', [
    [
      'RC-8: a session that is assigned',
      `DELETE FROM chat_members WHERE conversation_id IN (SELECT conversation_id FROM service_sessions)`,
    ],
    ['C-1: a group that somebody', `UPDATE chat_members SET role = 'admin' WHERE role = 'owner'`],
    ['RC-3: nobody has read further', 'UPDATE chat_members SET read_seq = 9 WHERE read_seq = 2'],
    ['RC-3: nobody has read further', 'UPDATE chat_members SET conversation_id = 99999 WHERE read_seq = 2'],
  ]),
];
