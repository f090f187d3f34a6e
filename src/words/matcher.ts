/*
 * Many words looked for at once (Aho-Corasick), as arrays of numbers alone: a thread builds them and hands them over without a copy,
 * so that a new list of 20,000 words holds nobody up. (modern-ahocorasick builds objects: to take over what it had serialised kept the
 * event loop for 200 to 500 ms.)
 */

/** What becomes of a text with a word in it. */
export type WordKind = 'mask' | 'refuse' | 'allow';
export const WORD_KINDS = ['mask', 'refuse', 'allow'] as const satisfies readonly WordKind[];

/** By node; 0 is the root. */
export interface Matcher {
  /** Where a text goes on that does not go on here. */
  failures: Int32Array<ArrayBuffer>;
  /** Units of the longest word of each kind that ends here; 0: none does. */
  lengths: Record<WordKind, Uint16Array<ArrayBuffer>>;
  /** Edges, as an open hash table: node × 65,536 + unit, and where it leads; 0: a free place. */
  keys: Float64Array<ArrayBuffer>;
  nodes: Int32Array<ArrayBuffer>;
}

/** All words that end at one place: of each kind the longest. */
export type Hit = Record<WordKind, number> & { end: number };

/** @param words as `wordForm` leaves them; empty ones are passed over */
export function buildMatcher(words: Record<WordKind, readonly string[]>): Matcher {
  const units = WORD_KINDS.reduce(
    (sum, kind) => sum + words[kind].reduce((all, { length }) => all + length, 0),
    0,
  );
  const edges = edgesOf(units);
  const reversed: number[] = [0];
  const ends = WORD_KINDS.map((kind) =>
    words[kind].map((word) => [addWord(edges, reversed, word), word.length] as const),
  );
  const count = reversed.length;
  const lengthsOf = (at: number) => {
    const lengths = new Uint16Array(count);
    for (const [node, length] of ends[at]!) if (node > 0) lengths[node] = length;
    return lengths;
  };
  const lengths = { mask: lengthsOf(0), refuse: lengthsOf(1), allow: lengthsOf(2) };
  const matcher = { failures: new Int32Array(count), lengths, ...edges };
  linkFailures(matcher, reversed);
  return matcher;
}

/** What can be given away with them, and need not be copied. */
export function buffersOf({ failures, lengths, keys, nodes }: Matcher): ArrayBuffer[] {
  return [failures, lengths.mask, lengths.refuse, lengths.allow, keys, nodes].map(({ buffer }) => buffer);
}

export function findWords(matcher: Matcher, text: string): Hit[] {
  const { mask, refuse, allow } = matcher.lengths;
  const hits: Hit[] = [];
  let node = 0;
  for (let at = 0; at < text.length; at++) {
    node = step(matcher, node, text.charCodeAt(at));
    if (mask[node]! + refuse[node]! + allow[node]! > 0)
      hits.push({ end: at + 1, mask: mask[node]!, refuse: refuse[node]!, allow: allow[node]! });
  }
  return hits;
}

type Edges = Pick<Matcher, 'keys' | 'nodes'>;

/** Half full at most. */
function edgesOf(units: number): Edges {
  const size = 2 ** Math.ceil(Math.log2(2 * units + 2));
  return { keys: new Float64Array(size), nodes: new Int32Array(size) };
}

const UNITS = 65_536;

/** The place of an edge, or the free one where it belongs. */
function placeOf({ keys, nodes }: Edges, key: number): number {
  const last = nodes.length - 1;
  let hash = Math.imul(parentOf(key), 0x9e3779b1) + (key % UNITS);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  let place = (hash ^ (hash >>> 13)) & last;
  while (nodes[place] !== 0 && keys[place] !== key) place = (place + 1) & last;
  return place;
}

/** @param reversed by node, the edge that leads to it @returns the node at which the word ends */
function addWord(edges: Edges, reversed: number[], word: string): number {
  let node = 0;
  for (let at = 0; at < word.length; at++) {
    const key = node * UNITS + word.charCodeAt(at);
    const place = placeOf(edges, key);
    if (edges.nodes[place] === 0) {
      edges.keys[place] = key;
      edges.nodes[place] = reversed.length;
      reversed.push(key);
    }
    node = edges.nodes[place]!;
  }
  return node;
}

/** Those nearer to the root first. */
function linkFailures(matcher: Matcher, reversed: readonly number[]): void {
  const { failures, lengths } = matcher;
  const depths = new Uint16Array(reversed.length);
  for (let node = 1; node < reversed.length; node++) depths[node] = depths[parentOf(reversed[node]!)]! + 1;
  const inDepth = Array.from(depths.keys()).sort((a, b) => depths[a]! - depths[b]!);
  for (const node of inDepth) {
    if (node === 0) continue;
    const key = reversed[node]!;
    const parent = parentOf(key);
    const failure = parent === 0 ? 0 : step(matcher, failures[parent]!, key % UNITS);
    failures[node] = failure;
    // Its own word is longer than any that ends with it.
    for (const kind of WORD_KINDS) lengths[kind][node] ||= lengths[kind][failure]!;
  }
}

function parentOf(key: number): number {
  return Math.floor(key / UNITS);
}

function step(matcher: Matcher, from: number, unit: number): number {
  for (let node = from; ; node = matcher.failures[node]!) {
    const next = matcher.nodes[placeOf(matcher, node * UNITS + unit)]!;
    if (next !== 0 || node === 0) return next;
  }
}
