import type { Counted } from './raiseStats.ts';

type Query = (sql: string, parameters: unknown[]) => Promise<RawRow[]>;

interface RawRow {
  minute: string;
  kind: string;
  name: string;
  entries: number | string;
  duration_ms: number | string | null;
}

/** Rows by minute, kind and name: no zone has parts of a minute, so hours and days are made of these. */
export async function countMinutes(
  query: Query,
  where: { sql: string; parameters: unknown[] },
): Promise<Counted[]> {
  const rows = await query(
    `SELECT SUBSTR(occurred_at, 1, 16) AS minute, kind, name, COUNT(*) AS entries, SUM(duration_ms) AS duration_ms
     FROM analytics_behaviors WHERE ${where.sql} GROUP BY SUBSTR(occurred_at, 1, 16), kind, name`,
    where.parameters,
  );
  return rows.map((row) => ({
    kind: row.kind,
    name: row.name,
    occurredAtMs: Date.parse(`${row.minute.replace(' ', 'T')}Z`),
    entries: Number(row.entries),
    durationMs: Number(row.duration_ms ?? 0),
  }));
}
