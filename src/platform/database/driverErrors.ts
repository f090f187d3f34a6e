/** What errors of the two drivers mean for the transaction they happened in. */

/** Errors after which the same transaction may succeed: 1213 deadlock, 1205 lock timeout, SQLite's busy. */
const RETRYABLE = new Set([
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_CHECKREAD',
  'SQLITE_BUSY',
  'SQLITE_BUSY_RECOVERY',
  'SQLITE_BUSY_SNAPSHOT',
  'SQLITE_LOCKED',
]);
const DUPLICATE = new Set(['ER_DUP_ENTRY', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY']);
/** No answer to a statement, and none to a connection. */
const OVERDUE = new Set(['PROTOCOL_SEQUENCE_TIMEOUT', 'ETIMEDOUT']);
/** With these words MySQL ends an idle connection. */
const GOODBYE = 'ER_CLIENT_INTERACTION_TIMEOUT';

export function isRetryable(error: unknown): boolean {
  return RETRYABLE.has(driverCodeOf(error));
}

/** Whether the error is a violated unique key. */
export function isDuplicate(error: unknown): boolean {
  return DUPLICATE.has(driverCodeOf(error));
}

/** Whether the error has ended its connection, and with it whatever was not committed. MySQL says so before it hangs up. */
export function isLost(error: unknown): boolean {
  const { fatal } = (error ?? {}) as { fatal?: unknown };
  return fatal === true || driverCodeOf(error) === GOODBYE;
}

/** Whether a wait for the database was given up: nobody waits for it once more. */
export function isOverdue(error: unknown): boolean {
  return OVERDUE.has(driverCodeOf(error));
}

/** Whether MySQL has answered with this error and listens for the next statement. */
export function isAnswered(error: unknown): boolean {
  const { sqlState } = (error ?? {}) as { sqlState?: unknown };
  return typeof sqlState === 'string' && !isLost(error);
}

/** Whether another program has the SQLite file for the moment. */
export function isSqliteBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(driverCodeOf(error));
}

export function driverCodeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}
