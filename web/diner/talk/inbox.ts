/** What this person is told, live: one seat for as long as somebody is logged in, whatever page is open. */
import { reactive } from 'vue';
import { KaijiangError } from '../../../src/client/kaijiangError.ts';
import { persist } from '../../../src/client/patience.ts';
import type { NotificationSeat } from '../../../src/client/notificationSeat.ts';
import { client, problemOf } from '../session.ts';
import { stirTalks } from './talks.ts';
import type { NoticePage, NotificationOnWire } from './wire.ts';

interface Inbox {
  unread: number;
  /** The last that has come while it was open. */
  arrived: NotificationOnWire | undefined;
  /** Other than `live`, the seat is being taken again; `moved`: its room goes to another node. */
  link: 'live' | 'lost' | 'moved';
}

export const inbox = reactive<Inbox>({ unread: 0, arrived: undefined, link: 'live' });

let leaving: AbortController | undefined;
let seat: NotificationSeat | undefined;

export function openInbox(): void {
  if (leaving !== undefined) return;
  leaving = new AbortController();
  const { signal } = leaving;
  takeSeat(signal).catch((error: unknown) => {
    // Whoever is logged in no more is led to the page for a new login.
    if (!signal.aborted) console.warn('the inbox is not live', problemOf(error));
  });
}

export function closeInbox(): void {
  leaving?.abort();
  leaving = undefined;
  void seat?.leave();
  seat = undefined;
  inbox.unread = 0;
  inbox.arrived = undefined;
  inbox.link = 'live';
}

async function takeSeat(signal: AbortSignal): Promise<void> {
  // What was there before is for the list; only what comes from now on is told of.
  const newest = await persist(() => {
    if (signal.aborted) throw new KaijiangError('CLOSED');
    return client.api.get<NoticePage>('/notifications?limit=1');
  }, Infinity);
  const taken = await client.joinNotifications({ lastId: newest.items[0]?.id ?? 0, signal });
  if (signal.aborted) return taken.leave();
  seat = taken;
  inbox.unread = taken.unread;
  taken.onState(({ unread }) => (inbox.unread = unread));
  taken.onNotification((notification) => (inbox.arrived = notification));
  taken.onSync(({ entity, id }) => {
    if (entity === 'chat') stirTalks(id);
  });
  taken.onStatus((event) => {
    if (event.status === 'live') inbox.link = 'live';
    // Without a code the room has asked for it.
    else if (event.status === 'lost' && event.final === undefined)
      inbox.link = event.closeCode === undefined ? 'moved' : 'lost';
    // A login that has ended elsewhere shows at once, on any page.
    if (event.status === 'lost' && event.final?.status === 401) problemOf(event.final);
  });
}
