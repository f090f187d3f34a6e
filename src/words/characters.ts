/** Characters as they are compared, whoever writes them and however: for words that are looked for in texts, and for texts that are. */
import SIMPLIFIED_OF_TRADITIONAL from 'opencc-js/dict/TSCharacters';

/** What nobody sees, or sees only on another character: zero-width and bidirectional controls, marks. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{M}]/u;
const SPACE = /\s/u;

/** Pairs as `<traditional> <simplified>[ <other simplified>…]`, separated by `|`. */
const SIMPLIFIED: ReadonlyMap<string, string> = new Map(
  SIMPLIFIED_OF_TRADITIONAL.split('|').map((pair) => pair.split(' ').slice(0, 2) as [string, string]),
);

const KEPT_BEYOND_BMP = 20_000;
const folded: string[] = [];
const foldedBeyond = new Map<number, string>();

/**
 * One character without its width, case, marks and tradition; '' when nothing of it is seen. All white space is one space. Each
 * character for itself, so that its place is known: a character may become several.
 */
export function fold(character: string): string {
  const code = character.codePointAt(0)!;
  if (code > 0xffff) return foldBeyond(character, code);
  return (folded[code] ??= foldAnew(character));
}

/** A whole text, for a search in it. */
export function foldText(text: string): string {
  let all = '';
  for (const character of text) all += fold(character);
  return all;
}

function foldBeyond(character: string, code: number): string {
  const known = foldedBeyond.get(code);
  if (known !== undefined) return known;
  if (foldedBeyond.size >= KEPT_BEYOND_BMP) foldedBeyond.clear();
  const anew = foldAnew(character);
  foldedBeyond.set(code, anew);
  return anew;
}

function foldAnew(character: string): string {
  if (SPACE.test(character)) return ' ';
  // Upper case first: it is the same for `ß` and `ss`, `ſ` and `s`.
  const plain = withoutUnseen(withoutUnseen(character.normalize('NFKD')).toUpperCase().toLowerCase());
  return Array.from(plain.normalize('NFC'), (one) => SIMPLIFIED.get(one) ?? one).join('');
}

/** Marks stand behind the character that they are on. */
function withoutUnseen(text: string): string {
  return Array.from(text)
    .filter((one) => !UNSEEN.test(one))
    .join('');
}
