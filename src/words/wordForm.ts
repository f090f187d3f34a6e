import { fold } from './characters.ts';

/** What is looked at of a text, and where each UTF-16 unit of it was. */
export interface WordForm {
  text: string;
  /** Of each unit, where the character begins that it comes from. */
  places: number[];
}

/** Digits by the forms they are written in which no normalisation knows. */
const DIGITS: ReadonlyMap<string, string> = new Map(
  ['〇零', '一壹弌〡❶➀➊⓵', '二贰弍〢❷➁➋⓶', '三叁弎〣❸➂➌⓷', '四肆〤❹➃➍⓸', '五伍〥❺➄➎⓹']
    .concat(['六陆〦❻➅➏⓺', '七柒〧❼➆➐⓻', '八捌〨❽➇➑⓼', '九玖〩❾➈➒⓽'])
    .flatMap((forms, digit) => Array.from(forms, (form) => [form, String(digit)] as const)),
);
const LETTER_OR_NUMBER = /[\p{L}\p{N}]/u;
const SIGN = /\p{So}/u;
const DIGIT = /\p{Nd}/u;

const formsOfBmp: string[] = [];

/**
 * A text as words are looked for in it: letters and numbers alone, as `fold` leaves them, all digits as 0 to 9. What else there is
 * counts as put between them, but for signs that words are made of.
 */
export function wordForm(text: string, signs: ReadonlySet<string> = NO_SIGNS): WordForm {
  const places: number[] = [];
  let form = '';
  let place = 0;
  for (const character of text) {
    const part = partOf(character) || signOf(character, signs);
    form += part;
    for (let unit = 0; unit < part.length; unit++) places.push(place);
    place += character.length;
  }
  return { text: form, places };
}

const NO_SIGNS: ReadonlySet<string> = new Set();

/** Of a word that has neither letters nor numbers, as an emoji. */
export function signsOf(word: string): string[] {
  if (wordForm(word).text !== '') return [];
  return Array.from(word, fold).filter((sign) => SIGN.test(sign));
}

function signOf(character: string, signs: ReadonlySet<string>): string {
  if (signs.size === 0) return '';
  const sign = fold(character);
  return signs.has(sign) ? sign : '';
}

function partOf(character: string): string {
  const code = character.codePointAt(0)!;
  if (code > 0xffff) return partAnew(character);
  return (formsOfBmp[code] ??= partAnew(character));
}

function partAnew(character: string): string {
  return Array.from(DIGITS.has(character) ? character : fold(character), (one) => {
    const digit = DIGITS.get(one);
    if (digit !== undefined) return digit;
    if (DIGIT.test(one)) return digitOf(one);
    return LETTER_OR_NUMBER.test(one) ? one : '';
  }).join('');
}

/** Of any script: their digits stand together, from 0 to 9. */
function digitOf(character: string): string {
  const code = character.codePointAt(0)!;
  let zero = code;
  while (DIGIT.test(String.fromCodePoint(zero - 1))) zero--;
  return String((code - zero) % 10);
}
