import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chainHash, entryText, genesisOf, type ChainEntry, type DrawEntry } from '../../src/draw/fairness.ts';
import { nodeSha256 } from '../../src/lottery/sha256.ts';

const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');

const DRAW: DrawEntry = {
  kind: 'draw',
  draw_no: 17,
  user_id: 42,
  client_seed: 'my_seed-1',
  epoch: 2,
  table_version: 3,
  level_bp: 100,
  period_bp: 200,
  pity_bp: 300,
  streak_before: 9,
  roll: 999_999_999_999,
  prize_id: 5,
  is_guarantee: true,
};

/** Expected texts are written out as the wire contract prints them. */
const TEXTS: [entry: ChainEntry, text: string][] = [
  [{ kind: 'seed', epoch: 1, server_seed_hash: 'ab'.repeat(32) }, `seed|1|${'ab'.repeat(32)}`],
  [{ kind: 'config', table_version: 4, config_hash: 'cd'.repeat(32) }, `config|4|${'cd'.repeat(32)}`],
  [{ kind: 'stock', prize_id: 5, delta: -10, remaining: 0 }, 'stock|5|-10|0'],
  [{ kind: 'stock', prize_id: 5, delta: 25, remaining: 30 }, 'stock|5|25|30'],
  [DRAW, 'draw|17|42|my_seed-1|2|3|100|200|300|9|999999999999|5|1'],
  [{ ...DRAW, prize_id: null, is_guarantee: false, roll: 0 }, 'draw|17|42|my_seed-1|2|3|100|200|300|9|0|0|0'],
];

describe('the fairness log', () => {
  for (const [entry, text] of TEXTS) {
    it(`L-5 hashes a ${entry.kind} entry as ${text.slice(0, 60)}`, () =>
      assert.equal(entryText(entry), text));
  }

  it('L-5 starts a chain from kaijiang: and the campaign', () => {
    assert.equal(genesisOf(7, nodeSha256), sha256('kaijiang:7'));
  });

  it('L-5 chains each entry to the one before', () => {
    let head = genesisOf(7, nodeSha256);
    let expected = sha256('kaijiang:7');
    for (const [entry, text] of TEXTS) {
      head = chainHash(head, entry, nodeSha256);
      expected = sha256(`${expected}|${text}`);
      assert.equal(head, expected);
    }
  });

  it('L-5 gives another chain when any field of any entry changes', () => {
    const headOf = (entries: ChainEntry[]) =>
      entries.reduce((head, entry) => chainHash(head, entry, nodeSha256), genesisOf(7, nodeSha256));
    const entries = TEXTS.map(([entry]) => entry);
    const original = headOf(entries);
    entries.forEach((entry, at) => {
      for (const [field, value] of Object.entries(entry)) {
        if (field === 'kind') continue;
        const changed = { ...entry, [field]: changedValue(value) };
        assert.notEqual(headOf(entries.with(at, changed)), original, `${entry.kind}.${field}`);
      }
    });
  });
});

function changedValue(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  return value === null ? 1 : `${String(value)}x`;
}
