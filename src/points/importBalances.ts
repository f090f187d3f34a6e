/** Balances of another system: they move here as they are, earned there and not again (no experience, no leaderboard). */
import type { Tx } from '../platform/database/transaction.ts';
import { LIMITS } from '../platform/limits.ts';
import { lockAccounts, post, type LockedAccount } from './ledger.ts';

/** The type of their rows in the ledger. */
const TYPE = 'import';

export interface ImportedBalance {
  userId: number;
  /** 1/100 points, not below zero. */
  amountHundredths: number;
  /** Of the import. */
  relatedId: string;
  /** The first moment at which they cannot be spent any more; null: never. */
  expiresAtMs: number | null;
}

/** Whether the account can hold them as well. */
export function hasRoomFor(
  account: Pick<LockedAccount, 'totalHundredths'>,
  amountHundredths: number,
): boolean {
  return account.totalHundredths + amountHundredths <= LIMITS.pointsPerAccount;
}

/** What was available, in 1/100 points. */
export interface Moved {
  before: number;
  after: number;
}

/**
 * By a number of statements that does not grow with them.
 * @returns by user
 * @throws AppError CONFLICT above the largest balance
 */
export async function importBalances(
  tx: Tx,
  balances: readonly ImportedBalance[],
  nowMs: number,
): Promise<ReadonlyMap<number, Moved>> {
  const accounts = await lockAccounts(
    tx,
    balances.map(({ userId }) => userId),
  );
  const before = new Map([...accounts].map(([userId, account]) => [userId, account.availableHundredths]));
  const entries = balances
    .filter(({ amountHundredths }) => amountHundredths > 0)
    .map((balance) => ({ ...balance, type: TYPE, source: TYPE, reason: TYPE }));
  if (entries.length > 0) await post(tx, entries, nowMs, accounts);
  const moved = ({ userId, availableHundredths: after }: LockedAccount) => ({
    before: before.get(userId)!,
    after,
  });
  return new Map([...accounts].map(([userId, account]) => [userId, moved(account)]));
}
