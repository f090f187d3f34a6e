import type { DataSource } from 'typeorm';
import { ConfigError } from '../settings/configError.ts';

const MIGRATION_LOCK = 'kaijiang:migrations';
const MIGRATION_WAIT_SECONDS = 120;

/** Is there while a restore writes into the database: half of the rows would be taken for all of them. */
export const UNFINISHED_RESTORE = 'unfinished_restore';

interface Migrating {
  /** By the restore itself. */
  isRestoring?: boolean;
}

/**
 * Brings the schema up to date.
 * @throws {ConfigError} when a later build has changed it already: this one would write rows that are not right any more; or when
 * a restore has begun there and not ended.
 */
export async function migrate(source: DataSource, { isRestoring = false }: Migrating = {}): Promise<void> {
  if (!isRestoring) await refuseUnfinished(source);
  await refuseNewer(source);
  await source.runMigrations({ transaction: 'each' });
}

/**
 * As `migrate`. Nodes that start together must not migrate together: CREATE TABLE commits by itself and cannot be rolled back.
 * @param source of one connection, which holds the lock and migrates, so that neither goes on without the other.
 */
export async function migrateAlone(source: DataSource, migrating: Migrating = {}): Promise<void> {
  const [lock] = await source.query<[{ taken: number | null }]>('SELECT GET_LOCK(?, ?) AS taken', [
    MIGRATION_LOCK,
    MIGRATION_WAIT_SECONDS,
  ]);
  if (Number(lock.taken) !== 1)
    throw new ConfigError('DATABASE_URL: another node has been migrating for too long');
  await migrate(source, migrating);
}

async function refuseUnfinished(source: DataSource): Promise<void> {
  const runner = source.createQueryRunner();
  try {
    if (await runner.hasTable(UNFINISHED_RESTORE))
      throw new ConfigError('DATABASE_URL: a restore into this database has not ended: run it again');
  } finally {
    await runner.release();
  }
}

/** How a database stands to this build. */
export interface SchemaState {
  /** No migration has ever run. */
  isEmpty: boolean;
  /** Steps of this build that have not run, by their names. */
  pending: string[];
  /** Steps that this build does not know: a newer one has run them. */
  newer: string[];
}

export async function readSchemaState(source: DataSource): Promise<SchemaState> {
  const known = source.migrations.map(({ name }) => name!);
  const runner = source.createQueryRunner();
  try {
    if (!(await runner.hasTable('migrations'))) return { isEmpty: true, pending: known, newer: [] };
    const rows = (await runner.query('SELECT name FROM migrations ORDER BY id')) as { name: string }[];
    const done = rows.map(({ name }) => name);
    return {
      isEmpty: done.length === 0,
      pending: known.filter((name) => !done.includes(name)),
      newer: done.filter((name) => !known.includes(name)),
    };
  } finally {
    await runner.release();
  }
}

async function refuseNewer(source: DataSource): Promise<void> {
  const [newer] = (await readSchemaState(source)).newer;
  if (newer === undefined) return;
  throw new ConfigError(
    `DATABASE_URL: the schema is of a newer version (${newer.slice(0, 64)}): start that one, or restore a backup`,
  );
}
