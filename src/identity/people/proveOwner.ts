import type { Actor } from '../../platform/caller.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { networkOf } from '../../platform/network.ts';
import { checkCode } from '../login/codes.ts';
import { beginTry, countFailure, refusalOf } from '../login/loginLocks.ts';
import { findUser } from '../login/store.ts';
import type { IdentityConfig } from '../settings.ts';

export interface ProofServices {
  database: Database;
  clock: Clock;
  config: Pick<IdentityConfig, 'jwtSecret' | 'devCode' | 'failuresBeforeLock' | 'lockSeconds'>;
}

type Proof = { mobile: string } | { refused: 'CODE_INVALID' | 'CODE_EXPIRED' };

/**
 * Uses up the code, in a transaction of its own: a wrong one counts as it does at a login although the call is refused.
 * @returns the number of the user.
 * @throws AppError CODE_INVALID, CODE_EXPIRED, RATE_LIMITED while the caller has locked themself out
 */
export async function proveOwner(
  { database, clock, config }: ProofServices,
  { userId, ip }: Actor,
  code: string,
): Promise<string> {
  const nowMs = clock.nowMs();
  const proof = await database.retryingTransaction(async (tx): Promise<Proof> => {
    const user = await findUser(tx.manager, userId);
    if (user === undefined || user.status === 'closed') throw new AppError('TOKEN_REVOKED');
    const { mobile } = user;
    const origin = { name: networkOf(ip), isKnownDevice: false };
    const lock = await beginTry(tx, { mobile, origin: origin.name }, nowMs);
    const locked = refusalOf(lock, nowMs);
    if (locked !== undefined) throw locked;
    const { outcome, isCounted } = await checkCode(tx, config, { mobile, code, origin }, nowMs);
    if (outcome === 'accepted') return { mobile };
    await countFailure(tx, lock, { ...config, isCounted }, nowMs);
    return { refused: outcome };
  });
  if ('refused' in proof) throw new AppError(proof.refused);
  return proof.mobile;
}
