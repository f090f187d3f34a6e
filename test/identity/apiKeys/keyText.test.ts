import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createKeyText, isTextOf, prefixOf } from '../../../src/identity/apiKeys/keyText.ts';

describe('the text of an API key', () => {
  it('A-12 every mistyped letter is found without the database, and only the whole text has the hash', () => {
    const { text, prefix, hash } = createKeyText();
    assert.equal(prefixOf(text), prefix);
    assert.ok(isTextOf(text, hash));
    const typos = Array.from(
      text,
      (letter, at) => `${text.slice(0, at)}${letter === 'x' ? 'y' : 'x'}${text.slice(at + 1)}`,
    );
    assert.deepEqual(
      typos.filter((typo) => prefixOf(typo) !== undefined || isTextOf(typo, hash)),
      [],
    );
  });
});
