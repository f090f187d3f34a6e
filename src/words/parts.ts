import type { WordKind } from './matcher.ts';

/** Some words of a list, as they are stored and as a thread reads them. */
export interface StoredPart {
  kind: WordKind;
  /** JSON: a list of strings. */
  words: string;
}

/** Of a kind that a later build has there is nothing here. */
export function wordsOf(parts: readonly StoredPart[]): Record<WordKind, string[]> {
  const all: Record<WordKind, string[]> = { mask: [], refuse: [], allow: [] };
  for (const { kind, words } of parts)
    if (Object.hasOwn(all, kind)) for (const word of JSON.parse(words) as string[]) all[kind].push(word);
  return all;
}
