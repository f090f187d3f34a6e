import assert from 'node:assert/strict';
import { nodeSha256 } from '../../src/lottery/sha256.ts';
import { canonicalJson } from '../../src/verifier/canonicalJson.ts';
import { checkProof, readProofFile } from '../../src/verifier/checkProof.ts';
import { NotPublished } from '../../src/verifier/verifyLog.ts';
import { playedLog } from './exportedFiles.ts';
import { proofsOf, receiptOf, TAMPERINGS, tampered } from './proofs.ts';

const TOOLS = { sha256: nodeSha256, canonicalJson };

describe('L-5 the proof of one draw', () => {
  const proofs = proofsOf(playedLog(200));
  const revealed = proofs.filter(({ server_seed }) => server_seed !== null);
  const won = revealed.find(({ prize_id, is_guarantee }) => prize_id === 2 && !is_guarantee)!;

  it('is valid for each draw, of all versions, by roll, fallback and guarantee', () => {
    for (const proof of revealed) {
      const { verdict, steps } = checkProof({ proof, receipt: receiptOf(proof) }, TOOLS);
      assert.equal(verdict, 'valid', JSON.stringify(steps));
    }
    assert.ok(revealed.some(({ is_guarantee }) => is_guarantee));
    assert.ok(revealed.some(({ rolled_prize_id, prize_id }) => rolled_prize_id !== prize_id));
    assert.ok(revealed.some(({ prize_id }) => prize_id === null));
  });

  it('is sealed while its seed is not public, and claims no more than it can show', () => {
    const sealed = proofs.find(({ server_seed }) => server_seed === null)!;
    const alone = checkProof({ proof: sealed }, TOOLS);
    assert.equal(alone.verdict, 'sealed');
    assert.deepEqual(
      alone.steps.map(({ state }) => state),
      ['waits', 'waits', 'agrees', 'agrees'],
    );
    const kept = checkProof({ proof: sealed, receipt: receiptOf(sealed) }, TOOLS);
    assert.deepEqual(
      kept.steps.map(({ state }) => state),
      ['agrees', 'agrees', 'waits', 'agrees', 'agrees'],
    );
  });

  for (const [name, change] of Object.entries(TAMPERINGS)) {
    it(`RW-12 is invalid with ${name}`, () => {
      const { verdict, steps } = checkProof({ proof: tampered(won, change) }, TOOLS);
      assert.equal(verdict, 'invalid');
      const [differing] = steps.filter(({ state }) => state === 'differs');
      assert.ok(differing!.field !== undefined && differing!.expected !== differing!.published);
    });
  }

  it('RW-12 is invalid where all of it was made anew, but the device had noted something else', () => {
    const other = revealed.find(({ user_id, draw_no }) => user_id === won.user_id && draw_no > won.draw_no)!;
    const { verdict, steps } = checkProof({ proof: other, receipt: receiptOf(won) }, TOOLS);
    assert.equal(verdict, 'invalid');
    assert.equal(steps[0]!.state, 'differs');
  });

  it('is read from a file of ours and from an answer of the API; anything else is told apart from a difference', () => {
    assert.equal(readProofFile(JSON.stringify({ proof: won })).proof.draw_id, won.draw_id);
    assert.equal(readProofFile(JSON.stringify({ success: true, data: won })).proof.draw_id, won.draw_id);
    for (const text of [
      '',
      '{',
      '{}',
      '[]',
      '{"proof":{}}',
      JSON.stringify({ proof: { ...won, roll: 'x' } }),
    ])
      assert.throws(() => readProofFile(text), NotPublished);
  });
});
