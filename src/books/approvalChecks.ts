/** Who may decide what two people agree to (RL-3). */
import { isLogged } from '../admin/askAdminLog.ts';
import type { Check } from './check.ts';

export const APPROVAL_CHECKS: Check[] = [
  {
    rule: 'RL-3',
    holds: 'a request that is decided says by whom and when, and no other does',
    sql: () =>
      `SELECT approval_id, status, decided_by, decided_at FROM approvals
       WHERE (status IN ('approved', 'rejected')) <> (decided_by IS NOT NULL)
         OR (status = 'pending') <> (decided_at IS NULL)
         OR status NOT IN ('pending', 'approved', 'rejected', 'void')`,
  },
  {
    rule: 'RL-3',
    holds: 'nobody decides what they asked for or edited, unless they broke the glass',
    sql: () =>
      `SELECT approval_id, author_id, editor_id, decided_by FROM approvals a
       WHERE (decided_by < 0 OR decided_by = author_id OR decided_by = editor_id
           OR (decided_by IS NOT NULL AND (author_id IS NULL OR editor_id IS NULL)))
         AND NOT ${isLogged({ actions: ['approval.break_glass'], target: 'approval', id: 'a.approval_id', by: 'a.decided_by' })}`,
  },
];
