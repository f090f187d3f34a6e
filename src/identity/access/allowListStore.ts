/** The networks that the administration may be used from. */
import { IpAllowEntry } from '../../../entities/identity/IpAllowEntry.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';

export interface AllowedNetwork {
  entryId: number;
  /** 10.0.0.0/8, 2001:db8::/32 */
  cidr: string;
  note: string;
  createdAtMs: number;
}

const IN_ORDER = { order: { entry_id: 'ASC' } } as const;

export async function findNetworks(database: Database): Promise<AllowedNetwork[]> {
  return (await database.currentReader.find(IpAllowEntry, IN_ORDER)).map(networkOf);
}

export async function lockNetworks(tx: Tx): Promise<AllowedNetwork[]> {
  return (await tx.lock(IpAllowEntry, IN_ORDER)).map(networkOf);
}

export async function insertNetwork(
  tx: Tx,
  { cidr, note }: Pick<AllowedNetwork, 'cidr' | 'note'>,
  nowMs: number,
): Promise<number> {
  return insertOne(tx, IpAllowEntry, { cidr, note, created_at: new Date(nowMs) });
}

export async function deleteNetwork(tx: Tx, entryId: number): Promise<void> {
  await tx.manager.delete(IpAllowEntry, { entry_id: entryId });
}

function networkOf(row: IpAllowEntry): AllowedNetwork {
  return {
    entryId: row.entry_id,
    cidr: row.cidr,
    note: row.note,
    createdAtMs: row.created_at.getTime(),
  };
}
