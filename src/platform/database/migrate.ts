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
 * @returns steps that a later build has run, and that this one bears
 * @throws {ConfigError} when a later build has taken away what this one needs; or when a restore has begun there and not ended.
 */
export async function migrate(
  source: DataSource,
  { isRestoring = false }: Migrating = {},
): Promise<readonly string[]> {
  if (!isRestoring) await refuseUnfinished(source);
  const { newer, unbearable } = await readSchemaState(source);
  if (unbearable !== undefined)
    throw new ConfigError(
      `DATABASE_URL: the schema is of a newer version (${unbearable.slice(0, 64)}): start that one, or restore a backup`,
    );
  await source.runMigrations({ transaction: 'each' });
  return newer;
}

/**
 * As `migrate`. Nodes that start together must not migrate together: CREATE TABLE commits by itself and cannot be rolled back.
 * @param source of one connection, which holds the lock and migrates, so that neither goes on without the other.
 */
export async function migrateAlone(
  source: DataSource,
  migrating: Migrating = {},
): Promise<readonly string[]> {
  const [lock] = await source.query<[{ taken: number | null }]>('SELECT GET_LOCK(?, ?) AS taken', [
    MIGRATION_LOCK,
    MIGRATION_WAIT_SECONDS,
  ]);
  if (Number(lock.taken) !== 1)
    throw new ConfigError('DATABASE_URL: another node has been migrating for too long');
  return migrate(source, migrating);
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
  /** The first of these beside which this build cannot work; undefined: there is none. */
  unbearable: string | undefined;
}

/** In the name of a contraction: the last step of the oldest build that does without what is taken away. */
const NEEDED = /Needs(\d{13})/;

/**
 * Whether this build goes on beside a step of a newer one (RO-3). Steps expand: they add tables, and columns that are null or have a
 * default, of which an older build writes and reads nothing. One that takes something away, a contraction, comes a release after
 * nothing uses it any more, and says so in its name: `DropNicknamesNeeds1700000039000At1700000052000`.
 */
export function isBorne(step: string, known: readonly string[]): boolean {
  const needed = NEEDED.exec(step)?.[1];
  return needed === undefined || known.some((name) => name.endsWith(needed));
}

export async function readSchemaState(source: DataSource): Promise<SchemaState> {
  const known = source.migrations.map(({ name }) => name!);
  const runner = source.createQueryRunner();
  try {
    if (!(await runner.hasTable('migrations')))
      return { isEmpty: true, pending: known, newer: [], unbearable: undefined };
    const rows = (await runner.query('SELECT name FROM migrations ORDER BY id')) as { name: string }[];
    const done = rows.map(({ name }) => name);
    const newer = done.filter((name) => !known.includes(name));
    return {
      isEmpty: done.length === 0,
      pending: known.filter((name) => !done.includes(name)),
      newer,
      unbearable: newer.find((name) => !isBorne(name, known)),
    };
  } finally {
    await runner.release();
  }
}
