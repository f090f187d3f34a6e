import { existsSync } from 'node:fs';
import type BetterSqlite3 from 'better-sqlite3';
import { DataSource } from 'typeorm';
import { ENTITIES } from '../../../entities/index.ts';
import { StartError } from '../startError.ts';
import { MIGRATIONS, reach } from './dataSource.ts';
import { isSqliteUrl } from './databaseUrl.ts';
import { driverOf } from './mysqlPool.ts';
import { STATE } from './mysqlSession.ts';
import { mysqlSource, serverOf } from './mysqlSource.ts';
import { prepareConnection } from './openSqlite.ts';

/** What takes longer counts as no answer. */
const ANSWER_MS = 5000;

/** A database, by the setting that names it. */
export interface NamedUrl {
  setting: string;
  url: string;
}

/**
 * Opens the database as it is, by one connection in the state that those of a server have: nothing is made, migrated or changed.
 * @throws {StartError}
 */
export async function openUnchanged({ setting, url }: NamedUrl): Promise<DataSource> {
  const source = isSqliteUrl(url)
    ? sqliteSource(url.slice('sqlite:'.length))
    : sourceOfMysql({ setting, url });
  await reach(source, setting);
  return source;
}

function sqliteSource(file: string): DataSource {
  // The driver would make the folder of a file that is not there.
  if (!existsSync(file)) throw new StartError(`DATABASE_URL: ${file} does not exist`);
  return new DataSource({
    type: 'better-sqlite3',
    database: file,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    synchronize: false,
    readonly: true,
    fileMustExist: true,
    prepareDatabase: (connection: BetterSqlite3.Database) => prepareConnection(connection, ANSWER_MS),
  });
}

function sourceOfMysql({ setting, url }: NamedUrl): DataSource {
  const driver = driverOf({ statements: [...STATE], idleLimitMs: undefined }, { answerMs: ANSWER_MS });
  const server = serverOf(setting, url);
  return mysqlSource({ ...server, entities: ENTITIES, migrations: MIGRATIONS, driver, poolSize: 1 });
}
