/** How a server's statements are run, as MariaDB explains them: whatever was sent meanwhile, by whom and for what it may be. */
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';

export interface Plan {
  /** One statement with its values. */
  sql: string;
  /** Whole tables of those that are large, or whole indices of them, that it looks through. */
  scans: string[];
}

interface PlanRow extends RowDataPacket {
  table: string | null;
  type: string | null;
}

/** Looks through all of a table, or all of an index. */
const WHOLE = new Set(['ALL', 'index']);
const EXPLAINED = /^\s*(SELECT|UPDATE|DELETE)\b/i;
const NAMED = /\b(?:FROM|JOIN|UPDATE)\s+`?(\w+)`?(?:\s+(?:AS\s+)?`?(\w+)`?)?/gi;

/** @param url of the database that the plans are for @param large the tables that nothing may look through */
export async function plansOf(
  url: string,
  large: ReadonlySet<string>,
  work: () => Promise<unknown>,
): Promise<Plan[]> {
  const connection = await createConnection({ uri: url, timezone: 'Z' });
  try {
    const statements = await statementsOf(connection, work);
    const plans: Plan[] = [];
    for (const sql of statements) plans.push({ sql, scans: await scansOf(connection, sql, large) });
    return plans;
  } finally {
    await connection.end();
  }
}

async function statementsOf(connection: Connection, work: () => Promise<unknown>): Promise<Set<string>> {
  for (const sql of [
    'SET GLOBAL general_log = OFF',
    "SET GLOBAL log_output = 'TABLE'",
    'TRUNCATE mysql.general_log',
    'SET GLOBAL general_log = ON',
  ])
    await connection.query(sql);
  try {
    await work();
  } finally {
    await connection.query('SET GLOBAL general_log = OFF');
  }
  const [rows] = await connection.query<RowDataPacket[]>(
    "SELECT CONVERT(argument USING utf8mb4) AS text FROM mysql.general_log WHERE command_type IN ('Query', 'Execute') AND thread_id <> CONNECTION_ID()",
  );
  return new Set(rows.map(({ text }) => String(text)).filter((sql) => EXPLAINED.test(sql)));
}

async function scansOf(connection: Connection, sql: string, large: ReadonlySet<string>): Promise<string[]> {
  const [rows] = await connection.query<PlanRow[]>(`EXPLAIN ${sql}`);
  const names = new Map<string, string>();
  for (const [, table, alias] of sql.matchAll(NAMED)) {
    names.set(table!, table!);
    if (alias !== undefined) names.set(alias, table!);
  }
  return rows.flatMap(({ table, type }) => {
    // What a statement has made for itself is as large as its answer.
    if (table === null || table.startsWith('<') || type === null || !WHOLE.has(type)) return [];
    const name = names.get(table);
    return name === undefined || large.has(name) ? [`${type} of ${name ?? table}`] : [];
  });
}
