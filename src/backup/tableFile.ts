/** The rows of one table as a file: JSON lines, compressed. The first has table and columns, each other one the values of a row. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import { BackupError } from './backupError.ts';
import { writeSummed, type Sum } from '../platform/summedFile.ts';
import type { StoredTable } from './tables.ts';

const LINES_CHARACTERS = 64 * 1024;

const headShape = z.strictObject({
  table: z.string(),
  columns: z.array(z.string().regex(/^\w{1,64}$/)).min(1),
});
/** Bytes, as a pack of draws has them. */
const bytesShape = z
  .strictObject({ base64: z.base64() })
  .transform(({ base64 }) => Buffer.from(base64, 'base64'));
const rowShape = z.array(z.union([z.string(), z.number(), z.null(), bytesShape]));

export type TableHead = z.infer<typeof headShape>;
export type TableRow = { values: z.infer<typeof rowShape>; characters: number };

/** @returns how many rows there were besides */
export async function writeTable(
  path: string,
  table: StoredTable,
  rows: AsyncIterable<Record<string, unknown>>,
): Promise<Sum & { rows: number }> {
  let count = 0;
  async function* lines(): AsyncGenerator<string> {
    let text = `${JSON.stringify({ table: table.name, columns: table.columns } satisfies TableHead)}\n`;
    for await (const row of rows) {
      text += `${JSON.stringify(table.columns.map((column) => cellOf(table, column, row[column])))}\n`;
      count += 1;
      if (text.length < LINES_CHARACTERS) continue;
      yield text;
      text = '';
    }
    yield text;
  }
  // Whoever draws meanwhile needs the processor more.
  const sum = await writeSummed(path, lines(), { through: createGzip({ level: 1 }) });
  return { ...sum, rows: count };
}

/** As it was written, a row at a time. @throws {BackupError} for what no backup has written */
export async function readTable(
  path: string,
): Promise<{ head: TableHead; rows: AsyncGenerator<TableRow, void> }> {
  const lines = linesOf(path);
  const first = await lines.next();
  const head = headShape.safeParse(first.done === true ? undefined : jsonOf(first.value));
  if (!head.success) throw new BackupError(`--from: ${path} has no table`);
  async function* rows(): AsyncGenerator<TableRow, void> {
    for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
      const row = rowShape.safeParse(jsonOf(next.value));
      if (!row.success) throw new BackupError(`--from: ${path} has a line that is no row`);
      yield { values: row.data, characters: next.value.length };
    }
  }
  return { head: head.data, rows: rows() };
}

type Cell = z.input<typeof rowShape>[number];

function cellOf({ name }: StoredTable, column: string, value: unknown): Cell {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  if (Buffer.isBuffer(value)) return { base64: value.toString('base64') };
  throw new BackupError(`the column ${column} of ${name} holds what a backup does not carry`);
}

/** Split at nothing but the end of a line: texts have other breaks in them. */
async function* linesOf(path: string): AsyncGenerator<string, void> {
  // An error of the file reaches whoever reads what was unpacked.
  const text = pipeline(createReadStream(path), createGunzip(), () => undefined).setEncoding('utf8');
  let rest = '';
  for await (const chunk of text as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
