import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { readRequest, rejectRequest, type Decision } from './approvals.ts';
import type { ApprovalKinds } from './kinds.ts';

export interface DecidingServices {
  database: Database;
  clock: Clock;
  approvalKinds: ApprovalKinds;
}

/** Makes the change, or refuses it. @throws AppError as `lockForDecision` */
export async function decideRequest(
  { database, clock, approvalKinds }: DecidingServices,
  { decision, ...settled }: Decision & { decision: 'approve' | 'reject' },
): Promise<void> {
  const { kind, subjectId } = await readRequest(database, settled.approvalId);
  const kinds = approvalKinds[kind];
  if (kinds === undefined) throw new AppError('NOT_FOUND');
  if (decision === 'approve') return kinds.approve(settled, subjectId);
  const asked = { subject: { kind, subjectId }, parties: kinds.parties(subjectId) };
  await database.retryingTransaction((tx) => rejectRequest(tx, settled, asked, clock.nowMs()));
}
