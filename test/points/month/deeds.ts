/** What is done in the month, and the books that it comes to. Amounts of points are in 1/100, of bills in fen. */

/** What somebody does, or has done to them. `id` names it for those that come back to it. */
export type Step =
  | { kind: 'check_in' }
  | { kind: 'bill'; id: string; fen: number }
  /** Of a bill; without `fen`: what is left of it. */
  | { kind: 'refund'; of: string; fen?: number }
  /** By the staff. */
  | { kind: 'grant'; id: string; amount: number; lastDay?: string }
  | { kind: 'adjust'; id: string; amount: number }
  | { kind: 'spend'; id: string; amount: number }
  | { kind: 'give'; id: string; amount: number }
  | { kind: 'draw'; id: string; times: number }
  /** What is released, or used, is what was frozen last, or first. */
  | { kind: 'freeze' | 'release' | 'use'; amount: number }
  /** An administrator takes back a grant, a spending or what was given. */
  | { kind: 'take_back'; of: string; amount: number };

/** A step that was done, with what chance has decided. */
export type Deed = { atMs: number; userId: number } & (
  | Exclude<Step, { kind: 'draw' | 'give' }>
  | { kind: 'seed'; amount: number }
  | { kind: 'claim'; task: string }
  | { kind: 'give'; id: string; amount: number; toUserId: number }
  | { kind: 'draw'; id: string; cost: number; won: number[] }
);

export interface Lot {
  left: number;
  /** The last day on which it may be spent; `NEVER` where it has none. */
  end: string;
  /** What it came by. */
  of: string;
  /** What was taken of something: of what. */
  from?: Lot;
}

/** What a deed does to a book. */
export interface Move {
  source: string;
  amount: number;
  of?: string | undefined;
  end?: string | undefined;
  /** Of what it is taken, or to what it is added; a lot of its own unless given. */
  into?: { left: number } | undefined;
  earned?: number;
  experience?: number;
  /** Of a bill. */
  fen?: number;
}

export type Rules = {
  [Kind in Deed['kind']]: (deed: Extract<Deed, { kind: Kind }>, book: Book, day: string) => Move[];
};

export interface CheckedIn {
  date: string;
  streak: number;
  multiplier: number;
  points: number;
  month_bonus: number;
  holiday_bonus: number;
}

/** A row of a book. */
interface Row extends Required<Pick<Move, 'source' | 'amount' | 'of' | 'earned' | 'fen'>> {
  day: string;
  /** Of a bill, in fen. */
  refunded: number;
  /** What has been taken back of it. */
  back: number;
}

/** All that is known of one person. */
export interface Book {
  experience: number;
  /** The highest level so far. */
  top: number;
  /** In the order in which they are spent. */
  lots: Lot[];
  held: Lot[];
  rows: Row[];
  calendar: CheckedIn[];
  /** Of what each spending was taken, by its id. */
  taken: Map<string, (Lot & { from: Lot })[]>;
}

export const NEVER = '9999-12-31';

export function emptyBook(): Book {
  return { experience: 0, top: 1, lots: [], held: [], rows: [], calendar: [], taken: new Map() };
}

/** In Asia/Shanghai. */
export function dayOf(ms: number): string {
  return new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10);
}

export function later(day: string, days: number): string {
  return dayOf(Date.parse(day) + days * 86_400_000);
}

const LEVELS = [0, 20_000, 50_000, 100_000, 200_000];

export function levelOf({ experience }: Book): number {
  return LEVELS.filter((from) => from <= experience).length;
}

/** Rounded down. */
export function share(whole: number, part: number, of: number): number {
  return Math.floor((whole * part) / of);
}

/** Takes so much of lots in their order. */
export function takeOf(lots: readonly Lot[], amount: number): (Lot & { from: Lot })[] {
  return lots.map((lot) => {
    const left = Math.min(lot.left, amount);
    [lot.left, amount] = [lot.left - left, amount - left];
    return { ...lot, from: lot, left };
  });
}
