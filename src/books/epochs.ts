/** The seeds of a campaign as stored: what they are, and what the log and the commitments say of them. */
import { createHash } from 'node:crypto';
import { decryptSeed } from '../lottery/seeds.ts';
import type { Invariant } from './check.ts';
import type { Findings } from './checks.ts';
import type { Snapshot } from './snapshot.ts';
import type { LogWalk } from './walk.ts';

const SEEDS: Invariant = { rule: 'L-5', holds: 'the log commits to the seeds of the epochs, in their order' };
const REVEALED: Invariant = { rule: 'L-5', holds: 'each revealed seed is the one that was committed to' };
const IN_USE: Invariant = {
  rule: 'L-5',
  holds: 'the seed in use is the one that was committed to, and told to nobody',
};

interface EpochRow {
  epoch: number;
  server_seed_hash: string;
  encrypted_seed: string;
  server_seed: string | null;
  revealed_at: Date | string | null;
}

export interface StoredEpoch extends EpochRow {
  /** undefined: there is no key. */
  decrypted: { seed: Buffer } | { problem: string } | undefined;
}

/** @param seedKey opens the stored seeds; undefined: they are not looked at. */
export async function readEpochs(
  snapshot: Snapshot,
  campaignId: number,
  seedKey: Buffer | undefined,
): Promise<StoredEpoch[]> {
  const rows = await snapshot.query<EpochRow>(
    `SELECT epoch, server_seed_hash, encrypted_seed, server_seed, revealed_at FROM lottery_fairness_epochs
     WHERE campaign_id = ? ORDER BY epoch`,
    [campaignId],
  );
  return rows.map((row) => ({ ...row, decrypted: seedKey && decrypted(row.encrypted_seed, seedKey) }));
}

/** Those that the commitments are to, by epoch: no other says anything of the draws. */
export function seedsOf(epochs: readonly StoredEpoch[]): Map<number, Buffer> {
  const seeds = new Map<number, Buffer>();
  for (const { epoch, server_seed, server_seed_hash, decrypted } of epochs) {
    const clear = server_seed === null ? undefined : Buffer.from(server_seed, 'hex');
    const kept = decrypted !== undefined && 'seed' in decrypted ? decrypted.seed : undefined;
    const seed = [kept, clear].find((one) => one !== undefined && hashOf(one) === server_seed_hash);
    if (seed !== undefined) seeds.set(epoch, seed);
  }
  return seeds;
}

export function compareEpochs(epochs: readonly StoredEpoch[], walk: LogWalk, findings: Findings): void {
  for (let at = 0; at < Math.max(epochs.length, walk.seeds.length); at++) {
    const stored = epochs[at];
    const logged = walk.seeds[at];
    const place = `campaign_id ${walk.campaignId}, epoch ${stored?.epoch ?? logged?.epoch}`;
    if (stored?.epoch !== logged?.epoch || stored?.server_seed_hash !== logged?.server_seed_hash) {
      const [ours, theirs] = [stored, logged].map((seed) =>
        seed ? `${seed.epoch} ${seed.server_seed_hash}` : 'none',
      );
      findings.add(SEEDS, `${place}: stored ${ours}, in the log ${theirs}`);
    }
    if (stored !== undefined) compareSeeds(stored, place, findings);
  }
}

function compareSeeds(stored: StoredEpoch, place: string, findings: Findings): void {
  const { revealed_at, server_seed, server_seed_hash: committed, decrypted } = stored;
  const invariant = revealed_at === null ? IN_USE : REVEALED;
  const hash = decrypted && ('seed' in decrypted ? hashOf(decrypted.seed) : decrypted.problem);
  if (hash !== undefined && hash !== committed)
    findings.add(invariant, `${place}, encrypted_seed: committed to ${committed}, ${hash}`);
  if (server_seed === null) return;
  const told = hashOf(Buffer.from(server_seed, 'hex'));
  if (revealed_at === null) findings.add(invariant, `${place}, server_seed: it is told already`);
  else if (told !== committed)
    findings.add(invariant, `${place}, server_seed: committed to ${committed}, ${told}`);
}

function decrypted(encrypted: string, seedKey: Buffer): StoredEpoch['decrypted'] {
  try {
    return { seed: decryptSeed(encrypted, seedKey) };
  } catch (error) {
    // Changed at rest, or encrypted with another key: both are findings, not failures of the audit.
    return { problem: `it cannot be decrypted (${(error as Error).message})` };
  }
}

function hashOf(seed: Buffer): string {
  return createHash('sha256').update(seed).digest('hex');
}
