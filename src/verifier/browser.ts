/** The verifier for pages: built to dist/client/verifier.js. What it is given stays in the browser, and it asks no server. */
import './oldBrowsers.ts';
import './withoutEval.ts';
import type { ReplayCounts, ReplayTools } from '../draw/replay.ts';
import { canonicalJson } from './canonicalJson.ts';
import { checkProof, readProofFile, type ProofCheck } from './checkProof.ts';
import { ExportedLog } from './exportedLog.ts';
import { nobleSha256 } from './nobleSha256.ts';
import { verifyLog, type Verdict } from './verifyLog.ts';

const TOOLS: ReplayTools = { sha256: nobleSha256, canonicalJson };
const CHUNK_BYTES = 256 * 1024;

export interface Verified {
  /** 0: all agrees, 1: a difference, 2: it is no file that could be verified. */
  verdict: Verdict;
  /** What `npm run verify -- --file` prints of the same file. */
  lines: string[];
  /** Where all agrees: how many draws there are, and of how many the roll was worked out again. */
  counts?: ReplayCounts;
}

/** Verifies a file of GET /lottery/campaigns/:id/fairness-export, as an <input type="file"> or fetch gives it. */
export async function verifyFile(file: Blob & { name?: string }): Promise<Verified> {
  const lines: string[] = [];
  const log = new ExportedLog({ name: file.name ?? 'the file', chunks: () => chunksOf(file) });
  let counts: ReplayCounts | undefined;
  const verdict = await verifyLog(
    log,
    TOOLS,
    (line) => lines.push(line),
    (found) => (counts = found),
  );
  return { verdict, lines, ...(counts !== undefined && { counts }) };
}

/**
 * Verifies one draw by its proof, without the rest of the log.
 * @param text an answer of GET /lottery/draws/:id/proof, or the file that the page of a draw saves
 * @throws {Error} it is no proof
 */
export function verifyProof(text: string): ProofCheck {
  return checkProof(readProofFile(text), TOOLS);
}

/** Not by its stream: Safari 14 has none, and no other reads one by `for await` before 2024. */
async function* chunksOf(file: Blob): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.size; at += CHUNK_BYTES)
    yield new Uint8Array(await file.slice(at, at + CHUNK_BYTES).arrayBuffer());
}
