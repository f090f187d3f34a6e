/** A list, made ready. What a thread runs of it is read by Node itself: nothing here or below needs more than its types taken out. */
import { buildMatcher, WORD_KINDS, type Matcher, type WordKind } from './matcher.ts';
import { signsOf, wordForm } from './wordForm.ts';

/** Words that are covered, words with which a text is refused, and longer ones in which neither counts. */
export type WordList = Record<WordKind, readonly string[]>;

/** What judges texts, as it goes from one thread to another. */
export interface BuiltWords {
  matcher: Matcher;
  /** Characters that are neither letters nor numbers, and that words are made of. */
  signs: readonly string[];
}

export function buildWords(list: WordList): BuiltWords {
  const signs = [...new Set([...list.mask, ...list.refuse].flatMap(signsOf))];
  const kept = new Set(signs);
  const formsOf = (kind: WordKind) => list[kind].map((word) => wordForm(word, kept).text);
  const [mask, refuse, allow] = WORD_KINDS.map(formsOf) as [string[], string[], string[]];
  return { matcher: buildMatcher({ mask, refuse, allow }), signs };
}
