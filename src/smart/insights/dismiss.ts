import { SmartInsight } from '../../../entities/smart/SmartInsight.ts';
import { recordAction } from '../../admin/adminLog.ts';
import type { Actor } from '../../platform/caller.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';

/** Puts it away; what is away already stays as it is. @throws AppError NOT_FOUND */
export async function dismiss(
  tx: Tx,
  { actor, insightId }: { actor: Actor; insightId: number },
  nowMs: number,
): Promise<SmartInsight> {
  const [row] = await tx.lock(SmartInsight, { where: { insight_id: insightId } });
  if (row === undefined) throw new AppError('NOT_FOUND');
  if (row.dismissed_at !== null) return row;
  const dismissed = { dismissed_by: actor.userId, dismissed_at: new Date(nowMs) };
  await tx.manager.update(SmartInsight, { insight_id: insightId }, dismissed);
  const target = { type: 'insight', id: insightId };
  const [before, after] = [{ is_dismissed: false }, { is_dismissed: true }];
  await recordAction(tx, { actor, action: 'insight.dismiss', target, before, after }, nowMs);
  return { ...row, ...dismissed };
}
