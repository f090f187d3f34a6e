import { IsNull } from 'typeorm';
import { VerificationCode } from '../../../entities/identity/VerificationCode.ts';
import type { Tx } from '../../platform/database/transaction.ts';

/** Nobody logs in by a code that was sent before. */
export async function useUpCodes(tx: Tx, nowMs: number): Promise<void> {
  await tx.manager.update(VerificationCode, { used_at: IsNull() }, { used_at: new Date(nowMs) });
}
