/** One success of every operation on merges of accounts, and what they refuse for how things are. */
import type { Ask, Asked, Callers } from './contractCallers.ts';

const MISSING = { id: 2_147_483_647 };
const CODE = { code: '123456' };
const REASON = { reason: '更换手机号' };

/** One that is done, one that is declined, one that is cancelled, and one that waits. */
export async function mergePeople(ask: Ask, callers: Callers): Promise<void> {
  const { superAdmin } = callers;
  const login = async (mobile: string) => {
    const { access_token: token, user } = await ask({
      operation: 'POST /auth/login',
      body: { mobile, ...CODE },
    });
    return { token: token as string, userId: user.user_id as number };
  };
  const [first, second, third] = [
    await login('13600000071'),
    await login('13600000072'),
    await login('13600000073'),
  ];
  const askFor = async (from: { userId: number }, into: { userId: number }): Promise<number> => {
    const asked = { path: { id: from.userId }, body: { into_user_id: into.userId, ...REASON } };
    const operation = 'POST /admin/users/{id}/merges';
    return (await ask({ operation, token: superAdmin, ...asked })).merge_id;
  };
  const doneId = await askFor(first, second);
  for (const { token } of [second, first])
    await ask({
      operation: 'POST /auth/merges/{id}/confirm',
      token,
      path: { id: doneId },
      body: CODE,
    });
  const overId = await askFor(second, third);
  const declined = { token: third.token, path: { id: overId } };
  await ask({ operation: 'POST /auth/merges/{id}/decline', ...declined });
  const cancelledId = await askFor(second, third);
  const cancelled = { path: { id: cancelledId }, body: REASON };
  await ask({ operation: 'POST /admin/merges/{id}/cancel', token: superAdmin, ...cancelled });
  callers.merges = { pendingId: await askFor(second, third), overId, cancelledId, token: third.token };
  await ask({ operation: 'GET /auth/merges', token: third.token });
  const listed = { token: superAdmin, path: { id: third.userId } };
  await ask({ operation: 'GET /admin/users/{id}/merges', ...listed });
}

export function refusalsOfMerges(callers: Callers): [Asked, number, string][] {
  const { superAdmin, dinerId, victim, merges, leaver } = callers;
  const { token, pendingId, overId, cancelledId } = merges;
  const [pending, over] = [{ path: { id: pendingId } }, { path: { id: overId } }];
  const asked = { operation: 'POST /admin/users/{id}/merges', token: superAdmin };
  const confirm = { operation: 'POST /auth/merges/{id}/confirm', token, body: CODE };
  const decline = { operation: 'POST /auth/merges/{id}/decline', token };
  const cancel = { operation: 'POST /admin/merges/{id}/cancel', token: superAdmin, body: REASON };
  const into = (into_user_id: number) => ({ body: { into_user_id, ...REASON } });
  return [
    [{ ...asked, path: MISSING, ...into(dinerId) }, 404, 'NOT_FOUND'],
    [{ ...asked, path: { id: leaver.userId }, ...into(victim.userId) }, 409, 'CONFLICT'],
    [{ ...asked, path: { id: dinerId }, ...into(dinerId) }, 400, 'VALIDATION_FAILED'],
    [{ ...confirm, path: MISSING }, 404, 'NOT_FOUND'],
    [{ ...confirm, ...over }, 409, 'CONFLICT'],
    [{ ...confirm, ...pending, body: { code: '000000' } }, 401, 'CODE_INVALID'],
    [{ ...decline, path: MISSING }, 404, 'NOT_FOUND'],
    [{ ...decline, path: { id: cancelledId } }, 409, 'CONFLICT'],
    [{ ...cancel, path: MISSING }, 404, 'NOT_FOUND'],
    [{ ...cancel, ...over }, 409, 'CONFLICT'],
  ];
}
