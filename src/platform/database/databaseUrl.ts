import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A database URL that says something which is not understood. The message is one line without the setting's name. */
export class DatabaseUrlError extends Error {
  override readonly name = 'DatabaseUrlError';
}

const SHAPE = 'must be sqlite:FILE or mysql://user:pass@host:port/database';

export interface MysqlAddress {
  host: string;
  port: number;
  username: string;
  password: string;
  database: string;
  /** Undefined: the connection is not encrypted. */
  tls: TlsAsked | undefined;
}

export interface TlsAsked {
  /** File of the authority that has signed the server's certificate; undefined: one that everybody trusts. */
  caFile: string | undefined;
  /** Whether the certificate must name the host of the URL, too. */
  isNameVerified: boolean;
}

export function isSqliteUrl(url: string): boolean {
  return url.startsWith('sqlite:');
}

/** Why a URL is none of a database, for whoever checks settings; undefined when it is one. */
export function faultOfDatabaseUrl(url: string): string | undefined {
  if (isSqliteUrl(url)) return faultOfSqliteFile(url.slice('sqlite:'.length));
  try {
    parseMysqlUrl(url);
    return undefined;
  } catch (error) {
    if (error instanceof DatabaseUrlError) return error.message;
    throw error;
  }
}

/** Every connection to :memory: has a database of its own, and the server opens more than one. */
function faultOfSqliteFile(file: string): string | undefined {
  if (file === '') return SHAPE;
  if (file.startsWith(':') || file.startsWith('file:')) return 'must name a file: sqlite:./data/kaijiang.db';
  if (/(^|\/)\.{0,2}$/.test(file)) return 'must name a file, not a folder: sqlite:./data/kaijiang.db';
  return undefined;
}

/**
 * Reads mysql://user:password@host:port/database, with `?ssl=true` for TLS, `ssl=verify_ca` where the certificate does not name
 * the host, and `ssl_ca=FILE` for an authority of one's own. What is encoded with % is decoded. Opens no file.
 * @throws {DatabaseUrlError}
 */
export function parseMysqlUrl(url: string): MysqlAddress {
  if (!URL.canParse(url)) throw new DatabaseUrlError(SHAPE);
  const { protocol, hostname, port, username, password, pathname, searchParams, hash } = new URL(url);
  const database = decoded('the database', pathname.slice(1));
  if (protocol !== 'mysql:' || hostname === '' || database === '' || pathname.slice(1).includes('/')) {
    throw new DatabaseUrlError(SHAPE);
  }
  if (hash !== '') throw new DatabaseUrlError('has a # that must be written as %23');
  if (port === '0') throw new DatabaseUrlError('has the port 0');
  return {
    host: hostname.startsWith('[') ? hostname.slice(1, -1) : decoded('the host', hostname),
    port: port === '' ? 3306 : Number(port),
    username: decoded('the user', username),
    password: decoded('the password', password),
    database,
    tls: tlsOf(searchParams),
  };
}

/** What mysql2 takes as `ssl`. @throws {DatabaseUrlError} when the file is not there or holds no certificate. */
export function tlsOptions({ caFile, isNameVerified }: TlsAsked): object {
  const checks = { rejectUnauthorized: true, verifyIdentity: isNameVerified };
  return caFile === undefined ? checks : { ...checks, ca: readCertificates(caFile) };
}

function tlsOf(parameters: URLSearchParams): TlsAsked | undefined {
  const known = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (name !== 'ssl' && name !== 'ssl_ca') {
      throw new DatabaseUrlError(`has a parameter ${name.slice(0, 32)}: known are ssl and ssl_ca`);
    }
    if (known.has(name)) throw new DatabaseUrlError(`has ${name} twice`);
    known.set(name, value);
  }
  const caFile = known.get('ssl_ca');
  if (caFile === '') throw new DatabaseUrlError('has an ssl_ca that names no file');
  const ssl = known.get('ssl') ?? (caFile === undefined ? 'false' : 'true');
  if (!['true', 'false', 'verify_ca'].includes(ssl)) {
    throw new DatabaseUrlError('has an ssl that is not true, false or verify_ca');
  }
  if (ssl === 'false' && caFile !== undefined) throw new DatabaseUrlError('has an ssl_ca with ssl=false');
  // Any certificate of a public authority would do: whoever is in between can buy one.
  if (ssl === 'verify_ca' && caFile === undefined)
    throw new DatabaseUrlError('has ssl=verify_ca without ssl_ca');
  return ssl === 'false' ? undefined : { caFile, isNameVerified: ssl === 'true' };
}

/** What is no certificate would be passed over without a word, and then every server be refused. */
function readCertificates(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new DatabaseUrlError(`has an ssl_ca that cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  try {
    new X509Certificate(text);
  } catch {
    throw new DatabaseUrlError('has an ssl_ca that holds no certificate');
  }
  return text;
}

function decoded(part: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new DatabaseUrlError(`has a % in ${part} that must be written as %25`);
  }
}
