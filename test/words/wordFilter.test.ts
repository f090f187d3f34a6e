import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { isWord, WordFilter } from '../../src/words/wordFilter.ts';

describe('words that nobody is to read', () => {
  const list = {
    mask: ['坏人', 'Spam', 'ab', 'bcd', '加 我', 'ガス', '台灣', '64', '𠮷利', '🍆', 'straße'],
    refuse: ['赌博', 'vx123'],
    allow: ['大坏人们', 'cabin', '是6.4元'],
  };
  const filter = WordFilter.of(list);
  const masked = (text: string) => filter.judge(text).text;

  for (const [name, text, covered] of [
    ['whole', '坏人', '＊＊'],
    ['within others', '老坏人们', '老＊＊们'],
    ['more than once', '坏人坏人 坏', '＊＊＊＊ 坏'],
    ['in another case', 'sPAM', '＊＊＊＊'],
    ['in full width', 'ｓｐＡＭ!', '＊＊＊＊!'],
    ['in half width, where two characters are one', 'ｶﾞｽ', '＊＊＊'],
    ['with spaces in it, of any kind', '是坏 \u3000人。', '是＊＊＊＊。'],
    ['with what nobody sees in it', '坏\u200b人', '＊＊＊'],
    ['with joiners, soft hyphens and marks of order in it', '坏\u200d\u2060\u00ad\ufeff人', '＊＊＊＊＊＊'],
    ['turned to the other direction', '\u202e坏\u202c\u2066人\u2069', '\u202e＊＊＊＊\u2069'],
    ['with marks above it', 's\u0336pam', '＊＊＊＊＊'],
    ['with letters that have marks', 'spàm spa\u0300m', '＊＊＊＊ ＊＊＊＊＊'],
    ['with letters of mathematics', '𝓢𝖕𝐚𝔪', '＊＊＊＊'],
    ['in letters in circles', 'ⓢⓟⓐⓜ', '＊＊＊＊'],
    [
      'with what separates',
      '坏.人 坏-人 坏*人 坏＊人 坏_人 坏|人',
      '＊＊＊ ＊＊＊ ＊＊＊ ＊＊＊ ＊＊＊ ＊＊＊',
    ],
    ['with signs between', '坏★人 坏😀人', '＊＊＊ ＊＊＊'],
    ['over the end of a line', '坏\n人', '＊＊＊'],
    ['spelled with a space in the list', '请加我', '请＊＊'],
    ['in traditional characters', '壞人', '＊＊'],
    ['in simplified ones, when the list has traditional ones', '台湾', '＊＊'],
    ['in Chinese digits', '六四', '＊＊'],
    ['in digits of contracts', '陆肆 陸肆', '＊＊ ＊＊'],
    ['in digits in circles', '⑥④ ❻❹ ➅➍', '＊＊ ＊＊ ＊＊'],
    ['in digits of other scripts', '٦٤ ６４ 𝟞𝟜 ६४ 6️⃣4️⃣', '＊＊ ＊＊ ＊＊ ＊＊ ＊＊＊＊\ufe0f\u20e3'],
    ['of characters of two units', '我𠮷 利你', '我＊＊＊你'],
    ['that are signs', '🍆!', '＊!'],
    ['that overlap', 'xabcdx', 'x＊＊＊＊x'],
    ['behind an emoji', '👍🏽坏人', '👍🏽＊＊'],
    ['that come together when another is covered', '坏坏人人', '＊＊＊＊'],
    ['nested as deep', `${'坏'.repeat(9)} ${'人'.repeat(9)}`, '＊'.repeat(19)],
    ['whatever letter stands for two', 'STRASSE', '＊＊＊＊＊＊＊'],
  ] as const)
    it(`C-4 RC-5 are found ${name}`, () => assert.equal(masked(text), covered));

  it('RC-5 are let pass within what is allowed, written however', () => {
    for (const text of ['大坏人们', '大壞 人们', 'a Cabin!', '是6.4元', '是 ６，４ 元'])
      assert.equal(masked(text), text);
    assert.equal(masked('大坏人们和坏人'), '大坏人们和＊＊');
    assert.equal(masked('6.4元'), '＊＊＊元');
  });

  it('C-4 refuse a text, unless it is allowed', () => {
    for (const text of ['来赌博', '賭.博', 'V X①②③', 'vx一二三'])
      assert.deepEqual(filter.judge(text), { text, isRefused: true });
    const allowing = WordFilter.of({ ...list, allow: ['禁止赌博'] });
    assert.equal(allowing.judge('这里禁止赌博').isRefused, false);
    assert.equal(allowing.judge('禁止赌博，来赌博').isRefused, true);
  });

  it('P-3 leave every other text as it is', () => {
    const text = '祝你 生日快乐，吃好喝好！ １②三 ﬁn ß 👨‍👩‍👧\u202e';
    const none = { mask: [], refuse: [], allow: ['x'] };
    for (const each of [filter, WordFilter.of(none), WordFilter.of({ ...none, mask: ['', ' ', '***'] })])
      assert.deepEqual(each.judge(text), { text, isRefused: false });
    assert.deepEqual(['***', ' ', '\u200b', '🍆', '❤️', 'a', '1'].map(isWord), [
      false,
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
  });

  const character = fc.constantFrom(...'坏人壞 SｐaMbcdx\u3000😀ß6④四🍆＊*.\u200b\u0301𠮷利大们\n');
  it('P-3 RC-5 never change the number of characters, and nothing is found in what is left', () => {
    fc.assert(
      fc.property(fc.array(character, { maxLength: 60 }), (characters) => {
        const covered = masked(characters.join(''));
        assert.equal([...covered].length, characters.length);
        assert.equal(masked(covered), covered);
      }),
      { numRuns: 3000 },
    );
  });

  it('RC-5 are found as a plain search finds them', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(letters, { maxLength: 8 }),
        fc.array(letters, { maxLength: 3 }),
        fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 }),
        (refuse, allow, text) => {
          const placesOf = (words: string[]) =>
            words.flatMap((word) =>
              Array.from(text, (_, at) => [at, at + word.length] as const).filter(([at]) =>
                text.startsWith(word, at),
              ),
            );
          const allowed = placesOf(allow);
          const isRefused = placesOf(refuse).some(
            ([start, end]) => !allowed.some(([from, to]) => from <= start && end <= to),
          );
          assert.equal(WordFilter.of({ mask: [], refuse, allow }).judge(text).isRefused, isRefused);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
