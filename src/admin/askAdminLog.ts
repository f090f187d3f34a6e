/** What the audit of the books asks the administration's log. */

export interface LoggedAction {
  action: string;
  target: string;
  /** Columns, as the statement around it calls them. */
  id: string;
  by: string;
}

/** A condition: whether somebody did something to what the row is about. */
export function isLogged({ action, target, id, by }: LoggedAction): string {
  return `EXISTS (SELECT 1 FROM admin_audit_logs l WHERE l.action = '${action}' AND l.target_type = '${target}'
    AND l.target_id = CAST(${id} AS CHAR) AND l.actor_id = ${by})`;
}
