import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { nicknameShape } from '../../src/identity/people/nicknames.ts';
import { profileBody } from '../../src/identity/messages.ts';
import { allowBody, statusBody, usersQuery } from '../../src/admin/messages.ts';
import { consumeBody, earnBody } from '../../src/points/messages.ts';
import { amountShape, textShape } from '../../src/platform/shapes.ts';

const accepts = (shape: { safeParse(input: unknown): { success: boolean } }, input: unknown) =>
  shape.safeParse(input).success;

describe('amounts', () => {
  it('PTS-1 a number with at most two decimals is taken exactly', () => {
    const cases: [number, number][] = [
      [0.01, 1],
      [0.3, 30],
      [1.1, 110],
      [4.35, 435],
      [8.2, 820],
      [1e3, 100_000],
      [10_000_000, 1_000_000_000],
      [9_999_999.99, 999_999_999],
    ];
    for (const [points, hundredths] of cases) assert.equal(amountShape.parse(points), hundredths);
    assert.equal(amountShape.parse(JSON.parse('0.30000000000000001')), 30);
  });

  it('PTS-1 every whole number of hundredths is what it says', () => {
    for (let hundredths = 1; hundredths < 200_000; hundredths++) {
      assert.equal(amountShape.parse(Number((hundredths / 100).toFixed(2))), hundredths);
    }
  });

  it('PTS-1 anything smaller than a hundredth is refused, however small', () => {
    const refused = [
      1e-9,
      0.000000009,
      0.010000001,
      10.000000001,
      0.1 + 0.2,
      1.005,
      1e-7,
      5e-324,
      1.0000000000000002,
    ];
    for (const points of [...refused, 0, -1, -1e-9, 10_000_000.01, NaN, Infinity, '1', null]) {
      assert.equal(accepts(amountShape, points), false, String(points));
    }
  });
});

/** What nobody sees, or what makes others read something else. */
const HIDDEN: Record<string, string> = {
  'zero width space': '老\u200b王',
  'zero width joiner': '老\u200d王',
  'zero width non-joiner': '老\u200c王',
  'byte order mark': '老\ufeff王',
  'soft hyphen': '老\u00ad王',
  'right-to-left override': '老\u202e王',
  'right-to-left isolate': '老\u2067王',
  'arabic letter mark': '老\u061c王',
  'hangul filler': '老\u3164王',
  'halfwidth hangul filler': '老\uffa0王',
  'combining grapheme joiner': '老\u034f王',
  'mongolian separator': '老\u180e王',
  'braille blank': '老\u2800王',
  'variation selector without an emoji': 'a\ufe0f',
  'language tag': '老\u{e0041}王',
  'line separator': '老\u2028王',
  'new line': '老\n王',
  nul: '老\u0000王',
  delete: '老\u007f王',
  'lone surrogate': '老\ud800王',
  'private use': '老\ue000王',
  unassigned: '老\u0378王',
  noncharacter: '老\uffff王',
};

describe('texts', () => {
  const shape = textShape({ max: 32 });

  for (const [name, text] of Object.entries(HIDDEN)) {
    it(`are refused with a character that hides: ${name}`, () => {
      assert.equal(accepts(shape, text), false);
    });
  }

  it('have at least one character that is seen', () => {
    for (const text of [
      '',
      ' ',
      '\u3000',
      '\u00a0\u2003',
      '\u0301',
      '\u200b\u200d',
      '\ufe0f',
      '\u3164',
      '\u2800',
    ])
      assert.equal(accepts(shape, text), false, JSON.stringify(text));
    for (const text of ['a', '1', '王', '…', '🍜', '~', 'é', 'ॐ']) assert.equal(shape.parse(text), text);
  });

  it('are kept in one way of writing', () => {
    assert.equal(shape.parse('e\u0301'), '\u00e9');
    assert.equal(shape.parse('\u1100\u1161'), '\uac00');
    assert.equal(shape.parse('  老王\u3000'), '老王');
    assert.equal(shape.parse('\u212b'), '\u00e5'.toUpperCase());
  });

  it('may have emoji of many characters, and variants of Chinese ones', () => {
    const texts = ['👨‍👩‍👧‍👦 一家', '👍🏽', '❤️', '🏳️‍🌈', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '1️⃣', '🇨🇳', '葛\u{e0100}城', '👩🏻‍🍳老王', 'नमस्ते', 'สวัสดี'];
    for (const text of texts) assert.equal(shape.parse(text), text.normalize('NFC'), text);
    assert.equal(accepts(shape, '👨\u200d'), false);
    assert.equal(accepts(shape, '🏴\u{e0067}\u{e0062}'), false);
  });

  it('are held to their length after that', () => {
    assert.equal(accepts(shape, 'e\u0301'.repeat(32)), true);
    assert.equal(accepts(shape, 'é'.repeat(33)), false);
    // One of few that become longer.
    assert.equal(accepts(shape, '\u0958'.repeat(17)), false);
  });

  const bodies: Record<
    string,
    (text: string) => [{ safeParse(input: unknown): { success: boolean } }, object]
  > = {
    'a nickname': (nickname) => [profileBody, { nickname }],
    'a nickname that is looked for': (nickname) => [usersQuery, { nickname }],
    'the reason of a block': (reason) => [statusBody, { status: 'active', reason }],
    'the note of a network': (note) => [allowBody, { cidr: '10.0.0.0/8', note }],
    'the reason of a grant': (reason) => [earnBody, { user_id: 1, amount: 1, reason, source: 's' }],
    'the reason of a spending': (reason) => [consumeBody, { amount: 1, reason }],
    'what a spending belongs to': (related) => [consumeBody, { amount: 1, reason: 'r', related_id: related }],
  };
  for (const [name, of] of Object.entries(bodies)) {
    it(`${name} is such a text`, () => {
      assert.equal(accepts(...of('老王 1 号')), true);
      for (const [hidden, text] of Object.entries(HIDDEN)) assert.equal(accepts(...of(text)), false, hidden);
    });
  }
});

describe('nicknames', () => {
  it('A-11 of those who speak for the house are nobody else’s', () => {
    const reserved = [
      ...[
        '管理员',
        '管理員',
        '超级管理员',
        '客服',
        '客服小美',
        '官方客服',
        '系统',
        '系统1',
        '管 理 员',
        '管·理·员',
        '【客服】',
      ],
      ...[
        'admin',
        'Admin',
        'ADMIN_01',
        'a.d.m.i.n',
        'ａｄｍｉｎ',
        '𝐀𝐝𝐦𝐢𝐧',
        'аdmin',
        'Àdmin',
        'root',
        'System',
        'KaiJiang',
        'kai-jiang 官',
      ],
      ...['开奖', '已注销', 'ｋaijiang小助手', 'Official', 'оfficial', 'support 24'],
    ];
    for (const nickname of reserved) assert.equal(accepts(nicknameShape, nickname), false, nickname);
  });

  it('A-11 that only remind of them are free', () => {
    for (const nickname of [
      '老王',
      'Adminton',
      '小系',
      '系统工程师',
      'Rooty',
      '食客12',
      'Владимир',
      'Ελένη',
      '王管理',
    ])
      assert.equal(nicknameShape.parse(nickname), nickname);
  });
});
