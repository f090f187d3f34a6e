import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { User } from '../../../entities/identity/User.ts';
import { UserDevice } from '../../../entities/identity/UserDevice.ts';
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
export async function originOf(manager: EntityManager, caller: Caller): Promise<Origin> {
  const isKnown = await isKnownDevice(manager, caller);
  if (!isKnown || caller.deviceId === null) return { name: networkOf(caller.ip), isKnownDevice: false };
  const hash = createHash('sha256').update(caller.deviceId).digest('hex');
  return { name: `${DEVICE}${hash}`, isKnownDevice: true };
}

export async function isKnownDevice(
  manager: EntityManager,
  { mobile, deviceId }: Pick<Caller, 'mobile' | 'deviceId'>,
): Promise<boolean> {
  return manager
    .createQueryBuilder(User, 'person')
    .innerJoin(UserDevice, 'device', 'device.user_id = person.user_id')
    .where({ mobile })
    .andWhere('device.device_id = :deviceId', { deviceId: deviceId ?? '' })
    .getExists();
}

const DEVICE = 'device:';

export function isDevice(origin: string | null): boolean {
  return origin?.startsWith(DEVICE) === true;
}
