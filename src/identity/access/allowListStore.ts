/** SQL of the networks that the administration may be used from. */
import { IpAllowEntry } from '../../../entities/identity/IpAllowEntry.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import { fromSqlTime } from '../../platform/database/sqlValues.ts';
import { forUpdate, type Database, type Tx } from '../../platform/database/transaction.ts';

export interface AllowedNetwork {
  entryId: number;
  /** 10.0.0.0/8, 2001:db8::/32 */
  cidr: string;
  note: string;
  createdAtMs: number;
}

export async function findNetworks(database: Database): Promise<AllowedNetwork[]> {
  const rows = await database.readCurrent<NetworkRow>(
    'SELECT entry_id, cidr, note, created_at FROM ip_allow_list ORDER BY entry_id',
  );
  return rows.map(networkOf);
}

export async function lockNetworks(tx: Tx): Promise<AllowedNetwork[]> {
  const rows = await tx.query<NetworkRow>(
    `SELECT entry_id, cidr, note, created_at FROM ip_allow_list ORDER BY entry_id${forUpdate(tx)}`,
  );
  return rows.map(networkOf);
}

export async function insertNetwork(
  tx: Tx,
  { cidr, note }: Pick<AllowedNetwork, 'cidr' | 'note'>,
  nowMs: number,
): Promise<number> {
  return insertOne(tx, IpAllowEntry, { cidr, note, created_at: new Date(nowMs) });
}

export async function deleteNetwork(tx: Tx, entryId: number): Promise<void> {
  await tx.execute('DELETE FROM ip_allow_list WHERE entry_id = ?', [entryId]);
}

interface NetworkRow {
  entry_id: number;
  cidr: string;
  note: string;
  created_at: Date | string;
}

function networkOf(row: NetworkRow): AllowedNetwork {
  return {
    entryId: row.entry_id,
    cidr: row.cidr,
    note: row.note,
    createdAtMs: fromSqlTime(row.created_at),
  };
}
