import { schema, t, type SchemaType } from '@colyseus/schema';
import { Semaphore } from 'async-mutex';
import type { NotificationFeed } from '../../src/notifications/feed.ts';
import type { SyncFeed } from '../../src/notifications/syncFeed.ts';
import {
  countUnread,
  markRead,
  readAfter,
  readInbox,
  readPreferences,
  type NotificationServices,
} from '../../src/notifications/inbox.ts';
import {
  joinNotificationsShape,
  notificationToWire,
  readingShape,
} from '../../src/notifications/messages.ts';
import { isQuiet } from '../../src/notifications/quietHours.ts';
import type { Permission } from '../../src/platform/caller.ts';
import type { LiveConfiguration } from '../../src/configuration/liveConfiguration.ts';
import { coalesce } from '../../src/platform/coalesce.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { idShape } from '../../src/platform/shapes.ts';
import type { Sync } from '../../src/platform/sync.ts';
import { accountToWire } from '../../src/points/wire.ts';
import { readAccount } from '../../src/points/account.ts';
import { answering, type RoomClient } from '../kernel/answer.ts';
import { localRoomOf, type LocalKind, type RoomOfLocal } from '../kernel/localRoom.ts';
import { READ_RATE } from '../kernel/messageRates.ts';
import type { SeatedRoomServices } from '../kernel/seatedRoom.ts';
import { SyncOutbox, type SyncMessage } from './syncOutbox.ts';

export const NotificationState = schema({ unread: t.number() }, 'NotificationState');
export type NotificationState = SchemaType<typeof NotificationState>;

export interface NotificationRoomServices extends SeatedRoomServices, NotificationServices {
  notificationFeed: NotificationFeed;
  syncFeed: SyncFeed;
  configuration: Pick<LiveConfiguration, 'now'>;
  businessTimezone: string;
}

/** Notifications of one read. */
const PAGE = 200;

/** Reads for rooms of one node: a commit may concern everybody who is there, and the database answers others too. */
const READS_AT_ONCE = 8;

/**
 * The room type `notifications`, of one person on one node: each device is sent what it has missed and then what comes, in the
 * order of the ids and each once. All of it is read from the inbox, by the number that the device was sent last.
 */
export function notificationRoomOf(services: NotificationRoomServices) {
  return localRoomOf(services, notificationKind(services));
}

function notificationKind(services: NotificationRoomServices): LocalKind<number, NotificationState> {
  const { database, clock, logger, notificationFeed: feed, businessTimezone } = services;
  const gate = new Semaphore(READS_AT_ONCE);
  const inTurn = <T>(read: () => Promise<T>) => gate.runExclusive(read);
  return {
    type: 'notifications',
    key: idShape,
    mayJoin: ({ userId }, key) => userId === key,
    createState: () => new NotificationState(),
    hears: () => [],
    opened(room) {
      const count = coalesce(() => inTurn(() => countHere(database, room)));
      let isLeftToSend = false;
      const devices = new Map<RoomClient, () => Promise<void>>();
      const settled = (work: Promise<unknown>): Promise<void> =>
        work.then(
          () => undefined,
          (error: unknown) => {
            // The feed's next look at the inbox brings it up again.
            isLeftToSend = true;
            logger.warn({ err: error, userId: room.key }, 'notifications were not sent');
          },
        );
      const logged = (work: Promise<unknown>) => void settled(work);
      const sendAll = () => Promise.all([count(), ...[...devices.values()].map((send) => send())]);
      let seenNo = 0;
      // In quiet hours what comes is counted and left for afterwards, or for what must not wait.
      const onNew = async (isUrgent: boolean) => {
        const nowMs = clock.nowMs();
        const { quiet_hours } = services.configuration.now().notifications;
        const preferences = await inTurn(() => readPreferences(database, room.key, quiet_hours));
        isLeftToSend = !isUrgent && isQuiet(preferences, nowMs, businessTimezone);
        await (isLeftToSend ? count() : sendAll());
      };
      const end = feed.listen(room.key, ({ lastNo, isUrgent, isLook }) => {
        const isNew = lastNo > seenNo || isLeftToSend;
        seenNo = Math.max(seenNo, lastNo);
        if (isNew) logged(onNew(isUrgent));
        else if (!isLook) logged(count());
      });
      const outbox = new SyncOutbox((syncs) =>
        settled(inTurn(() => sendSyncs(services, room.key, devices.keys(), syncs))),
      );
      const endSync = services.syncFeed.listen(room.key, (sync) => outbox.add(sync));
      return {
        end: () => {
          end();
          endSync();
          outbox.end();
        },
        seated: (client, options) => {
          const follow = sending(database, room, client, joinNotificationsShape.parse(options).last_id);
          const send = coalesce(() => inTurn(follow));
          devices.set(client, send);
          logged(Promise.all([count(), send()]));
        },
        left: (client) => void devices.delete(client),
      };
    },
    messages: (room) => ({
      read: answering(services, {
        shape: readingShape,
        access: 'user',
        rate: READ_RATE,
        handle: async (_auth, reading) => {
          await database.retryingTransaction((tx) => markRead(tx, room.key, reading));
          return { unread: await countUnread(database, room.key) };
        },
      }),
    }),
  };
}

/** Of what comes for a permission a device hears while its login has it. */
async function sendSyncs(
  { database, access }: NotificationRoomServices,
  userId: number,
  devices: Iterable<RoomClient>,
  syncs: readonly Sync[],
): Promise<void> {
  const clients = [...devices];
  for (const { to, entity, id, change } of syncs) {
    const told: SyncMessage = {
      ...{ entity, id },
      // Read after the change that it is read for: the last one that is sent is what there is.
      change: change ?? accountToWire(await readAccount(database, userId)),
    };
    for (const client of clients) {
      const mayHear = !('permission' in to) || access.can(client.auth!.identity, to.permission as Permission);
      if (mayHear) client.send('sync', told);
    }
  }
}

type Room = RoomOfLocal<number, NotificationState>;

async function countHere(database: NotificationServices['database'], room: Room): Promise<void> {
  room.state.unread = await countUnread(database, room.key);
}

/** Sends a device what follows what it has. Without a last id that is what is not read, of which there may be a lot. */
function sending(
  database: NotificationServices['database'],
  room: Room,
  client: RoomClient,
  lastId: number | undefined,
): () => Promise<void> {
  let sentNo: number | undefined;
  return async () => {
    if (sentNo === undefined) {
      const { readUpTo, lastNo } = await readInbox(database, room.key);
      // One that is not given yet is nothing that a device has.
      sentNo =
        lastId === undefined
          ? Math.max(readUpTo, lastNo - LIMITS.missedNotifications)
          : Math.min(lastId, lastNo);
    }
    for (;;) {
      const rows = await readAfter(database, { userId: room.key, afterNo: sentNo, limit: PAGE });
      for (const row of rows) {
        client.send('notification', notificationToWire(row, client.auth!.language));
        sentNo = row.notification_no;
      }
      if (rows.length < PAGE) return;
    }
  };
}
