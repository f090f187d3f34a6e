/** Shapes that several domains share on the wire. */
import { z } from 'zod';
import type {} from 'zod-openapi';
import { LIMITS } from './limits.ts';

export const idShape = z.int().min(1).max(2_147_483_647);
/** The id of what grows with use: logins, movements, events, log entries. */
export const rowIdShape = z.int().min(1);
/**
 * A whole number in a path or a query string, written in the one way that the `integer` of the OpenAPI document means: what
 * tells the document its bounds checks them.
 */
export function integerText({ min, max }: { min: number; max: number }) {
  const pattern = min > 0 ? /^[1-9]\d{0,15}$/ : /^(0|[1-9]\d{0,15})$/;
  return z
    .string()
    .regex(pattern, min > 0 ? 'must be a positive whole number' : 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .meta({ override: { type: 'integer', minimum: min, maximum: max, pattern: undefined } });
}

/** `true` or `false` in a query string. */
export const booleanText = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .meta({ override: { type: 'boolean', enum: undefined } });

/** An id in a path or a query string. */
export const idText = integerText({ min: 1, max: 2_147_483_647 });
/** As `idText`, of what grows with use. */
export const rowIdText = integerText({ min: 1, max: Number.MAX_SAFE_INTEGER });

/**
 * Points on the wire: a number with at most two decimals; in memory 1/100 point (PTS-1). The decimals are those of the shortest
 * text that means this number, which is what its sender wrote or an equal of it: no tolerance takes 1e-9 for zero.
 */
export const amountShape = z
  .number()
  .positive()
  .max(LIMITS.pointsPerMovement / 100)
  .refine((points) => /^\d+(\.\d{1,2})?$/.test(String(points)), 'has more than two decimals')
  .transform((points) => Math.round(points * 100))
  .meta({ description: 'Points, with at most two decimals', example: 12.5 });
export const pointsShape = z.number();
/** A moment in UTC, which ends with Z. The whole grammar is said by its format. */
export const timeShape = z.iso.datetime().meta({ override: { pattern: 'Z$' } });
/** A time on the wall. */
export const clockShape = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:mm');
/** As `WeekHours` of businessTime.ts. */
export const weekHoursShape = z.strictObject({
  days: z.array(z.int().min(1).max(7)).min(1).max(7).meta({ description: 'Of the week, Monday is 1' }),
  from: clockShape,
  to: clockShape.meta({ description: 'Before `from`: of the day after' }),
});
/** Of each day; they may go over midnight. */
export const quietHoursShape = z
  .strictObject({ from: clockShape, to: clockShape })
  .refine(({ from, to }) => from !== to, 'must not be of no length');
export const timezoneShape = z.string().refine(isTimezone, 'must be an IANA time zone');

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A message that says all by its type. */
export const noPayloadShape = z.strictObject({}).optional();

/** Idempotency-Key and request_id. */
export const requestIdShape = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 _ -');

/** As `amountShape`, of a change in either direction. */
export const signedAmountShape = z
  .number()
  .min(-LIMITS.pointsPerMovement / 100)
  .max(LIMITS.pointsPerMovement / 100)
  .refine((points) => /^-?\d+(\.\d{1,2})?$/.test(String(points)), 'has more than two decimals')
  .refine((points) => points !== 0, 'changes nothing')
  .transform((points) => Math.round(points * 100))
  .meta({ description: 'Points, with at most two decimals; negative: taken away', example: -12.5 });

/** Where a picture is that the house shows: one that was sent here, or anybody's. */
export const pictureShape = z.union([
  z.url({ protocol: /^https?$/ }).max(512),
  z
    .string()
    .regex(
      /^\/api\/v3\/images\/[0-9a-f]{32}(-t)?$/,
      'must be a URL, or the `url` of a picture that was sent here',
    ),
]);

/**
 * Any text that people write and others read, in one line: a nickname, a reason, a note. In one way of writing (NFC), without
 * characters that nobody sees or that change how others are read, and with at least one that can be seen.
 */
export function textShape({ max, min = 1 }: { max: number; min?: 0 | 1 }) {
  return z
    .string()
    .normalize('NFC')
    .trim()
    .min(min)
    .max(max)
    .refine((text) => text === '' || isReadable(text), 'must be readable text of one line');
}

/** An emoji may be made of several characters, some of which are invisible and mean nothing elsewhere. */
const EMOJI = new RegExp('\\p{RGI_Emoji}', 'gv');
/** Chinese characters have variants, each told by a selector behind it. */
const HAN_VARIANT = /(\p{Script=Han})[\u{FE00}-\u{FE02}\u{E0100}-\u{E01EF}]/gu;
/** Control, format, surrogate, private and unassigned characters, line ends, and whatever else leaves nothing to be seen. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

function isReadable(text: string): boolean {
  // In the place of an emoji stands something that can be seen.
  const plain = text.replace(EMOJI, '*').replace(HAN_VARIANT, '$1');
  return !INVISIBLE.test(plain) && VISIBLE.test(plain);
}

export const pageQuery = {
  page: integerText({ min: 1, max: 999_999 }).default(1),
  limit: integerText({ min: 1, max: LIMITS.pageSize }).default(20),
};

export interface PageQuery {
  page: number;
  limit: number;
  /** Whoever goes through the whole list does not ask how long it is. */
  isUncounted?: true;
}

export interface Page<Item> {
  items: Item[];
  page: number;
  limit: number;
  total: number;
}

export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), page: z.int(), limit: z.int(), total: z.int() });
}

/**
 * A page of a list that may be long: `next`, given as `before`, asks for what follows the page, at the same cost however far down
 * that is, and without gap or repetition while the list grows at its head.
 */
export function pageWithNextOf<Item extends z.ZodType>(item: Item) {
  return pageOf(item).extend({
    next: z
      .string()
      .nullable()
      .meta({ description: 'Give it as `before` to get what follows; null at the end', example: '1200' }),
  });
}

/** As `pageWithNextOf`, of a whole table: what is beyond the first rows is not counted. */
export function longPageOf<Item extends z.ZodType>(item: Item) {
  return pageWithNextOf(item).extend({
    total: z.int().meta({ description: `Counted to ${LIMITS.countedRows}` }),
    total_is_exact: z.boolean().meta({ description: 'false: there are more than `total`' }),
  });
}

/** `before` of a list whose rows are numbered in its order; `page` is not looked at then. */
export const beforeQuery = {
  before: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, 'must be the `next` of another page')
    .transform(Number)
    .optional()
    .meta({ description: 'The `next` of another page; `page` is not looked at then', example: '1200' }),
};

/** The `next` of such a page: the number of its last row, where others may follow. */
export function nextOf<Row>(
  rows: readonly Row[],
  limit: number,
  numberOf: (row: Row) => number,
): string | null {
  const last = rows.length < limit ? undefined : rows.at(-1);
  return last === undefined ? null : String(numberOf(last));
}

/** The newest of a list that may be longer than is told of. */
export function newestOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), truncated: z.boolean() });
}

/** @param rows newest first, one more than the limit where there are more. */
export function newest<Row>(rows: readonly Row[], limit: number): { items: Row[]; truncated: boolean } {
  return { items: rows.slice(0, limit), truncated: rows.length > limit };
}

/** 1/100 points as the wire's number. */
export function toWirePoints(hundredths: number): number {
  return hundredths / 100;
}

export function toWireTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
