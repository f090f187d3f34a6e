/** Proofs of single draws, as the API answers them, from a log. */
import { DrawEngine } from '../../src/draw/engine.ts';
import { findInterval, type DrawConfig } from '../../src/draw/odds.ts';
import type { Proof, Receipt } from '../../src/verifier/publishedShapes.ts';
import type { Published } from '../books/publishedLogs.ts';

export function proofsOf({ fairness, items }: Published): Proof[] {
  let config: DrawConfig | undefined;
  const proofs: Proof[] = [];
  for (const [at, item] of items.entries()) {
    if (item.kind === 'config') config = item.config;
    if (item.kind !== 'draw') continue;
    const { server_seed_hash, server_seed } = fairness.epochs[item.epoch - 1]!;
    const { from, to } = findInterval(new DrawEngine(config!).tableFor(item), item.roll);
    proofs.push({
      ...item,
      campaign_id: fairness.campaign_id,
      previous_hash: at === 0 ? fairness.genesis : items[at - 1]!.chain_hash,
      interval: { from, to },
      server_seed_hash,
      server_seed,
      config: config!,
    } as Proof);
  }
  return proofs;
}

/** What the device of the draw's diner has noted. */
export function receiptOf({
  draw_id,
  draw_no,
  prize_id,
  is_guarantee,
  roll,
  server_seed_hash,
  client_seed,
  drawn_at: received_at,
}: Proof): Receipt {
  return { draw_id, draw_no, prize_id, is_guarantee, roll, server_seed_hash, client_seed, received_at };
}

/** Each kind of tampering with a proof that was won, by name: what is changed. */
export const TAMPERINGS: Record<string, (proof: Proof) => void> = {
  'another seed': (proof) => (proof.server_seed = 'ab'.repeat(32)),
  'another commitment': (proof) => (proof.server_seed_hash = 'cd'.repeat(32)),
  'another roll': (proof) => (proof.roll = (proof.roll + 1) % 1_000_000_000_000),
  'another diner': (proof) => (proof.user_id += 1),
  'another word of the diner': (proof) => (proof.client_seed += '0'),
  'another number of the draw': (proof) => (proof.draw_no += 1),
  'another id of the draw': (proof) => (proof.draw_id += 1),
  'another prize': (proof) => (proof.prize_id = proof.prize_id === 3 ? 1 : 3),
  'no prize': (proof) => (proof.prize_id = null),
  'another rolled prize': (proof) => (proof.rolled_prize_id = null),
  'the guarantee': (proof) => (proof.is_guarantee = !proof.is_guarantee),
  'other chances': (proof) => (proof.config.prizes[0]!.p += 1),
  'another interval': (proof) => (proof.interval.to += 1),
  'another bonus of the level': (proof) => (proof.level_bp += 1),
  'another bonus of the period': (proof) => (proof.period_bp += 1),
  'another streak': (proof) => (proof.streak_before += 1),
  'another epoch': (proof) => (proof.epoch += 1),
  'another version of the table': (proof) => (proof.table_version += 1),
  'another link before': (proof) => (proof.previous_hash = '00'.repeat(32)),
  'another link': (proof) => (proof.chain_hash = '00'.repeat(32)),
};

export function tampered(proof: Proof, change: (proof: Proof) => void): Proof {
  const copy = structuredClone(proof);
  change(copy);
  return copy;
}
