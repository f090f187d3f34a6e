/** A SQLite file, as a node would open it. */
import type { DataSource } from 'typeorm';
import type { Finding } from './finding.ts';

/** PRAGMA synchronous has numbers for its names. */
const FULL = 2;

/** A commit that was acknowledged is on the disk, and readers do not wait for whoever writes. */
export async function lookAtFile(source: DataSource): Promise<Finding> {
  const name = 'flush';
  const [[{ journal_mode: journal }], [{ synchronous }]] = (await Promise.all([
    source.query('PRAGMA journal_mode'),
    source.query('PRAGMA synchronous'),
  ])) as [[{ journal_mode: string }], [{ synchronous: number }]];
  const found = `journal ${journal}, synchronous ${synchronous === FULL ? 'FULL' : synchronous}`;
  if (journal === 'wal' && synchronous === FULL) return { level: 'ok', name, found };
  return {
    level: synchronous === FULL ? 'warn' : 'fail',
    name,
    found,
    remedy:
      'start the server once: it turns the write-ahead log on; where that does not stay, the file is on a file system without shared memory (NFS, SMB): move it to a local disk',
  };
}
