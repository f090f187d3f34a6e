/**
 * The text of an API key: `kj_`, 8 letters by which it is found, 43 that are secret (256 bits), and 4 that follow from those
 * before, so that a mistyped key is refused without looking for it. Hashed at once by SHA-256: what is random needs no slow hash.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export interface NewKeyText {
  text: string;
  prefix: string;
  hash: string;
}

const START = 'kj_';
const FORM = /^(kj_[A-Za-z0-9_-]{8})[A-Za-z0-9_-]{43}([A-Za-z0-9_-]{4})$/;
const CHECK_LETTERS = 4;

export function createKeyText(): NewKeyText {
  const prefix = START + randomBytes(6).toString('base64url');
  const body = prefix + randomBytes(32).toString('base64url');
  const text = body + checkOf(body);
  return { text, prefix, hash: hashOf(text) };
}

/** Whether a bearer token is meant as a key; no access token begins like one. */
export function isKeyText(token: string): boolean {
  return token.startsWith(START);
}

/** @returns the part that it is found by; undefined: it is none, or mistyped. */
export function prefixOf(text: string): string | undefined {
  const [, prefix, check] = FORM.exec(text) ?? [];
  return check === checkOf(text.slice(0, -CHECK_LETTERS)) ? prefix : undefined;
}

/** Takes the same time wherever they differ. */
export function isTextOf(text: string, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(text)), Buffer.from(hash));
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function checkOf(body: string): string {
  return createHash('sha256').update(`check:${body}`).digest('base64url').slice(0, CHECK_LETTERS);
}
