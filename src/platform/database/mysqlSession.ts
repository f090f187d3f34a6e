/**
 * The state of a MySQL or MariaDB connection. It takes nothing from the server's settings (DB-8): each value that changes what
 * a statement means, or what it leaves behind, is set before the first statement, and the start reads them back.
 */

/** Of names, texts and tables alike; both servers know it, and neither changes it between versions. */
export const CHARSET = 'utf8mb4';
export const COLLATION = 'utf8mb4_unicode_ci';

/**
 * Refuses what does not fit instead of changing it. What is not in the list is off: with NO_BACKSLASH_ESCAPES or ANSI_QUOTES
 * what users write would become SQL, with PIPES_AS_CONCAT or NO_AUTO_VALUE_ON_ZERO statements would mean something else.
 */
const SQL_MODE = [
  'STRICT_TRANS_TABLES',
  'STRICT_ALL_TABLES',
  'NO_ZERO_IN_DATE',
  'NO_ZERO_DATE',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'NO_ENGINE_SUBSTITUTION',
];

/** By the names that SHOW VARIABLES has for them, with what it shows. */
const VARIABLES: Record<string, { sql: string; shown: string }> = {
  time_zone: { sql: `'+00:00'`, shown: '+00:00' },
  autocommit: { sql: '1', shown: 'ON' },
  // COMMIT ends the transaction, and neither begins the next one nor hangs up.
  completion_type: { sql: `'NO_CHAIN'`, shown: 'NO_CHAIN' },
  // Off, duplicates are let into unique keys: DRAW-4 rests on one.
  unique_checks: { sql: '1', shown: 'ON' },
  sql_auto_is_null: { sql: '0', shown: 'OFF' },
  sql_safe_updates: { sql: '0', shown: 'OFF' },
  sql_big_selects: { sql: '1', shown: 'ON' },
  sql_select_limit: { sql: '18446744073709551615', shown: '18446744073709551615' },
  default_storage_engine: { sql: `'InnoDB'`, shown: 'InnoDB' },
  innodb_lock_wait_timeout: { sql: '10', shown: '10' },
  // For an ALTER TABLE of the operator's, which holds up everybody: a day, where nothing is said.
  lock_wait_timeout: { sql: '10', shown: '10' },
};

/** What differs between MySQL and MariaDB. */
export interface SessionSettings {
  /** Run once on every connection, before anything else. */
  statements: string[];
  /** The server closes connections that have been idle for this long, so the pool must not use them. Undefined: for hours. */
  idleLimitMs: number | undefined;
}

/**
 * A process that is stopped inside a transaction must not keep its locks from the one that takes over. MariaDB ends a
 * transaction that is idle. MySQL knows idle connections only, in a transaction or in a pool alike.
 */
export function sessionSettings(version: string): SessionSettings {
  return isMariadb(version)
    ? { statements: [...STATE, 'SET SESSION idle_transaction_timeout = 2'], idleLimitMs: undefined }
    : { statements: [...STATE, 'SET SESSION wait_timeout = 3'], idleLimitMs: 3000 };
}

/** For every connection, whichever server it is to. Keys are read, so auto_increment_increment stays what the server needs. */
export const STATE: readonly string[] = [
  `SET NAMES ${CHARSET} COLLATE ${COLLATION}`,
  `SET SESSION sql_mode = '${SQL_MODE.join(',')}', ${Object.entries(VARIABLES)
    .map(([name, { sql }]) => `SESSION ${name} = ${sql}`)
    .join(', ')}`,
  // Locks go on the rows a statement names and on no gap between them.
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE',
];

const ISOLATION = ['tx_isolation', 'transaction_isolation'];
const SHOWN: Record<string, string> = {
  ...Object.fromEntries(Object.entries(VARIABLES).map(([name, { shown }]) => [name, shown])),
  character_set_client: CHARSET,
  character_set_connection: CHARSET,
  character_set_results: CHARSET,
  collation_connection: COLLATION,
  ...Object.fromEntries(ISOLATION.map((name) => [name, 'READ-COMMITTED'])),
};

/** The variables that `faultOf` looks at. */
export const LOOKED_AT = [...Object.keys(SHOWN), 'sql_mode', 'log_bin', 'binlog_format'];

/**
 * Why the server cannot serve, or undefined when it can.
 * @param shown of a connection whose state was set: what differs was set by somebody in between, as a proxy.
 */
export function faultOf(version: string, shown: ReadonlyMap<string, string>): string | undefined {
  if (!isVersionServed(version)) return `the server is ${version.slice(0, 64)}: ${SERVED} is needed`;
  if (shown.get('log_bin') === 'ON' && shown.get('binlog_format') === 'STATEMENT') {
    return 'the server has binlog_format STATEMENT: ROW is needed, or MIXED';
  }
  if (shown.get('sql_mode')?.split(',').sort().join() !== [...SQL_MODE].sort().join()) {
    return 'the server does not keep the sql_mode of a connection';
  }
  const changed = Object.entries(SHOWN).find(([name, value]) => (shown.get(name) ?? value) !== value);
  return (
    changed && `the server does not keep the ${changed[0]} of a connection: it is ${shown.get(changed[0])}`
  );
}

const SERVED = 'MySQL 8.0 or later, or MariaDB 10.11 or later,';

function isVersionServed(version: string): boolean {
  // Old clients took 10 for 1, so MariaDB is announced as 5.5.5-10 by some.
  const [major = 0, minor = 0] = version
    .replace(/^5\.5\.5-/, '')
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  return isMariadb(version) ? major > 10 || (major === 10 && minor >= 11) : major >= 8;
}

function isMariadb(version: string): boolean {
  return version.includes('MariaDB');
}
