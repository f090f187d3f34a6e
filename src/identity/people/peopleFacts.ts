import { In, type EntityManager } from 'typeorm';
import { User } from '../../../entities/identity/User.ts';

/** What is known of somebody by their account. */
export interface PersonFacts {
  registeredAtMs: number;
  /** 1 to 12; 0: it is not known. */
  birthdayMonth: number;
  /** Whether reports and segments count them (counted.ts). */
  isCounted: boolean;
}

/** Of those who are active. */
export async function findPeopleFacts(
  manager: EntityManager,
  userIds: readonly number[],
): Promise<ReadonlyMap<number, PersonFacts>> {
  const found = await manager.find(User, {
    select: { user_id: true, role: true, is_test: true, registration_date: true, birthday_month_day: true },
    where: { user_id: In([...userIds]), status: 'active' },
  });
  return new Map(
    found.map((user) => [
      user.user_id,
      {
        registeredAtMs: user.registration_date.getTime(),
        birthdayMonth: Number(user.birthday_month_day?.slice(0, 2) ?? 0),
        isCounted: user.role === 'user' && !user.is_test,
      },
    ]),
  );
}
