/** Whether what the page shows is live, as the seats and the browser tell. */
import { computed, ref, shallowReactive } from 'vue';
import type { SeatEvent } from '../../src/client/roomSeat.ts';

type Lost = 'lost' | 'moved';

/** Seats that are being taken again, and why they were lost. */
const lost = shallowReactive(new Map<symbol, Lost>());
const isOnline = ref(navigator.onLine);
addEventListener('online', () => (isOnline.value = true));
addEventListener('offline', () => (isOnline.value = false));

export type Connection = 'online' | 'offline' | 'reconnecting';

export const connection = computed<Connection>(() => {
  if (!isOnline.value) return 'offline';
  return lost.size > 0 ? 'reconnecting' : 'online';
});

/** Why, where it is not `online`: the room is moving to another node, or nobody knows. */
export const reason = computed<Lost>(() => ([...lost.values()].includes('lost') ? 'lost' : 'moved'));

interface WatchedSeat {
  onStatus(listener: (event: SeatEvent) => void): () => void;
}

/** @returns forgets the seat */
export function watchSeat(seat: WatchedSeat): () => void {
  const key = Symbol('seat');
  const stop = seat.onStatus((event) => {
    if (event.status === 'live' || (event.status === 'lost' && event.final !== undefined)) lost.delete(key);
    // Without a code the room has asked for it.
    else if (event.status === 'lost') lost.set(key, event.closeCode === undefined ? 'moved' : 'lost');
  });
  return () => {
    stop();
    lost.delete(key);
  };
}
