/** Birthdays: told once by the person, since points are given for them; afterwards the administration alone changes one. */
import { MoreThan, type EntityManager } from 'typeorm';
import { User } from '../../../entities/identity/User.ts';
import { recordAction } from '../../admin/adminLog.ts';
import type { Actor } from '../../platform/caller.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { changeUser, type AccessServices } from '../access/accessChange.ts';
import { birthdayColumns } from '../login/store.ts';

const FIRST = '1900-01-01';

/** @throws AppError VALIDATION_FAILED unless somebody alive can have been born on that date, today at the latest */
export function checkBirthday(tx: Tx, birthday: string, nowMs: number): void {
  if (birthday >= FIRST && birthday <= tx.dayOf(nowMs)) return;
  const details = [{ path: 'birthday', message: `must be from ${FIRST} to today` }];
  throw new AppError('VALIDATION_FAILED', { details });
}

export interface BirthdayChange {
  actor: Actor;
  userId: number;
  /** YYYY-MM-DD; null: the person may tell it again. */
  birthday: string | null;
}

/**
 * The log has that it was changed and not what it was: rows there outlive the person's account.
 * @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT for a closed account, VALIDATION_FAILED
 */
export async function setBirthday(services: AccessServices, change: BirthdayChange): Promise<void> {
  const { actor, userId, birthday } = change;
  await changeUser(services, change, async ({ tx, nowMs, target }) => {
    if (birthday !== null) checkBirthday(tx, birthday, nowMs);
    if (birthday === target.birthday) return;
    const columns = { ...birthdayColumns(birthday), updated_at: new Date(nowMs) };
    await tx.manager.update(User, { user_id: userId }, columns);
    const action = {
      actor,
      action: 'user.birthday',
      target: { type: 'user', id: userId },
      before: { has_birthday: target.birthday !== null, is_other: false },
      after: { has_birthday: birthday !== null, is_other: true },
    };
    await recordAction(tx, action, nowMs);
  });
}

export interface BirthdayOfUser {
  userId: number;
  /** YYYY-MM-DD */
  birthday: string;
}

export interface BirthdaysAsked {
  /** MM-DD. Who has it on 02-29 has it on no other day: what becomes of them in other years is the caller's to say. */
  monthDay: string;
  /** 0: from the first. */
  afterUserId: number;
  take: number;
}

/** Those active users, in the order of their ids. */
export async function readBirthdays(
  manager: EntityManager,
  { monthDay, afterUserId, take }: BirthdaysAsked,
): Promise<BirthdayOfUser[]> {
  const users = await manager.find(User, {
    select: { user_id: true, birthday: true },
    where: { birthday_month_day: monthDay, user_id: MoreThan(afterUserId), status: 'active' },
    order: { user_id: 'ASC' },
    take,
  });
  return users.map(({ user_id: userId, birthday }) => ({ userId, birthday: birthday! }));
}
