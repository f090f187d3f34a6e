import { join } from 'node:path';
import { findBinary, startMariadb } from '../../test/support/services.ts';
import type { databaseKind } from '../commandLine.ts';
import { MARIADB_SETTINGS } from './settings.ts';
import { say } from './terminal.ts';

export interface BenchedDatabase {
  newUrl(name: string): Promise<string>;
  /** Absent: it lives in the server's process. */
  pid?: number;
}

export interface EachDatabase {
  /** Of the two; absent: both, MariaDB where it is there. */
  only: ReturnType<typeof databaseKind> | undefined;
  /** Where SQLite's files are made. */
  folder: string;
  /** Absent: among the system's temporary files. */
  mariadbFolder?: string;
}

/** SQLite, then a MariaDB that is started for it. @returns whether all holds; what was asked for alone and is not there does not */
export async function onEachDatabase(
  { only, folder, mariadbFolder }: EachDatabase,
  bench: (database: BenchedDatabase) => Promise<boolean>,
): Promise<boolean> {
  let holds = true;
  if (only !== 'mariadb')
    holds = await bench({ newUrl: async (name) => `sqlite:${join(folder, `${name}.db`)}` });
  if (only === 'sqlite') return holds;
  if (findBinary('mariadbd') === undefined) {
    say(['MariaDB: skipped, mariadbd is not on PATH']);
    return holds && only !== 'mariadb';
  }
  const mariadb = await startMariadb(MARIADB_SETTINGS, mariadbFolder);
  try {
    const newUrl = async () => mariadb.url(await mariadb.createDatabase());
    return (await bench({ newUrl, pid: mariadb.pid })) && holds;
  } finally {
    await mariadb.stop();
  }
}
