import assert from 'node:assert/strict';
import { Client, type Room } from '@colyseus/sdk';
import type { Page, PagerState } from './pagerKind.ts';

type Reservation = Parameters<Client['consumeSeatReservation']>[0];

/** One of a person's devices. */
export interface Device {
  room: Room;
  /** What the matchmaking answered. */
  reservation: Reservation;
  pages: string[];
  /** How often it was told to go elsewhere. */
  moves: number;
  last(): string;
}

export interface Asking {
  origin: string;
  token: string;
  userId: number;
}

/** Asks as the stock SDK does; `call` is one of its methods with what it joins. */
async function askForSeat({ origin, token, userId }: Asking, call = 'joinOrCreate/pager') {
  const response = await fetch(`${origin}/matchmake/${call}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ user_id: userId }),
  });
  return (await response.json()) as Reservation & { code?: number; error?: string };
}

export async function turnOn(asking: Asking, call?: string): Promise<Device> {
  const reservation = await askForSeat(asking, call);
  assert.equal(reservation.error, undefined);
  const room = await new Client(asking.origin).consumeSeatReservation(reservation);
  const device: Device = {
    room,
    reservation,
    pages: [],
    moves: 0,
    last: () => (room.state as PagerState).last,
  };
  room.onMessage('page', ({ text }: Page) => device.pages.push(text));
  room.onMessage('moved', () => (device.moves += 1));
  return device;
}

export async function assertRefused(asking: Asking, code: string, call?: string): Promise<void> {
  const { error } = await askForSeat(asking, call);
  assert.ok(error?.startsWith(code), `not ${code} but ${error}`);
}
