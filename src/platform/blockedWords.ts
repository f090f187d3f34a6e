/** Words that nobody is to read. Pure. */
import TextMatcher from 'modern-ahocorasick/text';

/** A text with all that is blocked in it covered. */
export type WordFilter = (text: string) => string;

/** What can be put between the characters of a word, and is no part of it. */
const BETWEEN = /[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{M}]/u;
const COVER = '＊';

/**
 * A filter that finds words in any width and case, and with spaces in them, within others as well: Chinese has no ends of words.
 * Each character of what it finds becomes one ＊.
 */
export function wordFilter(words: readonly string[]): WordFilter {
  const patterns = new Set(words.map((word) => closedUp(word).text).filter((word) => word !== ''));
  if (patterns.size === 0) return (text) => text;
  const matcher = new TextMatcher([...patterns], { normalization: 'NFKC', caseFold: true });
  return (text) => {
    const { text: closed, places } = closedUp(text);
    const found = matcher.search(closed).map(({ start, end }): [number, number] => {
      return [places[start]!, places[end - 1]! + 1];
    });
    return cover(text, found);
  };
}

/** Without what is between, and where each of its code units was. */
function closedUp(text: string): { text: string; places: number[] } {
  const places: number[] = [];
  let closed = '';
  let place = 0;
  for (const character of text) {
    if (!BETWEEN.test(character)) {
      closed += character;
      for (let unit = 0; unit < character.length; unit++) places.push(place + unit);
    }
    place += character.length;
  }
  return { text: closed, places };
}

/** Pieces may overlap. */
function cover(text: string, pieces: readonly [start: number, end: number][]): string {
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
