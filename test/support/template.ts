/** A database that is migrated once in this process and copied since: its migrations take ten times as long as the copy. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { closeDataSources, openDataSources } from '../../src/platform/database/dataSource.ts';
import type { MariadbServer } from './services.ts';
import { goneAtExit } from './goneAtExit.ts';

/** One migrated database file in a folder of its own, of which every run has a copy. */
export class Template {
  static async open(): Promise<Template> {
    const folder = goneAtExit(mkdtempSync(join(tmpdir(), 'kaijiang-template-')));
    const template = new Template(folder);
    // Closing it brings everything from the log into the one file.
    await migrate(urlOf(template.file));
    return template;
  }

  private readonly file: string;
  private copies = 0;

  private constructor(private readonly folder: string) {
    this.file = join(folder, 'template.db');
  }

  copyTo(file: string): void {
    copyFileSync(this.file, file);
  }

  /** The copy is gone when the work is done. */
  async onCopy<T>(work: (url: string) => Promise<T>): Promise<T> {
    const file = join(this.folder, `copy-${++this.copies}.db`);
    this.copyTo(file);
    try {
      return await work(urlOf(file));
    } finally {
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
    }
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

let file: Promise<Template> | undefined;
let statements: Promise<string> | undefined;

/** The migrated file that is copied: made by the first that needs it, and once. */
export function migratedFile(): Promise<Template> {
  file ??= Template.open();
  file.catch(() => (file = undefined));
  return file;
}

/** What makes all tables of MariaDB, and the rows that migrations make: read by the first that needs it, and once. */
export function migratedStatements(openServer: () => Promise<MariadbServer>): Promise<string> {
  statements ??= (async () => {
    const server = await openServer();
    const name = await server.createDatabase();
    await migrate(server.url(name));
    const sql = await statementsOf(server.url(name));
    await server.dropDatabase(name);
    return sql;
  })();
  // Whoever comes next tries it anew: its server may have gone with the suite that asked.
  statements.catch(() => (statements = undefined));
  return statements;
}

/** @param url of an empty schema of MariaDB, which has all of that then */
export async function fillMigrated(url: string, sql: string): Promise<void> {
  const connection = await createConnection({ uri: url, multipleStatements: true });
  try {
    await connection.query(sql);
  } finally {
    await connection.end();
  }
}

async function migrate(url: string): Promise<void> {
  await closeDataSources(await openDataSources({ url, replicaUrls: [], poolSize: 1 }));
}

/** What makes the schema as it is, with all of its rows. */
async function statementsOf(url: string): Promise<string> {
  const connection = await createConnection({ uri: url, dateStrings: true });
  const query = async <Row>(sql: string) => (await connection.query(sql))[0] as Row[];
  try {
    const tables = await query<{ name: string }>(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
    );
    const made = ['SET foreign_key_checks = 0'];
    for (const { name } of tables) {
      const [table] = await query<Record<'Create Table', string>>(`SHOW CREATE TABLE ${name}`);
      made.push(table!['Create Table']);
      const rows = await query<Record<string, unknown>>(`SELECT * FROM ${name}`);
      if (rows.length === 0) continue;
      const columns = Object.keys(rows[0]!).join(', ');
      made.push(
        connection.format(`INSERT INTO ${name} (${columns}) VALUES ?`, [
          rows.map((row) => Object.values(row)),
        ]),
      );
    }
    return made.join(';\n');
  } finally {
    await connection.end();
  }
}

function urlOf(file: string): string {
  return `sqlite:${file}`;
}
