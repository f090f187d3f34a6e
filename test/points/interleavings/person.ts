/**
 * What must become of one person's points, said as simply as it can be: every spending takes of the lots at once, and each lot is
 * a number. It knows nothing of lines of spending, and shares no code with the ledger. All amounts are 1/100 points.
 */
export interface Lot {
  /** The row that made it, and the how-many-th of all lots it is. */
  row: number;
  place: number;
  left: number;
  endMs: number | null;
}

export interface Part {
  lot: Lot;
  amount: number;
}

export interface Hold {
  id: number | undefined;
  /** Of the transfer that waits for a review: nothing else moves it. */
  transferId: string | null;
  endMs: number | null;
  /** What is held still, in the order in which it was taken. */
  parts: Part[];
}

let lots = 0;

export class Person {
  available = 0;
  debt = 0;
  experience = 0;
  level = 1;
  /** Levels that were rewarded, or needed no reward. */
  readonly reached = new Set([1]);
  lots: Lot[] = [];
  holds: Hold[] = [];
  /** What rows that spent something took, less what came back of them. */
  readonly taken = new Map<number, Part[]>();

  get frozen(): number {
    return this.holds.reduce((sum, { parts }) => sum + sumOf(parts), 0);
  }

  /** By their ends, 'never' among them. */
  get endings(): Map<number | 'never', number> {
    const ends = new Map<number | 'never', number>();
    for (const { endMs, left } of this.lots)
      if (left > 0) ends.set(endMs ?? 'never', (ends.get(endMs ?? 'never') ?? 0) + left);
    return ends;
  }

  gain(row: number, amount: number, endMs: number | null): void {
    if (amount > 0) this.lots.push({ row, place: ++lots, left: amount, endMs });
    this.lots.sort(compare);
  }

  /** What may be released and consumed by anybody, what was frozen first at first. */
  get openHolds(): Hold[] {
    return this.holds.filter(({ transferId }) => transferId === null);
  }

  /** What ends first at first (RP-1). @param first what is taken before the others, in that order */
  take(amount: number, first: readonly Lot[] = []): Part[] {
    const order = [...first, ...this.lots.filter((lot) => !first.includes(lot))];
    const parts: Part[] = [];
    let left = amount;
    for (const lot of order) {
      const part = Math.min(left, lot.left);
      if (part === 0) continue;
      lot.left -= part;
      left -= part;
      parts.push({ lot, amount: part });
    }
    this.lots = this.lots.filter((lot) => lot.left > 0);
    return parts;
  }

  /** To the very lots it was taken of (RP-2). */
  giveBack(parts: readonly Part[]): void {
    for (const { lot, amount } of parts) {
      lot.left += amount;
      if (!this.lots.includes(lot)) this.lots.push(lot);
    }
    this.lots.sort(compare);
  }

  /** @returns how much has ended by now (RP-8) */
  expire(nowMs: number): number {
    const ended = this.lots.filter(({ endMs }) => endMs !== null && endMs <= nowMs);
    this.lots = this.lots.filter((lot) => !ended.includes(lot));
    return ended.reduce((sum, lot) => sum + emptied(lot), 0);
  }

  /** Releases so much, what was frozen last at first. */
  release(amount: number): void {
    let left = amount;
    for (const hold of this.openHolds.reverse()) {
      const part = Math.min(left, sumOf(hold.parts));
      this.giveBack(cutTail(hold.parts, part));
      left -= part;
    }
    this.holds = this.holds.filter(({ parts }) => parts.length > 0);
  }

  /** Takes what is held for a transfer out of the holds. */
  takeHeld(transferId: string): Part[] {
    const hold = this.holds.find((other) => other.transferId === transferId);
    this.holds = this.holds.filter((other) => other !== hold);
    return hold?.parts ?? [];
  }

  /** Releases all holds that have ended. @returns how much that is */
  releaseEnded(nowMs: number): number {
    const ended = this.holds.filter(({ endMs }) => endMs !== null && endMs <= nowMs);
    const amount = ended.reduce((sum, { parts }) => sum + sumOf(parts), 0);
    for (const hold of ended) this.giveBack(hold.parts);
    this.holds = this.holds.filter((hold) => !ended.includes(hold));
    return amount;
  }
}

export function sumOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { amount }) => sum + amount, 0);
}

/** Takes the end of a list away. @returns it, what was last at first */
export function cutTail(parts: Part[], amount: number): Part[] {
  const cut: Part[] = [];
  for (let left = amount; left > 0;) {
    const last = parts.pop();
    if (last === undefined) throw new Error('More comes back than was taken');
    const part = Math.min(left, last.amount);
    if (part < last.amount) parts.push({ lot: last.lot, amount: last.amount - part });
    cut.push({ lot: last.lot, amount: part });
    left -= part;
  }
  return cut;
}

export function cutHead(parts: Part[], amount: number): Part[] {
  const rest = parts.splice(0).reverse();
  const cut = cutTail(rest, amount);
  parts.push(...rest.reverse());
  return cut;
}

function compare(a: Lot, b: Lot): number {
  if (a.endMs !== b.endMs) return (a.endMs ?? Infinity) - (b.endMs ?? Infinity);
  return a.place - b.place;
}

function emptied(lot: Lot): number {
  const { left } = lot;
  lot.left = 0;
  return left;
}
