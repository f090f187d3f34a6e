import { z } from 'zod';

export interface RoomName {
  /** The registered room type. */
  type: string;
  /** What the fixed id is made of: campaign-<key>. */
  key: number | string;
  /** The process to open it in, when it is not open; by default the directory chooses. */
  place?: string;
}

/** Of an owner: a number or a uuid. */
const KEY = String.raw`(?:\d{1,10}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})`;
const NUMBER = /^\d{1,10}$/;

export function roomIdOf({ type, key }: RoomName): string {
  return `${type}-${key}`;
}

/** The mirrors of an owner are numbered from 1. */
export function mirrorKeyOf(key: RoomName['key'], number: number): string {
  return `${key}-${number}`;
}

/** Whose mirror it is that has such a key. */
export function ownersKeyOf(mirrorKey: string): RoomName['key'] {
  return toKey(mirrorKey.slice(0, mirrorKey.lastIndexOf('-')));
}

/** As rooms are opened for it: 7, a uuid, or that of a mirror. */
export const keyShape = z.union([
  z.int().min(1).max(2_147_483_647),
  z.uuid(),
  z.string().regex(new RegExp(`^${KEY}(?:-\\d{1,10})+$`)),
]);
export const mirrorKeyShape = z.string().regex(new RegExp(`^${KEY}-[1-9]\\d?$`));

/** Any room's id. */
export const roomIdShape = z
  .string()
  .regex(new RegExp(`^[a-z]+-${KEY}(?:-\\d{1,10}){0,2}$`), 'must be a room id');

/** That of a room which has an owner, taken apart. */
export const ownersRoomIdShape = z
  .string()
  .regex(new RegExp(`^[a-z]+-${KEY}$`), 'must be a room id')
  .transform((roomId): RoomName => {
    const end = roomId.indexOf('-');
    return { type: roomId.slice(0, end), key: toKey(roomId.slice(end + 1)) };
  });

function toKey(text: string): RoomName['key'] {
  return NUMBER.test(text) ? Number(text) : text;
}
