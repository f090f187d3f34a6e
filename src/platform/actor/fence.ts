import { forUpdate, type Tx } from '../database/transaction.ts';

/** The epoch of this owner is stale: another one has claimed what it owns, and it commits nothing any more. */
export class FencedError extends Error {
  override readonly name = 'FencedError';

  /** @param owned what it is, as `campaign 7`. */
  constructor(owned: string) {
    super(`Another owner has claimed ${owned}`);
  }
}

/** `WatchedOwner.epochs` of what is fenced by room id. */
export const ROOM_EPOCHS =
  'SELECT room_id AS owned, owner_epoch AS epoch FROM room_owners WHERE room_id IN (?)';

/** Makes the caller the owner of a room that has no row of its own to be fenced by: whoever owned it before is fenced. */
export async function claimRoom(tx: Tx, roomId: string): Promise<number> {
  const again = tx.dialect === 'mysql' ? 'ON DUPLICATE KEY' : 'ON CONFLICT (room_id) DO';
  await tx.execute(
    `INSERT INTO room_owners (room_id, owner_epoch) VALUES (?, 1)
     ${again} UPDATE ${tx.dialect === 'mysql' ? '' : 'SET '}owner_epoch = room_owners.owner_epoch + 1`,
    [roomId],
  );
  return (await lockEpoch(tx, roomId)) ?? 1;
}

/** First of the locks of a transaction of the owner's. @throws FencedError */
export async function checkRoom(tx: Tx, roomId: string, epoch: number): Promise<void> {
  if ((await lockEpoch(tx, roomId)) !== epoch) throw new FencedError(roomId);
}

async function lockEpoch(tx: Tx, roomId: string): Promise<number | undefined> {
  const [row] = await tx.query<{ owner_epoch: number }>(
    `SELECT owner_epoch FROM room_owners WHERE room_id = ?${forUpdate(tx)}`,
    [roomId],
  );
  return row?.owner_epoch;
}
