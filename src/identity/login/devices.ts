/*
 * The devices that users log in from, and how many accounts may share one.
 *
 * Two accounts that are new to a device at once must not both find its last place free. Whoever comes to a device for the first
 * time takes its named lock, counts with a locking read, and inserts its row under that lock; who is on it already needs no
 * place. Logins without a device id are not limited here: the number, the network and the code are.
 */
import { createHash } from 'node:crypto';
import { UserDevice } from '../../../entities/identity/UserDevice.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import { withNamedLock } from '../../platform/database/namedLock.ts';
import { forUpdate, type Tx } from '../../platform/database/transaction.ts';
import type { UserRecord } from './store.ts';

export interface DeviceUse {
  deviceId: string | null;
  /** undefined: they are about to be registered. */
  known: UserRecord | undefined;
  accountsPerDevice: number;
}

export interface AdmittedUser {
  user: UserRecord;
  /** Never seen with this user before. */
  isNewDevice: boolean;
  /** Other accounts have used it too. */
  isShared: boolean;
}

/**
 * Records that a user logs in from a device.
 * @param admit gives the user; a new one is registered only when there is a place.
 * @returns undefined when the device has its accounts and this one is none of them. Staff and above always have a place: they
 * log in on the tills and tablets of the house, which whole shifts share.
 */
export async function admitOnDevice(
  tx: Tx,
  { deviceId, known, accountsPerDevice }: DeviceUse,
  admit: () => Promise<UserRecord>,
  nowMs: number,
): Promise<AdmittedUser | undefined> {
  if (deviceId === null) return { user: await admit(), isNewDevice: false, isShared: false };
  const found = await countAccounts(tx, { deviceId, userId: known?.userId ?? 0 }, '');
  if (known !== undefined && found.own > 0) {
    await updateLastSeen(tx, { userId: known.userId, deviceId }, nowMs);
    return { user: known, isNewDevice: false, isShared: found.others > 0 };
  }
  return withNamedLock(tx, lockNameOf(deviceId), async () => {
    const { others } = await countAccounts(tx, { deviceId, userId: 0 }, forUpdate(tx));
    const hasPlace = others < accountsPerDevice || (known !== undefined && known.role !== 'user');
    if (!hasPlace) return undefined;
    const user = await admit();
    await insertDevice(tx, { userId: user.userId, deviceId }, nowMs);
    return { user, isNewDevice: true, isShared: others > 0 };
  });
}

interface UserDeviceKey {
  userId: number;
  deviceId: string;
}

async function countAccounts(
  tx: Tx,
  { userId, deviceId }: UserDeviceKey,
  locking: string,
): Promise<{ own: number; others: number }> {
  const [row] = await tx.query<{ total: number | string; own: number | string | null }>(
    `SELECT COUNT(*) AS total, SUM(user_id = ?) AS own FROM user_devices WHERE device_id = ?${locking}`,
    [userId, deviceId],
  );
  const own = Number(row?.own ?? 0);
  return { own, others: Number(row?.total ?? 0) - own };
}

async function insertDevice(tx: Tx, { userId, deviceId }: UserDeviceKey, nowMs: number): Promise<void> {
  const at = new Date(nowMs);
  const times = { first_seen_at: at, last_seen_at: at };
  await insertOne(tx, UserDevice, { user_id: userId, device_id: deviceId, ...times });
}

async function updateLastSeen(tx: Tx, { userId, deviceId }: UserDeviceKey, nowMs: number): Promise<void> {
  await tx.manager.update(
    UserDevice,
    { user_id: userId, device_id: deviceId },
    { last_seen_at: new Date(nowMs) },
  );
}

/** A device id may be longer than the name of a lock. */
function lockNameOf(deviceId: string): string {
  return `kaijiang:device:${createHash('sha256').update(deviceId).digest('hex').slice(0, 40)}`;
}
