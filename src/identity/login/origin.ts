import { createHash } from 'node:crypto';
import type { Tx } from '../../platform/database/transaction.ts';
import { networkOf } from '../../platform/network.ts';

/**
 * Where a try for a number comes from. What strangers do is held against them and not against the number: its user goes on from
 * a network that has not been trying, and from a device that is known by an earlier login of theirs, wherever that is.
 */
export interface Origin {
  /** As it is stored. */
  name: string;
  isKnownDevice: boolean;
}

export interface Caller {
  mobile: string;
  deviceId: string | null;
  ip: string;
}

/** The same statement for every number and device, known or not. */
export async function originOf(read: Tx['query'], caller: Caller): Promise<Origin> {
  const isKnown = await isKnownDevice(read, caller);
  if (!isKnown || caller.deviceId === null) return { name: networkOf(caller.ip), isKnownDevice: false };
  const hash = createHash('sha256').update(caller.deviceId).digest('hex');
  return { name: `${DEVICE}${hash}`, isKnownDevice: true };
}

export async function isKnownDevice(
  read: Tx['query'],
  { mobile, deviceId }: Pick<Caller, 'mobile' | 'deviceId'>,
): Promise<boolean> {
  const rows = await read(
    `SELECT 1 AS found FROM users u JOIN user_devices d ON d.user_id = u.user_id
      WHERE u.mobile = ? AND d.device_id = ?`,
    [mobile, deviceId ?? ''],
  );
  return rows.length > 0;
}

const DEVICE = 'device:';

export function isDevice(origin: string | null): boolean {
  return origin?.startsWith(DEVICE) === true;
}
