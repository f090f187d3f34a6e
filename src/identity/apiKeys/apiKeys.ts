/** Keys by which machines call: made, rotated and revoked by people. */
import type { ApiKey } from '../../../entities/identity/ApiKey.ts';
import { recordAction } from '../../admin/adminLog.ts';
import type { Actor, Permission } from '../../platform/caller.ts';
import { toldOnceIn, type IdempotentCall } from '../../platform/database/idempotency.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import { changeAccess, type AccessChange, type AccessServices } from '../access/accessChange.ts';
import { normalNetwork } from '../access/allowList.ts';
import { lockUsers } from '../people/userStore.ts';
import { countKeys, insertKey, listKeys, lockKey, updateKey } from './keyStore.ts';
import { createKeyText } from './keyText.ts';

export { listKeys, type ApiKey };

export interface NewApiKey {
  actor: Actor;
  name: string;
  permissions: readonly Permission[];
  restaurantId: number | null;
  expiresAtMs: number | null;
  networks: readonly string[];
  call?: IdempotentCall | undefined;
}

/** The text is told here and never again. */
export interface IssuedKey {
  row: ApiKey;
  text: string;
}

interface KeyChange {
  actor: Actor;
  apiKeyId: number;
}

interface KeyRotation extends KeyChange {
  overlapSeconds: number;
  call?: IdempotentCall | undefined;
}

/** @throws AppError FORBIDDEN, VALIDATION_FAILED when it would be over already, CONFLICT when there are too many, or by this call it was made already */
export async function createKey(services: AccessServices, given: NewApiKey): Promise<IssuedKey> {
  return changeAccess(services, async (change) => {
    await checkGiving(services, change.tx, given);
    return toldOnceIn(change.tx, given.call, { make: () => insertNew(change, given), idOf });
  });
}

async function insertNew({ tx, nowMs }: AccessChange, given: NewApiKey): Promise<IssuedKey> {
  const { actor, name, permissions, restaurantId, expiresAtMs, networks } = given;
  if (expiresAtMs !== null && expiresAtMs <= nowMs) {
    throw new AppError('VALIDATION_FAILED', { details: [{ path: 'expires_at', message: 'is over' }] });
  }
  if ((await countKeys(tx)) >= LIMITS.apiKeys)
    throw conflict('there are too many', { limit: LIMITS.apiKeys });
  const { text, prefix, hash } = createKeyText();
  const row = await insertKey(tx, {
    name,
    prefix,
    key_hash: hash,
    ...NO_PREVIOUS,
    permissions: [...new Set(permissions)],
    restaurant_id: restaurantId,
    networks: [...new Set(networks.map(normalNetwork))],
    created_by: actor.userId,
    created_at: new Date(nowMs),
    expires_at: expiresAtMs === null ? null : new Date(expiresAtMs),
    revoked_at: null,
    last_used_at: null,
    last_used_ip: null,
  });
  await record({ tx, nowMs }, { actor, action: 'api_key.create', row, before: null, after: stateOf(row) });
  return { row, text };
}

/**
 * A new text. The one before it is taken for as long as the overlap; the one before that no more.
 * @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT when the key is over, or by this call it has its new text already
 */
export async function rotateKey(services: AccessServices, rotation: KeyRotation): Promise<IssuedKey> {
  return changeAccess(services, (change) => {
    const make = () => renew(services, change, rotation);
    return toldOnceIn(change.tx, rotation.call, { make, idOf });
  });
}

async function renew(
  services: AccessServices,
  { tx, nowMs }: AccessChange,
  { actor, apiKeyId, overlapSeconds }: KeyRotation,
): Promise<IssuedKey> {
  const row = await lockKey(tx, apiKeyId);
  if (row === undefined) throw new AppError('NOT_FOUND');
  // Whoever rotates gets to know the text, and with it all that the key may do.
  await checkGiving(services, tx, { actor, permissions: row.permissions as Permission[] });
  if (row.revoked_at !== null) throw conflict('the key is revoked', {});
  if (row.expires_at !== null && row.expires_at.getTime() <= nowMs) throw conflict('the key has expired', {});
  const { text, prefix, hash } = createKeyText();
  const previous = {
    previous_prefix: row.prefix,
    previous_hash: row.key_hash,
    previous_until: new Date(nowMs + overlapSeconds * 1000),
  };
  const change = { prefix, key_hash: hash, ...(overlapSeconds === 0 ? NO_PREVIOUS : previous) };
  await updateKey(tx, apiKeyId, change);
  const before = { prefix: row.prefix };
  const after = { prefix, overlap_seconds: overlapSeconds };
  await record({ tx, nowMs }, { actor, action: 'api_key.rotate', row, before, after });
  return { row: { ...row, ...change }, text };
}

/** For ever; once more changes nothing. @throws AppError NOT_FOUND, FORBIDDEN */
export async function revokeKey(services: AccessServices, { actor, apiKeyId }: KeyChange): Promise<ApiKey> {
  return changeAccess(services, async ({ tx, nowMs }) => {
    const row = await lockKey(tx, apiKeyId);
    if (row === undefined) throw new AppError('NOT_FOUND');
    await checkGiving(services, tx, { actor, permissions: [] });
    if (row.revoked_at !== null) return row;
    const change = { revoked_at: new Date(nowMs) };
    await updateKey(tx, apiKeyId, change);
    await record({ tx, nowMs }, { actor, action: 'api_key.revoke', row, before: stateOf(row), after: null });
    return { ...row, ...change };
  });
}

const idOf = ({ row }: IssuedKey) => row.api_key_id;
const NO_PREVIOUS = { previous_prefix: null, previous_hash: null, previous_until: null };

/** Keys are a matter of people: a machine is no user, and finds none here. Nobody gives what they do not have. */
async function checkGiving(
  { access }: AccessServices,
  tx: Tx,
  { actor, permissions }: Pick<NewApiKey, 'actor' | 'permissions'>,
): Promise<void> {
  const giver = (await lockUsers(tx, [actor.userId])).get(actor.userId);
  if (giver?.status !== 'active') throw new AppError('FORBIDDEN');
  const lacking = permissions.find((permission) => !access.can(giver, permission));
  if (lacking !== undefined) throw new AppError('FORBIDDEN', { details: { permission: lacking } });
}

interface Recorded {
  actor: Actor;
  action: string;
  row: ApiKey;
  before: unknown;
  after: unknown;
}

async function record(
  { tx, nowMs }: { tx: Tx; nowMs: number },
  { row, ...recorded }: Recorded,
): Promise<void> {
  await recordAction(tx, { ...recorded, target: { type: 'api_key', id: row.api_key_id } }, nowMs);
}

/** Neither the text nor its hash. */
function stateOf({ name, prefix, permissions, restaurant_id, networks, expires_at }: ApiKey) {
  return {
    name,
    prefix,
    permissions,
    restaurant_id,
    networks,
    expires_at: expires_at?.toISOString() ?? null,
  };
}

function conflict(reason: string, facts: object): AppError {
  return new AppError('CONFLICT', { details: { reason, ...facts } });
}
