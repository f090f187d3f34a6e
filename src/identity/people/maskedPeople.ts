import { In, type EntityManager } from 'typeorm';
import { User } from '../../../entities/identity/User.ts';
import { maskMobile, maskNickname } from '../login/mask.ts';

export interface MaskedPerson {
  user_id: number;
  nickname: string;
  mobile: string;
}

/** In the order of their ids, for whoever wants to see what kind of people they are. */
export async function readMasked(
  manager: EntityManager,
  userIds: readonly number[],
): Promise<MaskedPerson[]> {
  if (userIds.length === 0) return [];
  const rows = await manager.find(User, {
    select: { user_id: true, nickname: true, mobile: true },
    where: { user_id: In([...userIds]) },
    order: { user_id: 'ASC' },
  });
  return rows.map(({ user_id, nickname, mobile }) => ({
    user_id,
    nickname: maskNickname(nickname),
    mobile: maskMobile(mobile),
  }));
}
