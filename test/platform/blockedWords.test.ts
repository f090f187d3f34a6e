import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { wordFilter } from '../../src/platform/blockedWords.ts';

describe('blocked words', () => {
  const filter = wordFilter(['坏人', 'Spam', 'ab', 'bcd', '加 我', 'ガス', '']);

  for (const [name, text, covered] of [
    ['whole', '坏人', '＊＊'],
    ['within others', '大坏人们', '大＊＊们'],
    ['more than once', '坏人坏人 坏', '＊＊＊＊ 坏'],
    ['in another case', 'sPAM', '＊＊＊＊'],
    ['in full width', 'ｓｐＡＭ!', '＊＊＊＊!'],
    ['in half width, where two characters are one', 'ｶﾞｽ', '＊＊＊'],
    ['with spaces in it, of any kind', '是坏 \u3000人。', '是＊＊＊＊。'],
    ['with what nobody sees in it', '坏\u200b人', '＊＊＊'],
    ['with marks above it', 's\u0336pam', '＊＊＊＊＊'],
    ['spelled with a space in the list', '请加我', '请＊＊'],
    ['that overlap', 'xabcdx', 'x＊＊＊＊x'],
    ['behind an emoji', '👍🏽坏人', '👍🏽＊＊'],
  ] as const)
    it(`P-3 are found ${name}`, () => assert.equal(filter(text), covered));

  it('P-3 leave every other text as it is', () => {
    const text = '祝你 生日快乐，吃好喝好！';
    for (const each of [filter, wordFilter([]), wordFilter(['', ' '])]) assert.equal(each(text), text);
  });

  it('P-3 never change the number of characters, and nothing is found in what is left', () => {
    const character = fc.constantFrom(
      '坏',
      '人',
      ' ',
      'S',
      'ｐ',
      'a',
      'M',
      'b',
      'c',
      'd',
      '\u3000',
      '😀',
      'ß',
    );
    fc.assert(
      fc.property(fc.array(character, { maxLength: 40 }), (characters) => {
        const covered = filter(characters.join(''));
        assert.equal([...covered].length, characters.length);
        assert.equal(filter(covered), covered);
      }),
    );
  });
});
