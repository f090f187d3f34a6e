/*
 * What the picture of an item's code says: the item and a window of 30 seconds, signed. It is taken in its window and in the next,
 * so a photograph of it is worth nothing a minute later (RL-8). How often the item has changed hands is signed with it: the picture
 * of whoever had it before is not one of ours any more.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

const WINDOW_MS = 30_000;
/** Digits, capitals and the colon alone: a picture of them needs fewer points. */
const FORM = /^KJ:([0-9A-Z]{1,11}):([0-9A-Z]{1,9}):([0-9A-F]{32})$/;

export interface QrText {
  text: string;
  /** The first moment at which it is taken no more. */
  endsAtMs: number;
}

export function qrTextOf(
  key: Buffer,
  { itemId, ownerNo }: { itemId: number; ownerNo: number },
  nowMs: number,
): QrText {
  const window = Math.floor(nowMs / WINDOW_MS);
  const shown = `KJ:${base36(itemId)}:${base36(window)}`;
  return { text: `${shown}:${sign(key, shown, ownerNo)}`, endsAtMs: (window + 2) * WINDOW_MS };
}

/** The item that it names, whether or not it is one of ours. */
export function itemOfQrText(text: string): number | undefined {
  const item = FORM.exec(text)?.[1];
  const itemId = item === undefined ? NaN : parseInt(item, 36);
  return Number.isSafeInteger(itemId) ? itemId : undefined;
}

/** undefined: it is none, or not one of ours. */
export function readQrText(
  key: Buffer,
  text: string,
  { nowMs, ownerNo }: { nowMs: number; ownerNo: number },
): { itemId: number; isFresh: boolean } | undefined {
  const [, item, window, signature] = FORM.exec(text) ?? [];
  if (item === undefined || window === undefined || signature === undefined) return undefined;
  const expected = sign(key, `KJ:${item}:${window}`, ownerNo);
  if (!timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) return undefined;
  const age = Math.floor(nowMs / WINDOW_MS) - parseInt(window, 36);
  return { itemId: parseInt(item, 36), isFresh: age === 0 || age === 1 };
}

function base36(value: number): string {
  return value.toString(36).toUpperCase();
}

function sign(key: Buffer, shown: string, ownerNo: number): string {
  const text = ownerNo === 0 ? shown : `${shown}/${ownerNo}`;
  return createHmac('sha256', key).update(text).digest().subarray(0, 16).toString('hex').toUpperCase();
}
