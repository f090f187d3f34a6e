import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { grouped, manualCodeOf, readManualCode } from '../../src/inventory/manualCode.ts';
import { qrTextOf, readQrText } from '../../src/inventory/qrText.ts';

const KEY = Buffer.alloc(32, 3);
const ITEM = { itemId: 4711, ownerNo: 0 };
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODES = Array.from({ length: 200 }, (_, at) => manualCodeOf(KEY, at + 1));

describe('codes of items', () => {
  it('RL-7 one wrong character is found, wherever it stands', () => {
    for (const code of CODES.slice(0, 50)) {
      for (let at = 0; at < code.length; at++) {
        for (const other of ALPHABET.replace(code[at]!, '')) {
          const typed = code.slice(0, at) + other + code.slice(at + 1);
          assert.deepEqual(readManualCode(typed), { kind: 'mistyped' }, `${code} as ${typed}`);
        }
      }
    }
  });

  it('RL-7 two characters that have changed places are found, wherever they stand', () => {
    for (const code of CODES) {
      for (let one = 0; one < code.length; one++) {
        for (let two = one + 1; two < code.length; two++) {
          if (code[one] === code[two]) continue;
          const letters = [...code];
          [letters[one], letters[two]] = [letters[two]!, letters[one]!];
          assert.deepEqual(readManualCode(letters.join('')), { kind: 'mistyped' });
        }
      }
    }
  });

  it('RL-7 a code is read however it is written, and what is none is something else', () => {
    for (const code of CODES) {
      assert.match(grouped(code), /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/);
      const sloppy = ` ${grouped(code).toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l').replaceAll('-', ' - ')} `;
      assert.deepEqual(readManualCode(sloppy), { kind: 'good', code });
    }
    for (const text of ['', 'SAVE-20', `${CODES[0]!}0`, '开奖', `${CODES[0]!.slice(1)}ſ`])
      assert.deepEqual(readManualCode(text), { kind: 'other' }, text);
  });

  it('RL-7 codes differ by item and by key, and are the same whenever they are made', () => {
    assert.equal(new Set(CODES).size, CODES.length);
    assert.equal(manualCodeOf(KEY, 1), CODES[0]);
    assert.notEqual(manualCodeOf(Buffer.alloc(32, 4), 1), CODES[0]);
  });

  it('RL-8 a picture is taken in its 30 seconds and the next, and never when it was changed', () => {
    const nowMs = 1_800_000_000_000 + 29_999;
    const { text, endsAtMs } = qrTextOf(KEY, ITEM, nowMs);
    assert.equal(endsAtMs, 1_800_000_060_000);
    const at = (ms: number) => readQrText(KEY, text, { nowMs: ms, ownerNo: 0 });
    assert.deepEqual(at(nowMs), { itemId: 4711, isFresh: true });
    assert.deepEqual(at(endsAtMs - 1), { itemId: 4711, isFresh: true });
    assert.deepEqual(at(endsAtMs), { itemId: 4711, isFresh: false });
    assert.deepEqual(at(nowMs - 30_000), { itemId: 4711, isFresh: false });
    for (let at = 0; at < text.length; at++) {
      const changed = text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1);
      assert.equal(readQrText(KEY, changed, { nowMs, ownerNo: 0 }), undefined, changed);
    }
    assert.equal(readQrText(Buffer.alloc(32, 4), text, { nowMs, ownerNo: 0 }), undefined);
    const next = qrTextOf(KEY, ITEM, nowMs + 1).text;
    assert.notEqual(next, text);
  });

  it('R-3 RL-7 RL-8 whoever has an item next has another code of it, and the picture of before is worth nothing', () => {
    const codes = [0, 1, 2].map((ownerNo) => manualCodeOf(KEY, 1, ownerNo));
    assert.equal(codes[0], CODES[0]);
    assert.equal(new Set(codes).size, 3);
    const nowMs = 1_800_000_000_000;
    const { text } = qrTextOf(KEY, { ...ITEM, ownerNo: 1 }, nowMs);
    assert.deepEqual(readQrText(KEY, text, { nowMs, ownerNo: 1 }), { itemId: 4711, isFresh: true });
    for (const ownerNo of [0, 2]) assert.equal(readQrText(KEY, text, { nowMs, ownerNo }), undefined);
  });
});
