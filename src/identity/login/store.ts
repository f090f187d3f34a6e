import type { EntityManager } from 'typeorm';
import { CustomerSession } from '../../../entities/identity/CustomerSession.ts';
import { User, type Role } from '../../../entities/identity/User.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';

/** A user as the rules of this folder need one. */
export interface UserRecord {
  userId: number;
  /** In full: for its owner only. */
  mobile: string;
  nickname: string;
  avatarUrl: string | null;
  /** YYYY-MM-DD */
  birthday: string | null;
  role: Role;
  status: User['status'];
}

/** What `userOf` needs of a row. */
export const USER = {
  user_id: true,
  mobile: true,
  nickname: true,
  avatar_url: true,
  birthday: true,
  role: true,
  status: true,
} as const;

/** @param manager inside a transaction or outside of one, as the caller has it. */
export async function findUser(manager: EntityManager, userId: number): Promise<UserRecord | undefined> {
  const user = await manager.findOne(User, { select: USER, where: { user_id: userId } });
  return user === null ? undefined : userOf(user);
}

export async function lockUser(tx: Tx, userId: number): Promise<UserRecord | undefined> {
  return (await tx.lock(User, { select: USER, where: { user_id: userId } })).map(userOf)[0];
}

export async function lockUserByMobile(tx: Tx, mobile: string): Promise<UserRecord | undefined> {
  return (await tx.lock(User, { select: USER, where: { mobile } })).map(userOf)[0];
}

/** @returns the id; the unique key on the mobile refuses a second user of the same number. */
export async function insertUser(
  tx: Tx,
  { mobile, nickname }: Pick<UserRecord, 'mobile' | 'nickname'>,
  nowMs: number,
): Promise<number> {
  const at = new Date(nowMs);
  return insertOne(tx, User, { mobile, nickname, registration_date: at, created_at: at, updated_at: at });
}

export async function updateProfile(
  tx: Tx,
  {
    userId,
    nickname,
    avatarUrl,
    birthday,
  }: Pick<UserRecord, 'userId' | 'nickname' | 'avatarUrl' | 'birthday'>,
  nowMs: number,
): Promise<void> {
  await tx.manager.update(
    User,
    { user_id: userId },
    { nickname, avatar_url: avatarUrl, ...birthdayColumns(birthday), updated_at: new Date(nowMs) },
  );
}

/** The columns of a birthday. */
export function birthdayColumns(birthday: string | null): Pick<User, 'birthday' | 'birthday_month_day'> {
  return { birthday, birthday_month_day: birthday?.slice(5) ?? null };
}

export async function countLogin(tx: Tx, userId: number, nowMs: number): Promise<void> {
  await tx.manager.update(
    User,
    { user_id: userId },
    { login_count: () => 'login_count + 1', last_login: new Date(nowMs) },
  );
}

export interface NewSession {
  userId: number;
  refreshTokenHash: string;
  deviceId: string | null;
  ip: string | null;
  userAgent: string | null;
  expiresAtMs: number;
}

/** @returns the id of the login. */
export async function insertSession(tx: Tx, session: NewSession, nowMs: number): Promise<number> {
  const { userId, refreshTokenHash, deviceId, ip, userAgent, expiresAtMs } = session;
  return insertOne(tx, CustomerSession, {
    user_id: userId,
    refresh_token_hash: refreshTokenHash,
    device_id: deviceId,
    ip,
    user_agent: userAgent,
    expires_at: new Date(expiresAtMs),
    created_at: new Date(nowMs),
  });
}

/** The addresses of a user's newest logins, newest first, at most `limit` of them. */
export async function readRecentAddresses(tx: Tx, userId: number, limit: number): Promise<(string | null)[]> {
  const sessions = await tx.manager.find(CustomerSession, {
    select: { session_id: true, ip: true },
    where: { user_id: userId },
    order: { session_id: 'DESC' },
    take: limit,
  });
  return sessions.map(({ ip }) => ip);
}

export function userOf(user: Pick<User, keyof typeof USER>): UserRecord {
  return {
    userId: user.user_id,
    mobile: user.mobile,
    nickname: user.nickname,
    avatarUrl: user.avatar_url,
    birthday: user.birthday,
    role: user.role,
    status: user.status,
  };
}
