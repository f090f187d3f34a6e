/**
 * Replays a campaign's public fairness log: everything published must follow from what was published before it, from the
 * revealed seeds, and from the rules of this folder. Runs wherever the engine runs.
 *
 * Entries are handed in one by one, in log order; what is kept grows with users, prizes and epochs, never with draws.
 * Draws of the epoch whose seed is not revealed yet are checked in all but the roll itself.
 */
import { DrawEngine, type Stock } from './engine.ts';
import {
  chainHash,
  genesisOf,
  type ChainEntry,
  type DrawEntry,
  type SeedEntry,
  type StockEntry,
} from './fairness.ts';
import {
  configProblems,
  findInterval,
  periodBonusOf,
  pityBonusOf,
  ROLL_RANGE,
  type DrawConfig,
} from './odds.ts';
import { Roller, type Sha256 } from './roll.ts';

/** draw_id = campaign_id × 10¹⁰ + draw_no. */
export const DRAWS_PER_CAMPAIGN = 10_000_000_000;

/** A seed epoch as it is published; the last three fields stay null until the seed is rotated. */
export interface PublishedEpoch {
  epoch: number;
  server_seed_hash: string;
  from_draw_no: number;
  to_draw_no: number | null;
  server_seed: string | null;
  revealed_at: string | null;
}

/** Commitments, revealed seeds and the position of the log at one moment. */
export interface PublishedFairness {
  campaign_id: number;
  genesis: string;
  chain_head: string;
  log_length: number;
  epochs: PublishedEpoch[];
}

/** `config` exactly as published, additions included: its hash is over all of it. */
export interface PublishedConfig {
  kind: 'config';
  table_version: number;
  config: DrawConfig;
}

export interface PublishedDraw extends DrawEntry {
  draw_id: number;
  rolled_prize_id: number | null;
  drawn_at: string;
}

export type LogItem = (SeedEntry | StockEntry | PublishedConfig | PublishedDraw) & {
  log_no: number;
  chain_hash: string;
};

/** What the caller's platform provides. */
export interface ReplayTools {
  sha256: Sha256;
  /** RFC 8785 */
  canonicalJson(value: unknown): string;
}

export interface ReplayCounts {
  draws: number;
  epochs: number;
  rollsRecomputed: number;
}

/** Published data that does not follow from the rest. */
export class Difference extends Error {
  override readonly name = 'Difference';

  /** @param logNo the entry that differs; null: the summary */
  constructor(
    readonly logNo: number | null,
    readonly field: string,
    readonly values: { expected: unknown; published: unknown },
  ) {
    super(`${field}: expected ${shown(values.expected)}, published ${shown(values.published)}`);
  }
}

/** One replay of one log, from its first entry. After a Difference it is of no further use. */
export class Replay {
  private logNo = 0;
  private head: string;
  private drawNo = 0;
  private tableVersion = 0;
  private engine: DrawEngine | undefined;
  private readonly stock: Stock = new Map();
  private readonly streaks = new Map<number, number>();
  private epochsSeen = 0;
  private roller: Roller | undefined;
  private rollsRecomputed = 0;

  /** @throws {Difference} when the summary contradicts itself. */
  constructor(
    private readonly published: PublishedFairness,
    private readonly tools: ReplayTools,
  ) {
    this.head = genesisOf(published.campaign_id, tools.sha256);
    expect(null, 'genesis', this.head, published.genesis);
    checkEpochs(published.epochs, tools.sha256);
  }

  get counts(): ReplayCounts {
    return { draws: this.drawNo, epochs: this.epochsSeen, rollsRecomputed: this.rollsRecomputed };
  }

  /** @throws {Difference} */
  apply(item: LogItem): void {
    expect(item.log_no, 'log_no', this.logNo + 1, item.log_no);
    this.logNo = item.log_no;
    const entry = this.check(item);
    this.head = chainHash(this.head, entry, this.tools.sha256);
    expect(item.log_no, 'chain_hash', this.head, item.chain_hash);
  }

  /** To be called after the last entry. @throws {Difference} */
  finish(): void {
    const { published } = this;
    expect(null, 'log_length', this.logNo, published.log_length);
    expect(null, 'chain_head', this.head, published.chain_head);
    expect(null, 'number of epochs', this.epochsSeen, published.epochs.length);
    const last = published.epochs.at(-1);
    if (last !== undefined && last.to_draw_no !== null) {
      expect(null, `epoch ${last.epoch}: to_draw_no`, this.drawNo, last.to_draw_no);
    }
  }

  private check(item: LogItem): ChainEntry {
    switch (item.kind) {
      case 'seed':
        this.checkSeed(item);
        return item;
      case 'config':
        return this.checkConfig(item);
      case 'stock':
        this.checkStock(item);
        return item;
      case 'draw':
        this.checkDraw(item);
        return item;
    }
  }

  private checkSeed({ log_no, epoch, server_seed_hash }: SeedEntry & { log_no: number }): void {
    const listed = this.published.epochs[this.epochsSeen];
    expect(log_no, 'epoch', listed?.epoch ?? 'no further epoch', epoch);
    expect(log_no, 'server_seed_hash', listed!.server_seed_hash, server_seed_hash);
    expect(log_no, `epoch ${epoch}: from_draw_no`, this.drawNo + 1, listed!.from_draw_no);
    this.epochsSeen += 1;
    const seed = listed!.server_seed;
    this.roller = seed === null ? undefined : new Roller(bytesOfHex(seed), this.tools.sha256);
  }

  private checkConfig({ log_no, table_version, config }: PublishedConfig & { log_no: number }): ChainEntry {
    expect(log_no, 'table_version', this.tableVersion + 1, table_version);
    const [problem] = configProblems(config);
    if (problem !== undefined)
      throw new Difference(log_no, 'config', { expected: 'no problem', published: problem });
    for (const { prize_id, stock } of config.prizes) {
      const walked = this.stock.get(prize_id);
      // A prize may become limited or unlimited by a new version; a number changes by draws and stock entries alone.
      if (typeof walked === 'number' && stock !== null)
        expect(log_no, `stock of prize ${prize_id}`, walked, stock);
      this.stock.set(prize_id, stock);
    }
    this.tableVersion = table_version;
    this.engine = new DrawEngine(config);
    return {
      kind: 'config',
      table_version,
      config_hash: this.tools.sha256.hex(this.tools.canonicalJson(config)),
    };
  }

  private checkStock({ log_no, prize_id, delta, remaining }: StockEntry & { log_no: number }): void {
    const walked = this.stock.get(prize_id);
    if (typeof walked !== 'number') {
      throw new Difference(log_no, 'prize_id', {
        expected: 'a prize with limited stock',
        published: prize_id,
      });
    }
    expect(log_no, 'remaining', walked + delta, remaining);
    if (remaining < 0)
      throw new Difference(log_no, 'remaining', { expected: 'at least 0', published: remaining });
    this.stock.set(prize_id, remaining);
  }

  private checkDraw(draw: PublishedDraw & { log_no: number }): void {
    const { log_no } = draw;
    const engine = this.engine;
    if (engine === undefined)
      throw new Difference(log_no, 'kind', { expected: 'config before draws', published: 'draw' });
    expect(log_no, 'draw_no', this.drawNo + 1, draw.draw_no);
    expect(log_no, 'draw_id', this.published.campaign_id * DRAWS_PER_CAMPAIGN + draw.draw_no, draw.draw_id);
    expect(log_no, 'table_version', this.tableVersion, draw.table_version);
    this.checkEpochOf(draw);
    const streak = this.streaks.get(draw.user_id) ?? 0;
    expect(log_no, 'streak_before', streak, draw.streak_before);
    checkBonuses(draw, engine.config);
    this.checkRoll(draw);
    const rolled = findInterval(engine.tableFor(draw), draw.roll);
    expect(log_no, 'rolled_prize_id', rolled.prizeId, draw.rolled_prize_id);
    const decision = engine.decide({ roll: draw.roll, bonuses: draw, streak, stock: this.stock });
    expect(log_no, 'prize_id', decision.prizeId, draw.prize_id);
    expect(log_no, 'is_guarantee', decision.isGuarantee, draw.is_guarantee);
    this.drawNo = draw.draw_no;
    this.streaks.set(draw.user_id, draw.prize_id === null ? streak + 1 : 0);
  }

  private checkEpochOf({ log_no, draw_no, epoch }: PublishedDraw & { log_no: number }): void {
    const committed = this.published.epochs[this.epochsSeen - 1];
    expect(log_no, 'epoch', committed?.epoch ?? 'seed before draws', epoch);
    const last = committed!.to_draw_no;
    if (last !== null && draw_no > last) {
      throw new Difference(log_no, `epoch ${epoch}: to_draw_no`, {
        expected: `at least ${draw_no}`,
        published: last,
      });
    }
  }

  private checkRoll(draw: PublishedDraw & { log_no: number }): void {
    const { log_no, draw_no: drawNo, user_id: userId, client_seed: clientSeed, roll } = draw;
    if (this.roller !== undefined) {
      const campaignId = this.published.campaign_id;
      expect(log_no, 'roll', this.roller.roll({ campaignId, drawNo, userId, clientSeed }), roll);
      this.rollsRecomputed += 1;
    } else if (!(Number.isSafeInteger(roll) && roll >= 0 && roll < ROLL_RANGE)) {
      throw new Difference(log_no, 'roll', { expected: `0 ≤ roll < ${ROLL_RANGE}`, published: roll });
    }
  }
}

/** Whether the bonuses of a draw are those that its configuration gives. @throws {Difference} */
export function checkBonuses(draw: PublishedDraw & { log_no: number }, config: DrawConfig): void {
  // A user's level is not public, so only that the bonus is one of the levels' can be told.
  const levels = Object.values(config.level_bonus_bp);
  if (draw.level_bp !== 0 && !levels.includes(draw.level_bp)) {
    throw new Difference(draw.log_no, 'level_bp', {
      expected: `one of 0, ${levels.join(', ')}`,
      published: draw.level_bp,
    });
  }
  expect(draw.log_no, 'period_bp', periodBonusOf(config, Date.parse(draw.drawn_at)), draw.period_bp);
  expect(draw.log_no, 'pity_bp', pityBonusOf(config, draw.streak_before), draw.pity_bp);
}

/** Epochs cover the draws without gaps, all but the last are revealed, and each revealed seed is the one committed to. */
function checkEpochs(epochs: readonly PublishedEpoch[], sha256: Sha256): void {
  let nextDrawNo = 1;
  epochs.forEach((epoch, at) => {
    const field = (name: string) => `epoch ${epoch.epoch}: ${name}`;
    expect(null, 'epoch', at + 1, epoch.epoch);
    expect(null, field('from_draw_no'), nextDrawNo, epoch.from_draw_no);
    const revealed = epoch.server_seed !== null;
    if (at < epochs.length - 1) expect(null, field('seed revealed'), true, revealed);
    expect(null, field('revealed_at is set'), revealed, epoch.revealed_at !== null);
    expect(null, field('to_draw_no is set'), revealed, epoch.to_draw_no !== null);
    if (epoch.server_seed === null) return;
    const hash = hexOfBytes(sha256.binary(bytesOfHex(epoch.server_seed)));
    expect(null, field('server_seed_hash'), hash, epoch.server_seed_hash);
    nextDrawNo = epoch.to_draw_no! + 1;
  });
}

function expect(logNo: number | null, field: string, expected: unknown, published: unknown): void {
  if (expected !== published) throw new Difference(logNo, field, { expected, published });
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : String(JSON.stringify(value));
}

/** @param hex two digits per byte */
export function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

/** @param bytes one character per byte */
export function hexOfBytes(bytes: string): string {
  return Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}
