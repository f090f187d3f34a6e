import { isSqliteUrl } from '../databaseUrl.ts';
import { MysqlTarget } from './mysqlTarget.ts';
import { SqliteTarget } from './sqliteTarget.ts';

/** @throws {StartError} naming the setting, when it is in use or not empty. */
export function takeEmpty(url: string): Promise<SqliteTarget | MysqlTarget> {
  return isSqliteUrl(url) ? SqliteTarget.take(url.slice('sqlite:'.length)) : MysqlTarget.take(url);
}
