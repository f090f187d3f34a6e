/** Accounts by which the product is tried out: no report counts them, and nothing is learned from them (RS-3). */
import { User } from '../../../entities/identity/User.ts';
import { recordAction } from '../../admin/adminLog.ts';
import { forgetBehaviors } from '../../analytics/behaviors/personalBehaviors.ts';
import { noteChange } from '../../analytics/profiles.ts';
import type { Actor } from '../../platform/caller.ts';
import { changeUser, type AccessServices } from '../access/accessChange.ts';

export interface TestChange {
  actor: Actor;
  userId: number;
  isTest: boolean;
}

/**
 * What was told of them until then goes, also out of the sums; it does not come back with them.
 * @throws AppError NOT_FOUND, FORBIDDEN, CONFLICT for a closed account
 */
export async function setTest(services: AccessServices, change: TestChange): Promise<void> {
  const { actor, userId, isTest } = change;
  await changeUser(services, change, async ({ tx, nowMs }) => {
    const before = await tx.manager.findOneOrFail(User, {
      select: { user_id: true, is_test: true },
      where: { user_id: userId },
    });
    if (before.is_test === isTest) return;
    await tx.manager.update(User, { user_id: userId }, { is_test: isTest, updated_at: new Date(nowMs) });
    if (isTest) await forgetBehaviors(tx, [userId]);
    await noteChange(tx, userId, nowMs);
    const action = {
      actor,
      action: 'user.test',
      target: { type: 'user', id: userId },
      before: { is_test: before.is_test },
      after: { is_test: isTest },
    };
    await recordAction(tx, action, nowMs);
  });
}
