import { matchMaker, Room } from '@colyseus/core';

/** A seat that is reserved for whoever asks, in a room of this process. */
export interface SeatAsked {
  room: Room;
  sessionId: string;
  reconnectionToken: string | undefined;
  skipHandshake: boolean;
}

/** The seat that a connection to `/PROCESS/ROOM?sessionId=…` is for; undefined when none is reserved for it. */
export function seatAt(target: string): SeatAsked | undefined {
  const { pathname, searchParams } = new URL(`ws://server${target}`);
  const [, roomId] = /^.*\/[\w-]+\/([\w-]+)$/.exec(pathname) ?? [];
  const sessionId = searchParams.get('sessionId');
  if (roomId === undefined || sessionId === null) return undefined;
  const found: unknown = matchMaker.getLocalRoomById(roomId);
  if (!(found instanceof Room)) return undefined;
  const room = found as Room;
  // A room that takes nobody back would keep them waiting for an answer.
  const given = room.onDrop === undefined ? undefined : (searchParams.get('reconnectionToken') ?? undefined);
  if (!room.hasReservedSeat(sessionId, given)) return undefined;
  return { room, sessionId, reconnectionToken: given, skipHandshake: searchParams.has('skipHandshake') };
}
