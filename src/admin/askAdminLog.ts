/** What the audit of the books asks the administration's log. */

export interface LoggedAction {
  /** One of these. */
  actions: readonly string[];
  target: string;
  /** Columns, as the statement around it calls them. */
  id: string;
  /** Absent: whoever it was. */
  by?: string;
}

/** A condition: whether somebody did something to what the row is about. */
export function isLogged({ actions, target, id, by }: LoggedAction): string {
  const names = actions.map((action) => `'${action}'`).join(', ');
  return `EXISTS (SELECT 1 FROM admin_audit_logs l WHERE l.action IN (${names}) AND l.target_type = '${target}'
    AND l.target_id = CAST(${id} AS CHAR)${by === undefined ? '' : ` AND l.actor_id = ${by}`})`;
}
