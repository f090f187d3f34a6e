/** Whose it is now what somebody has done. */
import { closedAmongHeld } from '../identity/people/isActive.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { survivorsOf } from '../points/mergeAccounts.ts';

/** Whoever has it now, by the account that it was done with: the survivor of one that was merged, nobody where they have left. */
export type OwnerOf = (userId: number) => number | undefined;

/**
 * What is counted behind people may come after they have left, or after their account was merged into another. So their rows are held,
 * as they are, before anything is written: whoever closes or merges an account holds the same row, and whichever of the two comes
 * second sees what the first has done.
 */
export async function holdOwners(tx: Tx, accounts: Iterable<number>): Promise<OwnerOf> {
  const userIds = [...new Set(accounts)].sort((a, b) => a - b);
  const closed = await closedAmongHeld(tx, userIds);
  const survivors = await survivorsOf(tx.manager, [...closed]);
  const gone = new Set([...closed, ...(await closedAmongHeld(tx, [...survivors.values()]))]);
  return (userId) => {
    const owner = survivors.get(userId) ?? userId;
    return gone.has(owner) ? undefined : owner;
  };
}
