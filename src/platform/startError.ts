/** Why a start was refused, in one line that begins with the setting's name: the operator's to mend, so no stack goes with it. */
export class StartError extends Error {
  override readonly name: string = 'StartError';
}

/** What drivers and the system say by a code, as it is told to whoever gave the setting. */
const FAULTS: Record<string, string> = {
  ECONNREFUSED: 'nobody listens at this address',
  ECONNRESET: 'whoever listens there hangs up: another protocol, or TLS on one side only',
  ENOTFOUND: 'its host is not known',
  EAI_AGAIN: 'its host cannot be looked up now',
  ETIMEDOUT: 'there is no answer from this address',
  EHOSTUNREACH: 'there is no way to this address',
  ENETUNREACH: 'there is no way to this address',
  // Files.
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOENT: 'there is no such place',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'a part of its path is a file',
  EISDIR: 'is a folder',
  // SQLite.
  SQLITE_CANTOPEN: 'the file cannot be opened or made',
  SQLITE_NOTADB: 'the file is no SQLite database',
  SQLITE_CORRUPT: 'the database file is damaged',
  SQLITE_READONLY: 'this user may not write to the file or its folder',
  SQLITE_PERM: 'this user may not write to the file or its folder',
  SQLITE_FULL: 'the disk is full',
  SQLITE_IOERR: 'the file cannot be read or written',
  SQLITE_BUSY: 'another program has the file locked',
  SQLITE_LOCKED: 'another program has the file locked',
  SQLITE_PROTOCOL: 'another program has the file locked',
  // MySQL and MariaDB.
  ER_ACCESS_DENIED_ERROR: 'the server does not take this user and password',
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: 'the server does not take this user without a password',
  ER_HOST_NOT_PRIVILEGED: 'the server takes no connections from this machine',
  ER_HOST_IS_BLOCKED: 'the server has blocked this machine after failed connections',
  ER_NOT_SUPPORTED_AUTH_MODE: 'the server asks for a way to log in that is not supported',
  ER_BAD_DB_ERROR: 'the server has no database of this name',
  ER_DBACCESS_DENIED_ERROR: 'this user may not use this database',
  ER_TABLEACCESS_DENIED_ERROR: 'this user lacks a privilege on the tables',
  ER_COLUMNACCESS_DENIED_ERROR: 'this user lacks a privilege on the tables',
  ER_SPECIFIC_ACCESS_DENIED_ERROR: 'this user lacks a privilege',
  ER_CON_COUNT_ERROR: 'the server has too many connections',
  ER_TOO_MANY_USER_CONNECTIONS: 'this user has too many connections',
  ER_USER_LIMIT_REACHED: 'this user has too many connections',
  ER_OPTION_PREVENTS_STATEMENT: 'the server takes no writes: is it a replica?',
  ER_READ_ONLY_MODE: 'the server takes no writes: is it a replica?',
  ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION: 'the server takes no writes: is it a replica?',
  ER_DISK_FULL: "the server's disk is full",
  ER_RECORD_FILE_FULL: "the server's disk is full",
  ER_SERVER_SHUTDOWN: 'the server is shutting down',
  // Redis.
  NOAUTH: 'the server asks for a password',
  WRONGPASS: 'the server does not take this user and password',
  NOPERM: 'this user may not do what is needed',
  READONLY: 'the server takes no writes: is it a replica?',
  MISCONF: 'the server takes no writes: it cannot save its data',
  OOM: 'the server takes no writes: its memory is full',
  LOADING: 'the server is still loading its data',
};

/** Codes that tell of the surroundings in a way that no sentence of ours would tell better. */
const SURROUNDINGS =
  /^(E[A-Z0-9]{3,}|PROTOCOL_\w+|HANDSHAKE_\w+|AUTH_\w+|(ERR_(TLS|SSL|OSSL)|CERT|CRL|UNABLE|SELF_SIGNED|DEPTH_ZERO|INVALID_CA|PATH_LENGTH|HOSTNAME)_?\w*)$/;

/**
 * What the operator is told when opening what `setting` names has failed; undefined when the error is not about the surroundings
 * but ours, and its stack is wanted.
 */
export function startErrorOf(setting: string, error: unknown): StartError | undefined {
  if (error instanceof StartError) return error;
  const code = codeOf(error);
  // SQLITE_IOERR_WRITE is told as SQLITE_IOERR is.
  const fault = FAULTS[code] ?? FAULTS[code.split('_').slice(0, 2).join('_')];
  if (fault !== undefined) return new StartError(`${setting}: ${fault} (${code})`, { cause: error });
  if (!SURROUNDINGS.test(code)) return undefined;
  return new StartError(`${setting}: cannot be used (${code})`, { cause: error });
}

/** Redis has its codes as the first word of the text. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return code;
  if (error.name !== 'ReplyError') return '';
  const [word = ''] = error.message.split(' ', 1);
  return word;
}
