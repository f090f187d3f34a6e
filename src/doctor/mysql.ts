/** A MySQL or MariaDB server, as a node would meet it. */
import type { DataSource } from 'typeorm';
import type { Clock } from '../platform/clock.ts';
import { CHARSET, COLLATION, faultOf, LOOKED_AT } from '../platform/database/mysqlSession.ts';
import { readNowMs } from '../platform/database/sharedClock.ts';
import { clockSkew } from './clocks.ts';
import type { Finding } from './finding.ts';

const FLUSHING = ['innodb_flush_log_at_trx_commit', 'sync_binlog', 'version'];

export async function lookAtServer(source: DataSource, clock: Clock): Promise<Finding[]> {
  const rows = await source.query<{ Variable_name: string; Value: string }[]>(
    'SHOW VARIABLES WHERE Variable_name IN (?)',
    [[...LOOKED_AT, ...FLUSHING]],
  );
  const shown = new Map(rows.map(({ Variable_name, Value }) => [Variable_name, Value]));
  const readCurrent = <Row>(sql: string) => source.query<Row[]>(sql);
  return [
    session(shown),
    flush(shown),
    await clockSkew('database clock', clock, () => readNowMs({ readCurrent })),
    await defaultCharset(source),
  ];
}

/** Isolation, time zone, sql_mode and character set of a connection whose state was set as a node sets it. */
function session(shown: ReadonlyMap<string, string>): Finding {
  const name = 'session';
  const version = shown.get('version')!;
  const fault = faultOf(version, shown);
  if (fault === undefined)
    return { level: 'ok', name, found: `READ COMMITTED, time zone +00:00, strict, ${CHARSET} on ${version}` };
  return { level: 'fail', name, found: fault, remedy: remedyOf(fault) };
}

function remedyOf(fault: string): string {
  if (fault.includes('binlog_format'))
    return 'SET PERSIST binlog_format = ROW (MariaDB: in my.cnf), then connect anew';
  if (fault.startsWith('the server is'))
    return 'upgrade the server; a dump of the old one is read by the new one';
  return 'something between changes what a connection sets: connect to the server itself, or by a proxy that keeps sessions apart and rewrites nothing';
}

/** A commit that was acknowledged is on the disk. */
function flush(shown: ReadonlyMap<string, string>): Finding {
  const name = 'flush';
  const atCommit = shown.get('innodb_flush_log_at_trx_commit')!;
  const [hasBinlog, syncBinlog] = [shown.get('log_bin') === 'ON', shown.get('sync_binlog')];
  const found = `innodb_flush_log_at_trx_commit is ${atCommit}, ${hasBinlog ? `sync_binlog ${syncBinlog}` : 'no binlog'}`;
  if (atCommit === '1' && (!hasBinlog || syncBinlog === '1')) return { level: 'ok', name, found };
  return {
    level: 'fail',
    name,
    found: `${found}: a draw that was answered may be lost when the server's machine stops`,
    remedy:
      'SET GLOBAL innodb_flush_log_at_trx_commit = 1, sync_binlog = 1, and the same in its configuration',
  };
}

/** Tables name theirs; only what somebody adds by hand goes by it. */
async function defaultCharset(source: DataSource): Promise<Finding> {
  const name = 'character set';
  const [row] = await source.query<{ charset: string }[]>(
    'SELECT default_character_set_name AS charset FROM information_schema.schemata WHERE schema_name = DATABASE()',
  );
  const { charset } = row!;
  if (charset === CHARSET) return { level: 'ok', name, found: `${charset} of the database` };
  return {
    level: 'warn',
    name,
    found: `${charset} of the database; its tables name their own`,
    remedy: `ALTER DATABASE … CHARACTER SET ${CHARSET} COLLATE ${COLLATION}`,
  };
}

/** Whether each text takes what its entity says: names and messages have every character there is. */
export async function lookAtTables(source: DataSource): Promise<Finding> {
  const name = 'utf8mb4';
  const kept = await source.query<{ place: string; charset: string }[]>(
    `SELECT CONCAT(table_name, '.', column_name) AS place, character_set_name AS charset
       FROM information_schema.columns
      WHERE table_schema = DATABASE() AND character_set_name IS NOT NULL`,
  );
  const meant = meantCharsets(source);
  const wrong = kept.filter(({ place, charset }) => charset !== (meant.get(place) ?? charset));
  const ours = kept.filter(({ place }) => meant.has(place)).length;
  if (wrong.length === 0)
    return { level: 'ok', name, found: `all ${ours} columns with text are as they are meant` };
  const tables = [...new Set(wrong.map(({ place }) => place.split('.')[0]!))];
  const [first] = wrong as [(typeof wrong)[number]];
  return {
    level: 'fail',
    name,
    found: `${wrong.length} columns are not as they are meant: ${first.place} is ${first.charset}`,
    remedy: `with no node running, after a backup: ALTER TABLE ${tables.join(', … ')} CONVERT TO CHARACTER SET ${CHARSET} COLLATE ${COLLATION}, then MODIFY the columns that the migrations make otherwise`,
  };
}

/** Of every column of ours that holds text, by table.column. */
function meantCharsets(source: DataSource): Map<string, string> {
  return new Map(
    source.entityMetadatas.flatMap(({ tableName, columns }) =>
      columns.map(
        ({ databaseName, charset }) => [`${tableName}.${databaseName}`, charset ?? CHARSET] as const,
      ),
    ),
  );
}
