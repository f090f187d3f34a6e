import { RoomOwner } from '../../../entities/platform/RoomOwner.ts';
import { upsertAll } from '../database/bulk.ts';
import type { Tx } from '../database/transaction.ts';

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
  await upsertAll(tx, RoomOwner, [{ room_id: roomId, owner_epoch: 1 }], {
    owner_epoch: ({ stored }) => `${stored('owner_epoch')} + 1`,
  });
  return (await lockEpoch(tx, roomId)) ?? 1;
}

/** First of the locks of a transaction of the owner's. @throws FencedError */
export async function checkRoom(tx: Tx, roomId: string, epoch: number): Promise<void> {
  if ((await lockEpoch(tx, roomId)) !== epoch) throw new FencedError(roomId);
}

async function lockEpoch(tx: Tx, roomId: string): Promise<number | undefined> {
  const [owner] = await tx.lock(RoomOwner, { where: { room_id: roomId } });
  return owner?.owner_epoch;
}

/** Of a database that has gone back in time: what an epoch becomes, at least `least`. */
export function raisedEpoch(epoch: number, least: number): number {
  return Math.max(epoch + 1, least);
}

export async function raiseRoomEpochs(tx: Tx, least: number): Promise<void> {
  await raiseEpochs(tx, 'room_owners', least);
}

/** As `raisedEpoch`, of all rows of a table: whoever owns what they stand for is fenced. */
export async function raiseEpochs(
  tx: Tx,
  table: 'room_owners' | 'lottery_campaigns',
  least: number,
): Promise<void> {
  await tx.execute(
    `UPDATE ${table} SET owner_epoch = CASE WHEN owner_epoch < ? THEN ? ELSE owner_epoch + 1 END`,
    [least, least],
  );
}
