import assert from 'node:assert/strict';
import fc from 'fast-check';
import { JsonCutter, type Rest } from '../../src/verifier/jsonCutter.ts';

function cut(text: string | Uint8Array, chunkBytes = 64 * 1024): Rest & { entries: string[] } {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const cutter = new JsonCutter(true);
  const entries: string[] = [];
  // The same memory for each chunk, as some readers have it.
  const memory = new Uint8Array(chunkBytes);
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const part = bytes.subarray(at, at + chunkBytes);
    memory.set(part);
    entries.push(...cutter.push(memory.subarray(0, part.length)));
  }
  return { ...cutter.end(), entries };
}

const parse = (text: string) => JSON.parse(text) as unknown;

/** Names that a log may be mistaken by, and values that look like structure. */
const names = fc.constantFrom('log', 'data', 'fairness', 'a"b', '日志', '\\', 'l\u006fg', '');
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.dictionary(names, fc.jsonValue({ maxDepth: 3 })),
  fc.constantFrom('"log":[', '[{"log":[1]}]', '}]', ',', '\\"'),
);

describe('JSON that is taken apart while it is read', () => {
  it('L-5 in any layout, order and chunks is the entries of its log and the rest', () => {
    const whole = fc.record({
      before: fc.dictionary(names, value),
      log: fc.array(value, { maxLength: 6 }),
      after: fc.dictionary(names, value),
      indent: fc.constantFrom(undefined, 1, '\t', ' \n'),
      isEnveloped: fc.boolean(),
      chunkBytes: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(whole, ({ before, log, after, indent, isEnveloped, chunkBytes }) => {
        const around = (one: Record<string, unknown>) =>
          Object.fromEntries(Object.entries(one).filter(([name]) => name !== 'log' && name !== 'data'));
        const inner = { ...around(before), log, ...around(after) };
        const json = isEnveloped ? { ok: 1, data: inner, log: 'none' } : { ...inner, data: { fog: [1] } };
        const { text, isCutOff, logs, entries } = cut(JSON.stringify(json, null, indent), chunkBytes);
        assert.deepEqual([isCutOff, logs], [false, 1]);
        assert.deepEqual(entries.map(parse), parse(JSON.stringify(log)));
        const emptied = isEnveloped ? { ...json, data: { ...inner, log: [] } } : { ...json, log: [] };
        assert.deepEqual(parse(text), parse(JSON.stringify(emptied)));
      }),
      { numRuns: 500 },
    );
  });

  it('L-5 is what it was as a whole, or one of its parts is no JSON', () => {
    const texts = fc.array(
      fc.constantFrom('{"log":[', '"log"', ':', '[', ']', '{', '}', ',', '1', '"x"', ' ', '{"data":{"log":['),
      {
        maxLength: 12,
      },
    );
    const isJson = (text: string) => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(texts, (parts) => {
        const json = parts.join('');
        const { text, isCutOff, logs, entries } = cut(json, 3);
        const isWhole = !isCutOff && isJson(text) && entries.every(isJson);
        assert.equal(isWhole, isJson(json), json);
        if (logs === 0) assert.equal(text, json);
      }),
      { numRuns: 3000 },
    );
  });

  it('L-5 says that it is cut off wherever it is cut', () => {
    const text = JSON.stringify({ data: { log: [{ a: ['x"]}', 1] }, 2], fairness: { b: '' } } });
    for (let length = 1; length < text.length; length++)
      assert.equal(cut(text.slice(0, length)).isCutOff, true, text.slice(0, length));
    assert.equal(cut(text).isCutOff, false);
  });

  it('L-5 counts logs, of which readers of JSON would take the one or the other', () => {
    assert.equal(cut('{"log":[1],"log":[2]}').logs, 2);
    assert.equal(cut('{"data":{"log":[1]},"\\u006cog":[2]}').logs, 2);
    assert.equal(cut('{"log":{},"a":{"log":[1]},"b":[{"log":[1]}]}').logs, 0);
    assert.equal(cut('[{"log":[1]}]').logs, 0);
    assert.equal(cut('{"data":[{"log":[1]}]}').logs, 0);
  });

  it('refuses what is no UTF-8, and entries that no memory should hold', () => {
    assert.throws(() => cut(Buffer.from([0x7b, 0xff, 0x7d])), TypeError);
    assert.throws(
      () => cut(Buffer.concat([Buffer.from('{"log":["'), Buffer.alloc(17 * 2 ** 20, 'x')])),
      RangeError,
    );
  });
});
