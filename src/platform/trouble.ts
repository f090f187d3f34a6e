/*
 * Trouble of the infrastructure: the database or Redis cannot be reached, has no room, only reads, or gave up a wait. Nothing of
 * it is a fault of the request, and the same request may be sent again: keys make that safe. Everything else that is
 * thrown is a fault of ours. Known by codes where the libraries give them, by words where they do not.
 */

/** Of the system, by any socket or file. */
const SYSTEM = new Set([
  ...[
    'ECONNREFUSED',
    'ECONNRESET',
    'ECONNABORTED',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EAI_FAIL',
  ],
  ...['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ENETRESET', 'ENOTCONN', 'EADDRNOTAVAIL'],
  ...['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'ENOSPC', 'EDQUOT', 'EROFS', 'EIO'],
]);

/** Of MySQL and MariaDB, by number: the two give some of them different names. */
const MYSQL = new Set([
  // No connection to spare, or no thread for one; a host or an account that is not let in for now.
  ...[1040, 1041, 1045, 1129, 1135, 1203, 1226],
  // Shutting down, or not ready yet; the connection was ended.
  ...[1047, 1053, 1077, 1079, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 4031],
  // It reads only, on the server, for this transaction or in this table.
  ...[1036, 1290, 1792, 1836],
  // Waits and locks: lock timeout, deadlock, row changed meanwhile, lock table full, interrupted, too long.
  ...[1020, 1205, 1206, 1213, 1317, 1614, 1637, 1969, 3024, 3101, 3572],
  // Disk and memory.
  ...[3, 1021, 1026, 1030, 1037, 1038, 1114, 1180],
]);

const SQLITE = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN|NOMEM|INTERRUPT|PROTOCOL)(_|$)/;
/** Of mysql2 itself, and of its cluster of pools. */
const MYSQL_CLIENT = /^(PROTOCOL_|HANDSHAKE_|POOL_)/;
/** A reply of Redis begins with its kind. */
const REDIS_REPLY =
  /^(READONLY|LOADING|OOM|MISCONF|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|BUSY|UNBLOCKED|EXECABORT|NOAUTH|WRONGPASS|ERR max number of clients)\b/;
const NAMES = new Set([
  'MaxRetriesPerRequestError',
  'ClusterAllFailedError',
  // Of TypeORM: a connection that is closed, or not open yet.
  'QueryRunnerAlreadyReleasedError',
  'QueryRunnerProviderAlreadyReleasedError',
  'DriverAlreadyReleasedError',
  'ConnectionIsNotSetError',
]);
/** What has neither code nor name: mysql2's pool, better-sqlite3 and ioredis. */
const WORDS = new Set([
  'Queue limit reached.',
  'Pool is closed.',
  'Connection is not established with mysql database',
  'No connections available.',
  'The database connection is not open',
  'Connection is closed.',
  'Command timed out',
  'Command aborted due to connection close',
  "Stream isn't writeable and enableOfflineQueue options is false",
]);

/** How many errors deep a cause is looked for. */
const MAX_DEPTH = 6;

export function isTrouble(thrown: unknown, depth = 0): boolean {
  if (typeof thrown !== 'object' || thrown === null || depth > MAX_DEPTH) return false;
  const { code, errno, sqlState, fatal, name, message, driverError, cause, errors } = thrown as Record<
    string,
    unknown
  >;
  if (typeof code === 'string' && (SYSTEM.has(code) || SQLITE.test(code) || MYSQL_CLIENT.test(code)))
    return true;
  // Numbers of the system are negative or small, and come without a state of SQL.
  if (typeof sqlState === 'string' && typeof errno === 'number' && MYSQL.has(errno)) return true;
  // mysql2's mark on whatever has ended its connection.
  if (fatal === true) return true;
  if (typeof name === 'string' && NAMES.has(name)) return true;
  if (
    typeof message === 'string' &&
    (WORDS.has(message) || (name === 'ReplyError' && REDIS_REPLY.test(message)))
  )
    return true;
  const within = [
    driverError,
    cause,
    ...(Array.isArray(errors) ? (errors as unknown[]).slice(0, MAX_DEPTH) : []),
  ];
  return within.some((inner) => isTrouble(inner, depth + 1));
}
