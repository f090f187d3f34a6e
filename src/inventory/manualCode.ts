/*
 * The code of an item as people read it out and type it: Crockford's base32 with a check character, in groups.
 *
 * The check is the value of the others modulo 37, a prime that no power of 32 below the 36th is 1 of: a wrong character, and two
 * that have changed places wherever they stand, are found always. Five of its 37 values have no character that a person would
 * like to type; a text that comes out with one of them is not used, and the next one is made.
 */
import { createHmac } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHARACTERS = 11;
const GROUP = 4;
const MODULUS = 37;

export type ReadCode = { kind: 'good'; code: string } | { kind: 'mistyped' } | { kind: 'other' };

/** The code of an item in the hands of one owner, the same whenever it is asked for; without groups. */
export function manualCodeOf(key: Buffer, itemId: number, ownerNo = 0): string {
  // Codes of items that have always been their first owner's are as they were before items changed hands.
  const item = ownerNo === 0 ? String(itemId) : `${itemId}/${ownerNo}`;
  for (let round = 0; ; round++) {
    const bytes = createHmac('sha256', key).update(`${item}|${round}`).digest();
    const body = Array.from(bytes.subarray(0, CHARACTERS), (byte) => ALPHABET[byte % ALPHABET.length]).join(
      '',
    );
    const check = ALPHABET[remainderOf(body)];
    if (check !== undefined) return body + check;
  }
}

/** As it is shown: XXXX-XXXX-XXXX. */
export function grouped(code: string): string {
  return code.match(new RegExp(`.{1,${GROUP}}`, 'g'))!.join('-');
}

/** Whatever was typed: small letters, spaces and other groups are as good, O is read as 0, I and L as 1. */
export function readManualCode(typed: string): ReadCode {
  const code = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  if (!/^[\w\s-]*$/.test(typed) || code.length !== CHARACTERS + 1) return { kind: 'other' };
  const check = ALPHABET.indexOf(code.slice(-1));
  const isGood = check !== -1 && remainderOf(code.slice(0, -1)) === check;
  return isGood ? { kind: 'good', code } : { kind: 'mistyped' };
}

/** NaN where a character has no value. */
function remainderOf(text: string): number {
  let rest = 0;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    rest = value === -1 ? NaN : (rest * ALPHABET.length + value) % MODULUS;
  }
  return rest;
}
