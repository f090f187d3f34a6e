/** Users as the administration finds and changes them. */
import { In, Not, Raw } from 'typeorm';
import { User, type Role } from '../../../entities/identity/User.ts';
import {
  listNumbered,
  type LongPage,
  type NumberedQuery,
  type NumberedTable,
} from '../../platform/database/numberedList.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { USER, userOf, type UserRecord } from '../login/store.ts';

export interface UserFilter extends NumberedQuery {
  /** In full: no part of one finds anybody (RA-13). */
  mobile?: string | undefined;
  /** A part of it. */
  nickname?: string | undefined;
  role?: Role | undefined;
  status?: User['status'] | undefined;
}

export interface UserListing extends UserRecord {
  loginCount: number;
  lastLoginMs: number | null;
  registeredMs: number;
  isTest: boolean;
}

const LISTED = {
  ...USER,
  ...{ login_count: true, last_login: true, registration_date: true, is_test: true },
} as const;

const USERS: NumberedTable<User> = { entity: User, key: 'user_id', indexed: ['role'], select: LISTED };

/** One page of users, newest first. */
export async function findUsers(database: Database, filter: UserFilter): Promise<LongPage<UserListing>> {
  const { items, ...page } = await listNumbered(
    database.currentReader,
    USERS,
    {
      mobile: filter.mobile,
      nickname: filter.nickname === undefined ? undefined : having(filter.nickname),
      role: filter.role,
      status: filter.status,
    },
    filter,
  );
  return { ...page, items: items.map(listingOf) };
}

/** As it is written: its own % and _ stand for themselves. */
function having(text: string) {
  const part = `%${text.replace(/[!%_]/g, '!$&')}%`;
  return Raw((column) => `${column} LIKE :part ESCAPE '!'`, { part });
}

export async function findListing(database: Database, userId: number): Promise<UserListing | undefined> {
  const user = await database.currentReader.findOne(User, { select: LISTED, where: { user_id: userId } });
  return user === null ? undefined : listingOf(user);
}

function listingOf(user: Pick<User, keyof typeof LISTED>): UserListing {
  return {
    ...userOf(user),
    loginCount: user.login_count,
    lastLoginMs: user.last_login?.getTime() ?? null,
    registeredMs: user.registration_date.getTime(),
    isTest: user.is_test,
  };
}

/** In the order of their ids, as everybody locks them. */
export async function lockUsers(tx: Tx, userIds: readonly number[]): Promise<Map<number, UserRecord>> {
  const users = await tx.lock(User, {
    select: USER,
    where: { user_id: In(userIds) },
    order: { user_id: 'ASC' },
  });
  return new Map(users.map((user) => [user.user_id, userOf(user)]));
}

export async function countOtherSuperAdmins(tx: Tx, userId: number): Promise<number> {
  return tx.manager.countBy(User, { role: 'super_admin', status: 'active', user_id: Not(userId) });
}

export async function updateStatus(
  tx: Tx,
  userId: number,
  status: User['status'],
  nowMs: number,
): Promise<void> {
  await tx.manager.update(User, { user_id: userId }, { status, updated_at: new Date(nowMs) });
}

export async function updateRole(tx: Tx, userId: number, role: Role, nowMs: number): Promise<void> {
  await tx.manager.update(User, { user_id: userId }, { role, updated_at: new Date(nowMs) });
}
