/** Whether each replica can be read from, and how far behind it is. */
import type { DataSource } from 'typeorm';
import { openUnchanged } from '../platform/database/unchangedSource.ts';
import { readSchemaState } from '../platform/database/migrate.ts';
import { StartError } from '../platform/startError.ts';
import type { Finding } from './finding.ts';

const WARN_SECONDS = 10;
const FAIL_SECONDS = 300;

export async function lookAtReplicas(urls: readonly string[]): Promise<Finding[]> {
  return Promise.all(urls.map((url, at) => lookAtReplica(url, `replica ${at + 1}`)));
}

async function lookAtReplica(url: string, name: string): Promise<Finding> {
  let source: DataSource;
  try {
    source = await openUnchanged({ setting: 'DATABASE_REPLICA_URLS', url });
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const remedy = 'start it, or take it out of DATABASE_REPLICA_URLS: reads go to the primary then';
    return { level: 'fail', name, found: error.message, remedy };
  }
  try {
    const { pending } = await readSchemaState(source);
    if (pending.length > 0)
      return {
        level: 'fail',
        name,
        found: `it lacks ${pending.length} steps of the schema`,
        remedy:
          'see whether it replicates this database (SHOW REPLICA STATUS), or take it out of DATABASE_REPLICA_URLS',
      };
    return lagOf(await readStatus(source), name);
  } finally {
    await source.destroy();
  }
}

/** By the names of MySQL 8 and MariaDB alike. */
type Status = Record<string, string | number | null>;

/** undefined: this user may not ask; null: it replicates nothing. */
async function readStatus(source: DataSource): Promise<Status | null | undefined> {
  try {
    const [status = null] = await source.query<Status[]>('SHOW REPLICA STATUS');
    return status;
  } catch (error) {
    if ((error as { code?: string }).code === 'ER_SPECIFIC_ACCESS_DENIED_ERROR') return undefined;
    throw error;
  }
}

export function lagOf(status: Status | null | undefined, name: string): Finding {
  if (status === undefined)
    return {
      level: 'warn',
      name,
      found: 'it answers; how far behind it is this user may not ask',
      remedy:
        'GRANT REPLICATION CLIENT (MariaDB: REPLICA MONITOR) ON *.* TO the user of DATABASE_REPLICA_URLS',
    };
  if (status === null)
    return {
      level: 'warn',
      name,
      found: 'it answers, and says that it replicates nothing: is it the primary itself?',
      remedy:
        'name a server that replicates DATABASE_URL; where the provider replicates below MySQL, watch the lag there',
    };
  const seconds = status['Seconds_Behind_Source'] ?? status['Seconds_Behind_Master'];
  if (seconds == null)
    return {
      level: 'fail',
      name,
      found: `it has stopped replicating: ${status['Last_Error'] || status['Last_IO_Error'] || 'no reason given'}`,
      remedy:
        'mend what SHOW REPLICA STATUS names and START REPLICA; until then take it out of DATABASE_REPLICA_URLS',
    };
  const found = `${seconds} s behind`;
  if (Number(seconds) <= WARN_SECONDS) return { level: 'ok', name, found };
  return {
    level: Number(seconds) > FAIL_SECONDS ? 'fail' : 'warn',
    name,
    found,
    remedy:
      'history, lists and reports are so old: give it a faster disk or parallel workers, or take it out of DATABASE_REPLICA_URLS',
  };
}
