import { AppError } from '../errors.ts';
import type { Tx } from './tx.ts';

const WAIT_SECONDS = 5;

/**
 * Runs `work` while no other transaction runs under the same name: for a rule about rows that do not exist yet, which no row
 * lock covers. On SQLite the transaction mutex does it.
 *
 * The name is given back before the commit. Whoever comes next sees the rows of `work` all the same, by reading them with
 * `forUpdate`: that waits for the commit.
 * @param name at most 64 characters, small letters.
 * @throws AppError BUSY when others hold the name for too long.
 */
export async function withNamedLock<T>(tx: Tx, name: string, work: () => Promise<T>): Promise<T> {
  if (!(await take(tx, name, WAIT_SECONDS))) throw new AppError('BUSY');
  return workAndRelease(tx, name, work);
}

/** As `withNamedLock`, and undefined at once where another transaction holds the name. */
export async function whenFree<T>(tx: Tx, name: string, work: () => Promise<T>): Promise<T | undefined> {
  return (await take(tx, name, 0)) ? workAndRelease(tx, name, work) : undefined;
}

async function take(tx: Tx, name: string, waitSeconds: number): Promise<boolean> {
  if (tx.dialect === 'sqlite') return true;
  const [lock] = await tx.query<{ taken: number | string | null }>('SELECT GET_LOCK(?, ?) AS taken', [
    name,
    waitSeconds,
  ]);
  if (Number(lock?.taken) !== 1) return false;
  tx.namedLocks.add(name);
  return true;
}

async function workAndRelease<T>(tx: Tx, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    // A failed transaction takes no more statements; its connection is closed, and the name is free.
    if (tx.namedLocks.has(name) && !tx.isFailed()) {
      await tx.query('SELECT RELEASE_LOCK(?)', [name]);
      tx.namedLocks.delete(name);
    }
  }
}
