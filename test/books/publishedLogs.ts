import { randomBytes } from 'node:crypto';
import { canonicalJson } from '../../src/verifier/canonicalJson.ts';
import { DrawEngine, type Stock } from '../../src/draw/engine.ts';
import { chainHash, genesisOf, type ChainEntry } from '../../src/draw/fairness.ts';
import { levelBonusOf, periodBonusOf, pityBonusOf, type DrawConfig } from '../../src/draw/odds.ts';
import type { LogItem, PublishedEpoch, PublishedFairness } from '../../src/draw/replay.ts';
import { Roller } from '../../src/draw/roll.ts';
import { nodeSha256 } from '../../src/lottery/sha256.ts';

export const CAMPAIGN_ID = 7;
const COMMITTED_AT = '2026-03-01T04:00:00.000Z';

export interface Published {
  fairness: PublishedFairness;
  items: LogItem[];
}

/** Plays a campaign with the engine and publishes its log as the product does. */
export class LogWriter {
  readonly items: LogItem[] = [];
  private readonly epochs: (PublishedEpoch & { committed_at: string })[] = [];
  private readonly stock: Stock = new Map();
  private readonly streaks = new Map<number, number>();
  private engine: DrawEngine | undefined;
  private seed = '';
  private roller: Roller | undefined;
  private drawNo = 0;
  private tableVersion = 0;

  /** Reveals the seed in use, if any, and commits to the next. */
  rotate(seed: Buffer = randomBytes(32)): this {
    this.end();
    const epoch = this.epochs.length + 1;
    const server_seed_hash = hexSha256(seed);
    this.seed = seed.toString('hex');
    this.roller = new Roller(seed, nodeSha256);
    this.epochs.push({
      epoch,
      server_seed_hash,
      server_seed: null,
      from_draw_no: this.drawNo + 1,
      to_draw_no: null,
      committed_at: COMMITTED_AT,
      revealed_at: null,
    });
    this.append({ kind: 'seed', epoch, server_seed_hash });
    return this;
  }

  /** Reveals the last seed. */
  end(): this {
    const last = this.epochs.at(-1);
    if (last !== undefined)
      Object.assign(last, { server_seed: this.seed, to_draw_no: this.drawNo, revealed_at: COMMITTED_AT });
    return this;
  }

  publish(config: DrawConfig): this {
    const withStock = {
      ...config,
      prizes: config.prizes.map((prize) => ({
        ...prize,
        stock: this.stock.get(prize.prize_id) ?? prize.stock,
      })),
    };
    for (const prize of withStock.prizes) this.stock.set(prize.prize_id, prize.stock);
    this.engine = new DrawEngine(withStock);
    this.append({ kind: 'config', table_version: ++this.tableVersion, config: withStock });
    return this;
  }

  addStock(prize_id: number, delta: number): this {
    const remaining = this.stock.get(prize_id)! + delta;
    this.stock.set(prize_id, remaining);
    this.append({ kind: 'stock', prize_id, delta, remaining });
    return this;
  }

  draw(user_id: number, { level = 1, drawn_at = COMMITTED_AT, client_seed = String(user_id) } = {}): this {
    const { config } = this.engine!;
    const streak = this.streaks.get(user_id) ?? 0;
    const draw_no = ++this.drawNo;
    const bonuses = {
      level_bp: levelBonusOf(config, level),
      period_bp: periodBonusOf(config, Date.parse(drawn_at)),
      pity_bp: pityBonusOf(config, streak),
    };
    const roll = this.roller!.roll({
      campaignId: CAMPAIGN_ID,
      drawNo: draw_no,
      userId: user_id,
      clientSeed: client_seed,
    });
    const { rolled, prizeId, isGuarantee } = this.engine!.decide({
      roll,
      bonuses,
      streak,
      stock: this.stock,
    });
    this.streaks.set(user_id, prizeId === null ? streak + 1 : 0);
    this.append({
      kind: 'draw',
      draw_no,
      draw_id: CAMPAIGN_ID * 1e10 + draw_no,
      user_id,
      client_seed,
      epoch: this.epochs.length,
      table_version: this.tableVersion,
      ...bonuses,
      streak_before: streak,
      roll,
      rolled_prize_id: rolled.prizeId,
      prize_id: prizeId,
      is_guarantee: isGuarantee,
      drawn_at,
    });
    return this;
  }

  published(): Published {
    return chained({
      fairness: {
        campaign_id: CAMPAIGN_ID,
        genesis: genesisOf(CAMPAIGN_ID, nodeSha256),
        chain_head: '',
        log_length: 0,
        epochs: structuredClone(this.epochs),
      },
      items: structuredClone(this.items),
    });
  }

  private append(item: DistributiveOmit<LogItem, 'log_no' | 'chain_hash'>): void {
    this.items.push({ log_no: this.items.length + 1, chain_hash: '', ...item });
  }
}

type DistributiveOmit<T, Key extends PropertyKey> = T extends unknown ? Omit<T, Key> : never;

/** The same data with numbers, hashes and head made consistent: what an operator who cheats would publish. */
export function chained({ fairness, items }: Published): Published {
  let head = fairness.genesis;
  const linked = items.map((item, at) => {
    head = chainHash(head, entryOf(item), nodeSha256);
    return { ...item, log_no: at + 1, chain_hash: head };
  });
  return { fairness: { ...fairness, chain_head: head, log_length: linked.length }, items: linked };
}

export function hexSha256(bytes: Uint8Array): string {
  return Buffer.from(nodeSha256.binary(bytes), 'latin1').toString('hex');
}

function entryOf(item: LogItem): ChainEntry {
  if (item.kind !== 'config') return item;
  const { table_version, config } = item;
  return { kind: 'config', table_version, config_hash: nodeSha256.hex(canonicalJson(config)) };
}
