import { LocalDriver, type IRoomCache } from '@colyseus/core';

/** The listings of a process that is alone. The framework asks `unlisted` in lobbies only, which there are none of here. */
export class LocalListings extends LocalDriver {
  override async insert(room: IRoomCache): Promise<boolean> {
    return room.unlisted === true || super.insert(room);
  }

  override persist(room: IRoomCache, create?: boolean): boolean {
    return room.unlisted === true || super.persist(room, create);
  }
}
