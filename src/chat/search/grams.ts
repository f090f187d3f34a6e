/** Two characters that stand next to each other, as one number. Pure. */
import { foldText } from '../../words/characters.ts';

/** Above all code points. */
const CODES = 2 ** 21;

/** Whose words are looked for. A picture has none, and what a conversation says of itself nobody has said. */
export const SEARCHED = ['text', 'emoji', 'card'] as const;

/** Of a message, each once, with one for the character that it ends with. */
export function gramsOf(content: string): Set<number> {
  const codes = codesOf(foldText(content));
  return new Set(codes.map((code, at) => code * CODES + (codes[at + 1] ?? 0)));
}

/** Of what is looked for: those that a message with it has, in their order. One character has none. */
export function gramsWithin(folded: string): Set<number> {
  const codes = codesOf(folded);
  return new Set(codes.slice(1).map((code, at) => codes[at]! * CODES + code));
}

/** All grams that begin with one character. */
export function gramsFrom(folded: string): { first: number; last: number } {
  const first = folded.codePointAt(0)! * CODES;
  return { first, last: first + CODES - 1 };
}

function codesOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0)!);
}
