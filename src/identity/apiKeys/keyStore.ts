/** The rows of API keys. */
import ipaddr from 'ipaddr.js';
import { IsNull, LessThanOrEqual } from 'typeorm';
import { ApiKey } from '../../../entities/identity/ApiKey.ts';
import { callerIdOfKey } from '../../platform/caller.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import { listNumbered, type LongPage, type NumberedQuery } from '../../platform/database/numberedList.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';

/** One text that is taken, with what whoever has it may do. A key has two of them during an overlap. */
export interface KnownKey {
  apiKeyId: number;
  callerId: number;
  name: string;
  prefix: string;
  hash: string;
  /** When it is taken no more. */
  endsAtMs: number;
  permissions: ReadonlySet<string>;
  restaurantId: number | null;
  networks: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];
}

export async function findKnownKeys(database: Database): Promise<KnownKey[]> {
  const rows = await database.currentReader.find(ApiKey, { where: { revoked_at: IsNull() } });
  return rows.flatMap(knownOf);
}

export function listKeys(database: Database, query: NumberedQuery): Promise<LongPage<ApiKey>> {
  return listNumbered(database.currentReader, { entity: ApiKey, key: 'api_key_id' }, {}, query);
}

export async function countKeys(tx: Tx): Promise<number> {
  return tx.manager.countBy(ApiKey, { revoked_at: IsNull() });
}

export async function lockKey(tx: Tx, apiKeyId: number): Promise<ApiKey | undefined> {
  const [row] = await tx.lock(ApiKey, { where: { api_key_id: apiKeyId } });
  return row;
}

export async function insertKey(tx: Tx, row: Omit<ApiKey, 'api_key_id'>): Promise<ApiKey> {
  return { ...row, api_key_id: await insertOne(tx, ApiKey, row) };
}

export async function updateKey(tx: Tx, apiKeyId: number, change: Partial<ApiKey>): Promise<void> {
  await tx.manager.update(ApiKey, { api_key_id: apiKeyId }, change);
}

/** Unless another node has written a use since `beforeMs`. */
export async function writeUse(
  tx: Tx,
  { apiKeyId, ip, nowMs, beforeMs }: { apiKeyId: number; ip: string; nowMs: number; beforeMs: number },
): Promise<void> {
  const use = { last_used_at: new Date(nowMs), last_used_ip: ip.slice(0, 64) };
  const key = { api_key_id: apiKeyId };
  await tx.manager.update(
    ApiKey,
    [
      { ...key, last_used_at: IsNull() },
      { ...key, last_used_at: LessThanOrEqual(new Date(beforeMs)) },
    ],
    use,
  );
}

function knownOf(row: ApiKey): KnownKey[] {
  const endsAtMs = row.expires_at?.getTime() ?? Infinity;
  const known = {
    apiKeyId: row.api_key_id,
    callerId: callerIdOfKey(row.api_key_id),
    name: row.name,
    prefix: row.prefix,
    hash: row.key_hash,
    endsAtMs,
    permissions: new Set(row.permissions),
    restaurantId: row.restaurant_id,
    networks: row.networks.map((cidr) => ipaddr.parseCIDR(cidr)),
  };
  const { previous_prefix: prefix, previous_hash: hash, previous_until: until } = row;
  if (prefix === null || hash === null || until === null) return [known];
  return [known, { ...known, prefix, hash, endsAtMs: Math.min(endsAtMs, until.getTime()) }];
}

/** Who made a key, and answers for what is done with it; undefined: there is no such key. */
export async function creatorOfKey(tx: Tx, apiKeyId: number): Promise<number | undefined> {
  return (await tx.manager.findOneBy(ApiKey, { api_key_id: apiKeyId }))?.created_by;
}
