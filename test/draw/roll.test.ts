import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { firstAccepted, Roller, type Sha256 } from '../../src/draw/roll.ts';
import { nodeSha256 } from '../../src/lottery/sha256.ts';

const RANGE = 10 ** 12;
/** floor(2⁵³ / 10¹²) = 9007. */
const ACCEPTED_BELOW = 9007n * 10n ** 12n;
const TOP = 2n ** 53n - 1n;

describe('the roll of a draw', () => {
  it('uses the HMAC that createHmac computes', () => {
    const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const message = fc.string({ unit: 'binary-ascii', maxLength: 256 });
    fc.assert(
      fc.property(key, fc.array(message, { minLength: 1, maxLength: 4 }), (seed, messages) => {
        const roller = new Roller(seed, nodeSha256);
        // Several with one roller: a longer message before must leave nothing in the buffer.
        for (const text of messages) {
          assert.equal(
            roller.hmac(text),
            createHmac('sha256', seed).update(text).digest().toString('latin1'),
          );
        }
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it('refuses seeds of another length and messages beyond its buffer', () => {
    assert.throws(() => new Roller(new Uint8Array(31), nodeSha256), RangeError);
    assert.throws(() => new Roller(new Uint8Array(33), nodeSha256), RangeError);
    const roller = new Roller(new Uint8Array(32), nodeSha256);
    roller.hmac('x'.repeat(256));
    assert.throws(() => roller.hmac('x'.repeat(257)), RangeError);
  });

  it('holds the longest identity a draw can have', () => {
    const roller = new Roller(new Uint8Array(32), nodeSha256);
    const largest = {
      campaignId: 2 ** 31 - 1,
      drawNo: 10 ** 10,
      userId: 2 ** 31 - 1,
      clientSeed: 'z'.repeat(64),
    };
    const roll = roller.roll(largest);
    assert.ok(Number.isSafeInteger(roll) && roll >= 0 && roll < RANGE);
  });

  it('takes the first word whose top 53 bits are accepted', () => {
    assert.equal(firstAccepted(wordsOf(0n, TOP, TOP, TOP)), 0);
    assert.equal(firstAccepted(wordsOf(ACCEPTED_BELOW - 1n, 5n, 5n, 5n)), RANGE - 1);
    assert.equal(firstAccepted(wordsOf(ACCEPTED_BELOW, 7n, 5n, 5n)), 7);
    assert.equal(firstAccepted(wordsOf(TOP, ACCEPTED_BELOW, 10n ** 12n + 3n, 5n)), 3);
    assert.equal(firstAccepted(wordsOf(TOP, TOP, TOP, 42n)), 42);
    assert.equal(firstAccepted(wordsOf(TOP, TOP, TOP, ACCEPTED_BELOW)), undefined);
  });

  it('ignores the low 11 bits of a word and reads it big-endian', () => {
    const word = (0x0102030405060708n >> 11n) % 10n ** 12n;
    const bytes = '\x01\x02\x03\x04\x05\x06\x07\x08'.padEnd(32, '\x00');
    assert.equal(firstAccepted(bytes), Number(word));
    assert.equal(firstAccepted(bytes.replace('\x08', '\x09')), Number(word));
  });

  it('appends :1, :2 … to the message while all four words are rejected', () => {
    const rejected = wordsOf(TOP, TOP, TOP, TOP);
    const asked: string[] = [];
    // Answers the outer hash of the third attempt only with an accepted word.
    const sha256: Sha256 = {
      binary: (data) => {
        const inner = data[0] === 0x36;
        if (inner) asked.push(Buffer.from(data.subarray(64)).toString('latin1'));
        return !inner && asked.length === 3 ? wordsOf(9n, TOP, TOP, TOP) : rejected;
      },
      hex: () => assert.fail('a roll needs no hex'),
    };
    const roller = new Roller(new Uint8Array(32), sha256);
    assert.equal(roller.roll({ campaignId: 1, drawNo: 2, userId: 3, clientSeed: 'abc' }), 9);
    assert.deepEqual(asked, ['1:2:3:abc', '1:2:3:abc:1', '1:2:3:abc:2']);
  });
});

/** Four words with these top 53 bits; the low bits are ones, which must not matter. */
function wordsOf(...top53: bigint[]): string {
  const bytes = Buffer.alloc(32);
  top53.forEach((top, word) => bytes.writeBigUInt64BE((top << 11n) | 0x7ffn, word * 8));
  return bytes.toString('latin1');
}
