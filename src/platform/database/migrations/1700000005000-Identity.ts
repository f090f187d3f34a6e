import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import {
  addColumns,
  bigint,
  createTables,
  dropTables,
  integer,
  key,
  orNull,
  time,
  varchar,
  withDefault,
  type Column,
  type TableShape,
} from './tables.ts';

const CHANGES: Record<string, TableShape> = {
  access_changes: {
    columns: { version: key(bigint), kind: varchar(16), subject_id: orNull(bigint), created_at: time },
  },
};
const LOCK_COLUMNS = {
  consecutive_fail_count: withDefault(integer, 0),
  locked_until: orNull(time),
  updated_at: time,
};
/** By which old ones are found, as on the table before. */
const BY_TIME = { name: 'login_locks_updated', columnNames: ['updated_at'] };
const NUMBER = key(varchar(16));
const LOCKS_OF_NUMBERS: Record<string, TableShape> = {
  login_locks: { columns: { mobile: NUMBER, ...LOCK_COLUMNS }, indices: [BY_TIME] },
};
/** The default is for nodes of the build before, which go on until they are replaced. */
const LOCKS_BY_ORIGIN: Record<string, TableShape> = {
  login_locks: {
    columns: { mobile: NUMBER, origin: key(withDefault(varchar(80), '')), ...LOCK_COLUMNS },
    indices: [BY_TIME],
  },
};
const ROTATED_COLUMNS: Record<string, Column> = { sealed_successor: orNull(varchar(255)) };
const CODE_COLUMNS: Record<string, Column> = {
  own_tries: withDefault(integer, 0),
  origin: orNull(varchar(80)),
};

/** Changes of access in the order of their commits, locks by where the wrong codes came from, refreshes that can be repeated. */
export class Identity1700000005000 implements MigrationInterface {
  readonly name = 'Identity1700000005000';

  async up(runner: QueryRunner): Promise<void> {
    await createTables(runner, CHANGES);
    await changeVersion(runner, 'integer', 'bigint');
    // There is always a newest change, which a node's cursor stands on.
    await runner.query(
      "INSERT INTO access_changes (version, kind, created_at) SELECT version, 'tables', '2026-01-01 00:00:00.000' FROM access_version",
    );
    // A lock of before does not say whom it is against, and lasts a day at the most.
    await dropTables(runner, LOCKS_OF_NUMBERS);
    await createTables(runner, LOCKS_BY_ORIGIN);
    await addColumns(runner, 'rotated_refresh_tokens', ROTATED_COLUMNS);
    await addColumns(runner, 'verification_codes', CODE_COLUMNS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumns('verification_codes', Object.keys(CODE_COLUMNS));
    await runner.dropColumns('rotated_refresh_tokens', Object.keys(ROTATED_COLUMNS));
    await dropTables(runner, LOCKS_BY_ORIGIN);
    await createTables(runner, LOCKS_OF_NUMBERS);
    await changeVersion(runner, 'bigint', 'integer');
    await dropTables(runner, CHANGES);
  }
}

/** On MySQL by hand: there the other way takes the column away, and with it what it holds. */
async function changeVersion(runner: QueryRunner, from: string, to: string): Promise<void> {
  if (runner.connection.options.type === 'mysql') {
    await runner.query(`ALTER TABLE access_version MODIFY version ${to} NOT NULL`);
    return;
  }
  const column = (type: string) => new TableColumn({ name: 'version', type });
  await runner.changeColumn('access_version', column(from), column(to));
}
