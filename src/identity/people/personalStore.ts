/** What this folder keeps on a person: read for them, and taken away when they go. */
import { CustomerSession } from '../../../entities/identity/CustomerSession.ts';
import { LoginLock } from '../../../entities/identity/LoginLock.ts';
import { LoginLog } from '../../../entities/identity/LoginLog.ts';
import { User } from '../../../entities/identity/User.ts';
import { UserDevice } from '../../../entities/identity/UserDevice.ts';
import { UserPermission } from '../../../entities/identity/UserPermission.ts';
import { VerificationCode } from '../../../entities/identity/VerificationCode.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import type { ExportedDevice, ExportedLogin, ExportedLoginTry } from './personalData.ts';

/** Every login, also those that have ended; newest first. */
export async function readLogins(
  database: Database,
  userId: number,
  limit: number,
): Promise<ExportedLogin[]> {
  const logins = await database.reader.find(CustomerSession, {
    select: {
      ...{ session_id: true, device_id: true, ip: true, user_agent: true, created_at: true },
      ...{ refreshed_at: true, expires_at: true, revoked_at: true, revoked_reason: true },
    },
    where: { user_id: userId },
    order: { session_id: 'DESC' },
    take: limit,
  });
  return logins.map((login) => ({
    ...login,
    created_at: login.created_at.toISOString(),
    refreshed_at: login.refreshed_at?.toISOString() ?? null,
    expires_at: login.expires_at.toISOString(),
    revoked_at: login.revoked_at?.toISOString() ?? null,
  }));
}

export async function readDevices(
  database: Database,
  userId: number,
  limit: number,
): Promise<ExportedDevice[]> {
  const devices = await database.reader.find(UserDevice, {
    where: { user_id: userId },
    order: { last_seen_at: 'DESC', device_id: 'ASC' },
    take: limit,
  });
  return devices.map((device) => ({
    device_id: device.device_id,
    first_seen_at: device.first_seen_at.toISOString(),
    last_seen_at: device.last_seen_at.toISOString(),
  }));
}

export async function readLoginLog(
  database: Database,
  userId: number,
  limit: number,
): Promise<ExportedLoginTry[]> {
  const tries = await database.reader.find(LoginLog, {
    select: {
      ...{ log_id: true, session_id: true, outcome: true, flags: true, device_id: true },
      ...{ ip: true, user_agent: true, created_at: true },
    },
    where: { user_id: userId },
    order: { log_id: 'DESC' },
    take: limit,
  });
  return tries.map((one) => ({ ...one, created_at: one.created_at.toISOString() }));
}

/** The number is free again afterwards; what stands in its place is the id, which nobody's number can be. */
export async function anonymiseUser(
  tx: Tx,
  { userId, nickname }: { userId: number; nickname: string },
  nowMs: number,
): Promise<void> {
  await tx.manager.update(
    User,
    { user_id: userId },
    {
      mobile: `closed${userId}`,
      nickname,
      avatar_url: null,
      birthday: null,
      birthday_month_day: null,
      role: 'user',
      status: 'closed',
      updated_at: new Date(nowMs),
    },
  );
}

/** Blanks all, and revokes those that have run out so long ago that nobody needs to know. */
export async function closeSessions(tx: Tx, userId: number, nowMs: number): Promise<void> {
  await tx.manager
    .createQueryBuilder()
    .update(CustomerSession)
    .set({
      revoked_reason: () => "COALESCE(revoked_reason, 'closed')",
      revoked_at: () => 'COALESCE(revoked_at, :at)',
      device_id: null,
      ip: null,
      user_agent: null,
    })
    .where({ user_id: userId })
    .setParameter('at', new Date(nowMs))
    .execute();
}

export async function blankLoginLog(tx: Tx, userId: number): Promise<void> {
  const blank = { mobile: '', device_id: null, ip: '', network: '', user_agent: null };
  await tx.manager.update(LoginLog, { user_id: userId }, blank);
}

export async function deleteDevices(tx: Tx, userId: number): Promise<void> {
  await tx.manager.delete(UserDevice, { user_id: userId });
}

export async function deletePermissions(tx: Tx, userId: number): Promise<void> {
  await tx.manager.delete(UserPermission, { user_id: userId });
}

export async function deleteCodes(tx: Tx, mobile: string): Promise<void> {
  await tx.manager.delete(VerificationCode, { mobile });
}

export async function deleteLock(tx: Tx, mobile: string): Promise<void> {
  await tx.manager.delete(LoginLock, { mobile });
}
