/*
 * Which lots a user's points are in (P-6). Pure: what it says is stored by lots.ts.
 *
 * All that a user spends lies on one line, one spending after the other, from 0 to `spent_total`; a lot covers pieces of it. Which
 * pieces may be found out later, since each lot knows where the line stood when it was made: what lies before takes nothing of it.
 * So a draw only makes the line longer, and the line is settled, lot by lot, before a lot ends or somebody asks for one. Whenever
 * that happens, it comes out the same.
 */

export interface Lot {
  /** Undefined: not stored yet. */
  lotId: number | undefined;
  userId: number;
  originType: string;
  transactionId: number | null;
  relatedId: string | null;
  /** 1/100 points, as all amounts here. */
  amount: number;
  remaining: number;
  spentBefore: number;
  /** The first moment at which it cannot be spent any more. */
  expiresAtMs: number | null;
  createdAtMs: number;
}

/** A piece of the line that was taken of a lot. */
export interface LotUse {
  useId: number | undefined;
  lot: Lot;
  from: number;
  to: number;
}

export interface LotPart {
  lot: Lot;
  amount: number;
}

/** Whoever spends takes of what ends first, without an end last, then of what came first (RP-1). Infinity less itself is no number, and passed over. */
export function compareLots(a: Lot, b: Lot): number {
  return (
    (a.expiresAtMs ?? Number.POSITIVE_INFINITY) - (b.expiresAtMs ?? Number.POSITIVE_INFINITY) ||
    (a.lotId ?? Number.POSITIVE_INFINITY) - (b.lotId ?? Number.POSITIVE_INFINITY) ||
    0
  );
}

/** The lots of one user, as far as something is left of them or was asked for. */
export class LotBook {
  readonly changed = new Set<Lot>();
  readonly addedUses: LotUse[] = [];
  readonly removedUses: LotUse[] = [];
  private readonly lots: Lot[];
  private uses: LotUse[];

  /** @param settledTo where the line was settled up to */
  constructor(
    lots: readonly Lot[],
    private settledTo: number,
    uses: readonly LotUse[] = [],
  ) {
    this.lots = [...lots].sort(compareLots);
    this.uses = [...uses];
  }

  /** Where the line is settled up to. */
  get settled(): number {
    return this.settledTo;
  }

  /** What is left in all of them, the end of the line not yet taken off. */
  get remaining(): number {
    return this.lots.reduce((sum, { remaining }) => sum + remaining, 0);
  }

  /** In the order in which they are spent. */
  get open(): readonly Lot[] {
    return this.lots.filter(({ remaining }) => remaining > 0);
  }

  /** When the next lot ends that something is left of. */
  get nextDueMs(): number | null {
    return this.open[0]?.expiresAtMs ?? null;
  }

  /** Settles the line up to `to`. @returns what each lot gave */
  settle(to: number): LotPart[] {
    const taken: LotPart[] = [];
    while (this.settledTo < to) {
      const at = this.settledTo;
      const place = this.lots.findIndex((lot) => lot.remaining > 0 && lot.spentBefore <= at);
      const lot = this.lots[place];
      if (lot === undefined) throw new Error('More is spent than there are points in lots');
      // From where an earlier one had been made by then, that one is taken of.
      const end = Math.min(
        to,
        at + lot.remaining,
        ...this.lots
          .slice(0, place)
          .filter(({ remaining, spentBefore }) => remaining > 0 && spentBefore > at)
          .map(({ spentBefore }) => spentBefore),
      );
      this.take(lot, end - at);
      this.addUse({ useId: undefined, lot, from: at, to: end });
      taken.push({ lot, amount: end - at });
      this.settledTo = end;
    }
    return taken;
  }

  add(lot: Lot): void {
    this.lots.push(lot);
    this.lots.sort(compareLots);
  }

  /** Gives a lot another end: what is spent from now on goes by that one. The line must be settled. */
  date(lot: Lot, expiresAtMs: number): void {
    lot.expiresAtMs = expiresAtMs;
    this.lots.sort(compareLots);
    this.changed.add(lot);
  }

  /** Empties what has ended by now. The line must be settled. */
  expire(nowMs: number): LotPart[] {
    return this.open
      .filter(({ expiresAtMs }) => expiresAtMs !== null && expiresAtMs <= nowMs)
      .map((lot) => {
        const amount = lot.remaining;
        this.take(lot, amount);
        return { lot, amount };
      });
  }

  /** What a settled piece of the line was taken of, in the order of the line. @throws Error when the uses of it are not all here */
  takenBy(from: number, to: number): LotPart[] {
    return this.piecesOf(from, to)
      .reverse()
      .map(({ use: { lot }, part }) => ({ lot, amount: part.to - part.from }));
  }

  /**
   * Takes directly, off the line: of the lots that `isFirst`, then of what ends first.
   * @param latestFirst of the former, what ends last is taken before the others
   * @returns what was there
   */
  takeBack(amount: number, isFirst: (lot: Lot) => boolean, latestFirst = false): number {
    let left = amount;
    const first = this.open.filter(isFirst);
    if (latestFirst) first.reverse();
    for (const lot of [...first, ...this.open.filter((lot) => !first.includes(lot))]) {
      const part = Math.min(left, lot.remaining);
      if (part > 0) this.take(lot, part);
      left -= part;
    }
    return amount - left;
  }

  /**
   * Gives a settled piece of the line back to the very lots it was taken of, what was taken last at first (RP-2).
   * @throws Error when the uses of it are not all here
   */
  giveBack(from: number, to: number): LotPart[] {
    return this.piecesOf(from, to).map(({ use, part }) => {
      this.removeUse(use);
      if (use.from < part.from) this.addUse({ ...use, useId: undefined, to: part.from });
      if (part.to < use.to) this.addUse({ ...use, useId: undefined, from: part.to });
      const amount = part.to - part.from;
      use.lot.remaining += amount;
      this.changed.add(use.lot);
      if (!this.lots.includes(use.lot)) this.add(use.lot);
      return { lot: use.lot, amount };
    });
  }

  /** The uses that lie in a piece of the line, the latest first, and what of each does. */
  private piecesOf(from: number, to: number): { use: LotUse; part: { from: number; to: number } }[] {
    const pieces = this.uses
      .filter((use) => use.from < to && use.to > from)
      .sort((a, b) => b.to - a.to)
      .map((use) => ({ use, part: { from: Math.max(use.from, from), to: Math.min(use.to, to) } }));
    if (pieces.reduce((sum, { part }) => sum + part.to - part.from, 0) !== to - from)
      throw new Error('A spending that is given back was not taken of lots');
    return pieces;
  }

  private take(lot: Lot, amount: number): void {
    lot.remaining -= amount;
    this.changed.add(lot);
  }

  private addUse(use: LotUse): void {
    this.uses.push(use);
    this.addedUses.push(use);
  }

  private removeUse(use: LotUse): void {
    this.uses = this.uses.filter((other) => other !== use);
    const added = this.addedUses.indexOf(use);
    if (added === -1) this.removedUses.push(use);
    else this.addedUses.splice(added, 1);
  }
}
