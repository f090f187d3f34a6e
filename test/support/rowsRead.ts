import type { QueryRunner } from 'typeorm';
import type { Database } from '../../src/platform/database/transaction.ts';

export interface Reading {
  /** Rows and index entries that the server handed up meanwhile, to anybody; of MariaDB alone, which counts them. */
  rows: number;
  /** How each of its SELECTs is run, one text each. */
  plans: string[];
}

/** What `work` reads in the database, whatever else the machine is busy with. */
export async function readingOf(database: Database, work: () => Promise<unknown>): Promise<Reading> {
  const statements: Statement[] = [];
  const stop = noteStatements(database, (statement) => statements.push(statement));
  let rows: number;
  try {
    const before = await countRows(database);
    await work();
    rows = (await countRows(database)) - before;
  } finally {
    stop();
  }
  const { read } = database['sources'];
  const explain = database.dialect === 'mysql' ? 'EXPLAIN' : 'EXPLAIN QUERY PLAN';
  const plans: string[] = [];
  for (const { sql, parameters } of statements) {
    if (/^\s*SELECT/.test(sql)) plans.push(JSON.stringify(await read.query(`${explain} ${sql}`, parameters)));
  }
  return { rows, plans };
}

interface Statement {
  sql: string;
  parameters: unknown[] | undefined;
}

/** All that is sent, inside of transactions and outside. */
function noteStatements(database: Database, note: (statement: Statement) => void): () => void {
  const { read, write, current } = database['sources'];
  const undo: (() => void)[] = [];
  // On SQLite every call returns the same runner, which must not be wrapped twice.
  const wrapped = new WeakSet<QueryRunner>();
  for (const source of new Set([read, current, write])) {
    const create = source.createQueryRunner;
    source.createQueryRunner = (mode) => {
      const runner = create.call(source, mode);
      if (wrapped.has(runner)) return runner;
      wrapped.add(runner);
      const query = runner.query as (...sent: unknown[]) => Promise<unknown>;
      runner.query = (async (sql: string, parameters?: unknown[], ...rest: unknown[]) => {
        note({ sql, parameters });
        return query.call(runner, sql, parameters, ...rest);
      }) as typeof runner.query;
      undo.push(() => {
        runner.query = query as typeof runner.query;
      });
      return runner;
    };
    undo.push(() => {
      source.createQueryRunner = create;
    });
  }
  // The runner that the door of SQLite keeps.
  if (database.dialect === 'sqlite') write.createQueryRunner();
  return () => {
    for (const restore of undo) restore();
  };
}

/** Single look-ups by a key are not counted: there is one for each row that a list shows. */
const NOT_COUNTED = new Set(['Handler_read_key', 'Handler_read_retry', 'Handler_read_rnd_deleted']);

async function countRows(database: Database): Promise<number> {
  if (database.dialect === 'sqlite') return 0;
  const counters = await database['sources'].read.query<{ Variable_name: string; Value: string }[]>(
    "SHOW GLOBAL STATUS LIKE 'Handler_read%'",
  );
  return counters
    .filter(({ Variable_name: name }) => !NOT_COUNTED.has(name))
    .reduce((sum, { Value: value }) => sum + Number(value), 0);
}
