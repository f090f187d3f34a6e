/** What people have had to do with, as numbers alone: people and items are counted from 0. */

export interface Taken {
  item: number;
  /** When it was last. */
  atMs: number;
}

/** Of each person, each item once; the order means nothing. */
export type History = readonly (readonly Taken[])[];

/** What a model says of a person: of each item, the higher the better. 0: it knows nothing of them. */
export type Scores = Float64Array;

/** One way to score all items for somebody who has taken some. */
export interface Scorer {
  score(own: readonly Taken[]): Scores;
}

/** A history without columns of objects: it travels to a thread and is walked by the million. */
export interface Packed {
  /** Of person p: from offsets[p] to offsets[p + 1]. */
  offsets: Int32Array;
  items: Int32Array;
  atMs: Float64Array;
}

export function packed(history: History): Packed {
  const size = history.reduce((sum, own) => sum + own.length, 0);
  const offsets = new Int32Array(history.length + 1);
  const items = new Int32Array(size);
  const atMs = new Float64Array(size);
  let at = 0;
  history.forEach((own, person) => {
    for (const taken of own) {
      items[at] = taken.item;
      atMs[at] = taken.atMs;
      at += 1;
    }
    offsets[person + 1] = at;
  });
  return { offsets, items, atMs };
}

export function unpacked({ offsets, items, atMs }: Packed): History {
  return Array.from({ length: offsets.length - 1 }, (_, person) =>
    Array.from({ length: offsets[person + 1]! - offsets[person]! }, (__, nth) => {
      const at = offsets[person]! + nth;
      return { item: items[at]!, atMs: atMs[at]! };
    }),
  );
}

/** The moment of the last entry; 0 without any. */
export function lastOf(history: History): number {
  return history.reduce((last, own) => own.reduce((most, { atMs }) => Math.max(most, atMs), last), 0);
}
