/** Words that nobody is to read (C-4, RC-5). Pure. */
import { buildWords, type BuiltWords, type WordList } from './buildWords.ts';
import { findWords, type Hit } from './matcher.ts';
import { signsOf, wordForm } from './wordForm.ts';

export interface Judged {
  /** With each character of a word covered by one ＊. */
  text: string;
  isRefused: boolean;
}

const COVER = '＊';
/** Of what is left between two covers another word may come together. Whoever nests words deeper has the whole text covered. */
const PASSES = 4;

/** Whether a word can be found in any text. */
export function isWord(word: string): boolean {
  return wordForm(word).text !== '' || signsOf(word).length > 0;
}

export class WordFilter {
  private readonly signs: ReadonlySet<string>;
  private readonly isEmpty: boolean;

  static of(list: WordList): WordFilter {
    return new WordFilter(buildWords(list));
  }

  constructor(private readonly built: BuiltWords) {
    this.signs = new Set(built.signs);
    // The root alone.
    this.isEmpty = built.matcher.failures.length === 1;
  }

  /** In any width, case and tradition, with whatever between, and within other words as well: Chinese has no ends of words. */
  judge(text: string): Judged {
    if (this.isEmpty) return { text, isRefused: false };
    let left = text;
    for (let pass = 0; pass < PASSES; pass++) {
      const { text: form, places } = wordForm(left, this.signs);
      const hits = findWords(this.built.matcher, form);
      const { pieces, isRefused } = countingOf(hits, form.length);
      if (isRefused) return { text, isRefused };
      if (pieces.length === 0) return { text: left, isRefused: false };
      left = cover(
        left,
        pieces.map(([start, end]) => [places[start]!, endOf(left, places[end - 1]!)]),
      );
    }
    return { text: left.replaceAll(/\S/gu, COVER), isRefused: false };
  }
}

type Piece = readonly [start: number, end: number];

/** Words that are not within one that is allowed. Of those that end at one place the longest counts for all: it covers the others. */
function countingOf(hits: readonly Hit[], length: number): { pieces: Piece[]; isRefused: boolean } {
  if (hits.length === 0) return { pieces: [], isRefused: false };
  const allowedFrom = allowedFromOf(hits, length);
  const isCounting = (end: number, units: number) => units > 0 && end - units < allowedFrom[end]!;
  const pieces = hits
    .filter(({ end, mask }) => isCounting(end, mask))
    .map(({ end, mask }): Piece => [end - mask, end]);
  return { pieces, isRefused: hits.some(({ end, refuse }) => isCounting(end, refuse)) };
}

/** By place, where the first allowed word begins that reaches it. */
function allowedFromOf(hits: readonly Hit[], length: number): Int32Array {
  const from = new Int32Array(length + 1).fill(length);
  for (const { end, allow } of hits) if (allow > 0) from[end] = end - allow;
  for (let place = length - 1; place >= 0; place--) from[place] = Math.min(from[place]!, from[place + 1]!);
  return from;
}

function endOf(text: string, start: number): number {
  return start + (text.codePointAt(start)! > 0xffff ? 2 : 1);
}

/** Pieces may overlap. */
function cover(text: string, pieces: readonly Piece[]): string {
  let covered = '';
  let done = 0;
  for (const [start, end] of [...pieces].sort(([a], [b]) => a - b)) {
    const from = Math.max(start, done);
    if (end <= from) continue;
    covered += text.slice(done, from) + COVER.repeat([...text.slice(from, end)].length);
    done = end;
  }
  return covered + text.slice(done);
}
