/** Diners who are served in chat, and who serves them (C-1, RC-6, RC-8, RC-9). */
import type { Check } from './check.ts';

const OPEN = `s.status IN ('waiting', 'assigned')`;

export const SERVICE_CHECKS: Check[] = [
  {
    rule: 'RC-6',
    holds: 'an agent has as many sessions as are counted',
    sql: () =>
      `SELECT a.user_id, a.open_sessions, s.sessions FROM admin_status a
       LEFT JOIN (SELECT agent_id, COUNT(*) AS sessions FROM service_sessions WHERE status = 'assigned' GROUP BY agent_id) s
         ON s.agent_id = a.user_id
       WHERE a.open_sessions <> COALESCE(s.sessions, 0)`,
  },
  {
    rule: 'RC-8',
    holds: 'a session that is assigned has its agent in the conversation, and any other has none',
    // Of an agent who has closed their account it is taken within seconds.
    sql: () =>
      `SELECT s.opening_id, s.status, s.agent_id FROM service_sessions s
       LEFT JOIN admin_status a ON a.user_id = s.agent_id
       LEFT JOIN users u ON u.user_id = s.agent_id
       LEFT JOIN chat_members m ON m.conversation_id = s.conversation_id AND m.user_id = s.agent_id
       WHERE (s.status = 'assigned' AND (a.user_id IS NULL OR (m.user_id IS NULL AND u.status <> 'closed')))
          OR (s.status = 'waiting' AND s.agent_id IS NOT NULL)`,
  },
  {
    rule: 'C-1',
    holds: 'a session is open for its diner, or over for nobody, in a conversation of service',
    sql: () =>
      `SELECT s.opening_id, s.status, s.open_user_id, c.type FROM service_sessions s
       LEFT JOIN chat_conversations c ON c.conversation_id = s.conversation_id
       WHERE c.type IS NULL OR c.type <> 'service'
          OR (${OPEN} AND (s.open_user_id IS NULL OR s.open_user_id <> s.user_id OR s.ended_at IS NOT NULL))
          OR (NOT (${OPEN}) AND (s.open_user_id IS NOT NULL OR s.ended_at IS NULL))`,
  },
  {
    rule: 'RC-9',
    holds: 'a rating is from 1 to 5, and of what somebody has served',
    sql: () =>
      `SELECT opening_id, status, rating FROM service_sessions
       WHERE rating IS NOT NULL AND (rating < 1 OR rating > 5 OR rated_at IS NULL OR status = 'waiting')`,
  },
];
