import { DataSource } from 'typeorm';
import type { MysqlDataSourceOptions } from 'typeorm/driver/mysql/MysqlDataSourceOptions.js';
import { ConfigError } from '../settings/configError.ts';
import { LIMITS } from '../limits.ts';
import { DatabaseUrlError, parseMysqlUrl, tlsOptions } from './databaseUrl.ts';
import { CHARSET } from './mysqlSession.ts';

/** Where a server is and how it is reached, as TypeORM takes it. */
export type Server = Pick<
  MysqlDataSourceOptions,
  'host' | 'port' | 'username' | 'password' | 'database' | 'ssl'
>;

/** @throws {ConfigError} that names the setting. */
export function serverOf(setting: string, url: string): Server {
  try {
    const { tls, ...address } = parseMysqlUrl(url);
    return tls === undefined ? address : { ...address, ssl: tlsOptions(tls) };
  } catch (error) {
    if (error instanceof DatabaseUrlError)
      throw new ConfigError(`${setting} ${error.message}`, { cause: error });
    throw error;
  }
}

/** As the driver takes it. One without TLS says so: it is laid over the options of another. */
export function toDriver({ username, ssl, ...server }: Server): object {
  return { ...server, user: username, ssl: ssl as unknown };
}

/** A source whose values are read and written in one way. */
export function mysqlSource(options: Omit<MysqlDataSourceOptions, 'type'>): DataSource {
  return new DataSource({
    type: 'mysql',
    synchronize: false,
    timezone: 'Z',
    charset: CHARSET,
    // Keys beyond 32 bits are numbers all the same, as long as they are exact.
    bigNumberStrings: false,
    connectTimeout: 5000,
    // A stack kept for each statement costs a twentieth of a busy server; errors tell their callers without it.
    trace: false,
    // Waiting for a connection is bounded too; a longer queue only hides an overload.
    extra: { queueLimit: LIMITS.queuedTransactions, enableKeepAlive: true },
    ...options,
  });
}
