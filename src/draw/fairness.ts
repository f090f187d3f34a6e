/** The public fairness log: the text of each entry and the hash chain over them, exactly as `wire.md` publishes them. */
import type { Bonuses } from './odds.ts';
import type { Sha256 } from './roll.ts';

export interface SeedEntry {
  kind: 'seed';
  epoch: number;
  /** Lower-case hex of SHA-256 of the 32 seed bytes. */
  server_seed_hash: string;
}

export interface ConfigEntry {
  kind: 'config';
  table_version: number;
  /** Hex SHA-256 of the RFC 8785 JSON of the configuration. */
  config_hash: string;
}

export interface StockEntry {
  kind: 'stock';
  prize_id: number;
  delta: number;
  remaining: number;
}

export interface DrawEntry extends Bonuses {
  kind: 'draw';
  draw_no: number;
  user_id: number;
  client_seed: string;
  epoch: number;
  table_version: number;
  streak_before: number;
  roll: number;
  prize_id: number | null;
  is_guarantee: boolean;
}

export type ChainEntry = SeedEntry | ConfigEntry | StockEntry | DrawEntry;

/** The text that is hashed for an entry. */
export function entryText(entry: ChainEntry): string {
  switch (entry.kind) {
    case 'seed':
      return `seed|${entry.epoch}|${entry.server_seed_hash}`;
    case 'config':
      return `config|${entry.table_version}|${entry.config_hash}`;
    case 'stock':
      return `stock|${entry.prize_id}|${entry.delta}|${entry.remaining}`;
    case 'draw':
      return (
        `draw|${entry.draw_no}|${entry.user_id}|${entry.client_seed}|${entry.epoch}|${entry.table_version}` +
        `|${entry.level_bp}|${entry.period_bp}|${entry.pity_bp}|${entry.streak_before}|${entry.roll}` +
        `|${entry.prize_id ?? 0}|${entry.is_guarantee ? 1 : 0}`
      );
  }
}

/** Hex of the hash that the first entry of a campaign's log is chained to. */
export function genesisOf(campaignId: number, sha256: Sha256): string {
  return sha256.hex(`kaijiang:${campaignId}`);
}

/** Hex of SHA-256 of `previous|text`. */
export function chainHash(previous: string, entry: ChainEntry, sha256: Sha256): string {
  return sha256.hex(`${previous}|${entryText(entry)}`);
}
