/** The vocabulary in which migrations describe tables, the same for both dialects. */
import { Table, TableColumn, TableIndex, type QueryRunner, type TableColumnOptions } from 'typeorm';
import { CHARSET, COLLATION } from '../mysqlSession.ts';

export type Column = Omit<TableColumnOptions, 'name'>;

export const id: Column = {
  type: 'integer',
  isPrimary: true,
  isGenerated: true,
  generationStrategy: 'increment',
};
/** A key that grows with use: 64 bits, which an integer of SQLite has by itself, where a generated key must be one by that name. */
export const wideId: Column = { ...id, type: 'bigint' };
export const integer: Column = { type: 'integer' };
export const bigint: Column = { type: 'bigint' };
export const boolean: Column = { type: 'boolean' };
export const points: Column = { type: 'decimal', precision: 15, scale: 2 };
export const probability: Column = { type: 'decimal', precision: 9, scale: 8 };
export const time: Column = { type: 'datetime', precision: 3 };
export const text: Column = { type: 'text' };
/** Bytes: on MySQL 64 KiB at most. */
export const blob: Column = { type: 'blob' };
export const varchar = (length: number): Column => ({ type: 'varchar', length: String(length) });
export const hash = varchar(64);
/** Compared to the letter. SQLite always does, and does not know the collation by this name. */
export const clientId: Column = { ...varchar(64), charset: 'ascii', collation: 'ascii_bin' };
export const exactText = (length: number): Column => ({
  ...varchar(length),
  charset: 'utf8mb4',
  collation: 'utf8mb4_bin',
});
export const key = (column: Column): Column => ({ ...column, isPrimary: true });
export const orNull = (column: Column): Column => ({ ...column, isNullable: true });
export const withDefault = (column: Column, value: number | string): Column => ({
  ...column,
  default: typeof value === 'number' ? value : `'${value}'`,
});

export interface Index {
  name: string;
  columnNames: string[];
  isUnique?: boolean;
}

export interface TableShape {
  columns: Record<string, Column>;
  indices?: Index[];
  /** On SQLite: its rows are in the order of its key, and nowhere else. Others always have them so. */
  withoutRowid?: true;
}

export async function createTables(runner: QueryRunner, tables: Record<string, TableShape>): Promise<void> {
  for (const [name, { columns, indices = [], withoutRowid = false }] of Object.entries(tables)) {
    await runner.createTable(
      new Table({
        name,
        withoutRowid,
        columns: Object.entries(columns).map(([column, options]) => ({
          ...inDialect(options, runner),
          name: column,
        })),
        indices: indices.map((index) => new TableIndex(index)),
        // For columns that are added without a word about it as well. TypeORM writes this out, and has no other place for it.
        engine: `InnoDB DEFAULT CHARACTER SET ${CHARSET} COLLATE ${COLLATION}`,
      }),
    );
  }
}

export async function dropTables(runner: QueryRunner, tables: Record<string, TableShape>): Promise<void> {
  for (const name of Object.keys(tables).reverse()) await runner.dropTable(name);
}

export async function addColumns(
  runner: QueryRunner,
  table: string,
  columns: Record<string, Column>,
): Promise<void> {
  await runner.addColumns(
    table,
    Object.entries(columns).map(
      ([name, options]) => new TableColumn({ ...inDialect(options, runner), name }),
    ),
  );
}

/** Texts take nothing from the schema (DB-8). SQLite compares to the letter, and knows no collation by these names. */
function inDialect(column: Column, runner: QueryRunner): Column {
  const { charset = CHARSET, collation = COLLATION, ...rest } = column;
  if (!isMysql(runner)) return rest.isGenerated === true ? { ...rest, type: 'integer' } : rest;
  const isText = column.type === 'varchar' || column.type === 'text';
  return isText ? { ...rest, charset, collation } : rest;
}

export function isMysql(runner: QueryRunner): boolean {
  return runner.connection.options.type === 'mysql';
}
