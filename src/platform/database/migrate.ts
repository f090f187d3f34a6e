import type { DataSource } from 'typeorm';
import { ConfigError } from '../settings/configError.ts';

const MIGRATION_LOCK = 'kaijiang:migrations';
const MIGRATION_WAIT_SECONDS = 120;

/**
 * Brings the schema up to date.
 * @throws {ConfigError} when a later build has changed it already: this one would write rows that are not right any more.
 */
export async function migrate(source: DataSource): Promise<void> {
  await refuseNewer(source);
  await source.runMigrations({ transaction: 'each' });
}

/**
 * As `migrate`. Nodes that start together must not migrate together: CREATE TABLE commits by itself and cannot be rolled back.
 * @param source of one connection, which holds the lock and migrates, so that neither goes on without the other.
 */
export async function migrateAlone(source: DataSource): Promise<void> {
  const [lock] = await source.query<[{ taken: number | null }]>('SELECT GET_LOCK(?, ?) AS taken', [
    MIGRATION_LOCK,
    MIGRATION_WAIT_SECONDS,
  ]);
  if (Number(lock.taken) !== 1)
    throw new ConfigError('DATABASE_URL: another node has been migrating for too long');
  await migrate(source);
}

async function refuseNewer(source: DataSource): Promise<void> {
  const runner = source.createQueryRunner();
  try {
    if (!(await runner.hasTable('migrations'))) return;
    const rows = (await runner.query('SELECT name FROM migrations ORDER BY id')) as { name: string }[];
    const known = new Set(source.migrations.map(({ name }) => name));
    const unknown = rows.find(({ name }) => !known.has(name));
    if (unknown === undefined) return;
    throw new ConfigError(
      `DATABASE_URL: the schema is of a newer version (${unknown.name.slice(0, 64)}): start that one, or restore a backup`,
    );
  } finally {
    await runner.release();
  }
}
