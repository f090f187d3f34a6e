/** The product's own engine, in this browser: it asks no server. Loaded by the pages that verify. */
import '../../../src/verifier/oldBrowsers.ts';
import '../../../src/verifier/withoutEval.ts';
import { canonicalJson } from '../../../src/verifier/canonicalJson.ts';
import { checkProof, type ProofCheck, type ProofFile } from '../../../src/verifier/checkProof.ts';
import { nobleSha256 } from '../../../src/verifier/nobleSha256.ts';

export { readProofFile, type ProofFile } from '../../../src/verifier/checkProof.ts';

export function checkHere(file: ProofFile): ProofCheck {
  return checkProof(file, { sha256: nobleSha256, canonicalJson });
}
