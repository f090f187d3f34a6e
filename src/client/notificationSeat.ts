import type { NotificationState } from '../../rooms/user/NotificationRoom.ts';
import type { SyncMessage } from '../../rooms/user/syncOutbox.ts';
import type { NotificationOnWire } from '../notifications/messages.ts';
import { RoomSeat, type RequestOptions, type SeatDoor } from './roomSeat.ts';

/** A place in the room of one's own notifications. */
export class NotificationSeat extends RoomSeat<NotificationState> {
  private readonly had: { lastId: number | undefined };
  /** What has come before anybody listened; undefined once somebody does. */
  private early: NotificationOnWire[] | undefined = [];

  /** @param doorAfter leads to what follows a notification that was had already */
  constructor(doorAfter: (lastId: () => number | undefined) => SeatDoor, lastId?: number) {
    const had = { lastId };
    super(doorAfter(() => had.lastId));
    this.had = had;
    this.onMessage<NotificationOnWire>('notification', (notification) => {
      had.lastId = notification.id;
      this.early?.push(notification);
    });
  }

  /** Each once and in the order of the ids, over any number of connections; the first one to listen gets all. @returns takes it away */
  onNotification(listener: (notification: NotificationOnWire) => void): () => void {
    const { early = [] } = this;
    this.early = undefined;
    early.forEach(listener);
    return this.onMessage('notification', listener);
  }

  /** What changes while the seat is held; whoever has joined anew reads what they show. @returns takes it away */
  onSync(listener: (sync: SyncMessage) => void): () => void {
    return this.onMessage('sync', listener);
  }

  /** Of the last one that came. */
  get lastId(): number | undefined {
    return this.had.lastId;
  }

  get unread(): number {
    return this.state.unread;
  }

  read(
    reading: { ids: readonly number[] } | { up_to_id: number },
    options?: RequestOptions,
  ): Promise<{ unread: number }> {
    return this.request('read', reading, options);
  }
}
