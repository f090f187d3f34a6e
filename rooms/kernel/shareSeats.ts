import type { Room } from '@colyseus/core';
import type { SeatOutcome } from '../../src/platform/cluster/seats.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import type { RoomAuth } from './answer.ts';

/** What the framework keeps of a seat; a kept one waits for somebody to come back. */
type ReservedSeat = [options: unknown, auth: unknown, isConsumed?: boolean, isKept?: boolean];

/** What the framework has of its own for seats. */
interface Seating {
  maxClients: number;
  clients: { get(sessionId: string): unknown };
  _reservedSeats: Record<string, ReservedSeat | undefined>;
  _reserveSeat(
    sessionId: string,
    options: unknown,
    auth: RoomAuth | undefined,
    ...more: unknown[]
  ): Promise<SeatOutcome>;
}

/**
 * Gives one person a few of the room's seats, reserved or taken. Whoever has as many and has not sat down on one of them gets
 * that one again; with all of them taken there is no other until one is left.
 *
 * It stands in for the framework's own method, by which every process of the cluster asks for a seat.
 */
export function shareSeats(room: Room): void {
  const seating = room as unknown as Seating;
  const reserve = seating._reserveSeat.bind(room);
  const shares = new Map<number, string[]>();
  const isHeld = (seat: string) =>
    Object.hasOwn(seating._reservedSeats, seat) || seating.clients.get(seat) !== undefined;
  const forget = () => {
    for (const [userId, seats] of shares) if (!seats.some(isHeld)) shares.delete(userId);
  };

  seating._reserveSeat = async (sessionId, options, auth, ...more) => {
    if (auth === undefined) return reserve(sessionId, options, auth, ...more);
    const { userId } = auth.identity;
    const held = (shares.get(userId) ?? []).filter(isHeld);
    if (held.length >= LIMITS.seatsPerPerson) {
      const waiting = held.findLast((seat) => isWaiting(seating._reservedSeats[seat]));
      if (waiting === undefined) return { refused: 'TOO_MANY' };
      // For the login that asked last: the one before may have ended.
      seating._reservedSeats[waiting]![1] = auth;
      return { sessionId: waiting };
    }
    // Before it is reserved, so that of many requests at once none goes uncounted.
    shares.set(userId, [...held, sessionId]);
    const reserved = reserve(sessionId, options, auth, ...more);
    if (shares.size > 2 * seating.maxClients) forget();
    return reserved;
  };
}

function isWaiting(seat: ReservedSeat | undefined): boolean {
  return seat !== undefined && seat[2] === false && seat[3] !== true;
}
