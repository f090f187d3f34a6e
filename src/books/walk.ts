import { z } from 'zod';
import { chainHash, genesisOf, type ChainEntry } from '../draw/fairness.ts';
import type { Stock } from '../draw/engine.ts';
import type { DrawConfig } from '../draw/odds.ts';
import { nodeSha256 } from '../lottery/sha256.ts';
import { canonicalJson } from '../verifier/canonicalJson.ts';
import type { Findings } from './checks.ts';
import type { Invariant } from './check.ts';
import type { Decisions, DrawLogRow } from './decisions.ts';

const CHAIN: Invariant = {
  rule: 'L-5',
  holds: 'each chain_hash follows from the entry and the one before it',
};
const PAYLOAD: Invariant = { rule: 'L-5', holds: 'each log entry has the fields of its kind' };
const WALK: Invariant = { rule: 'DRAW-3', holds: 'stock in the log follows from draws and stock entries' };
const STREAK: Invariant = { rule: 'L-6', holds: 'streak_before follows from the earlier draws of the user' };
const VERSION: Invariant = {
  rule: 'L-5',
  holds: 'each draw names the configuration and the seed published last',
};
const DECIDED: Invariant = {
  rule: 'L-5',
  holds: 'each draw is what its seed, chances, streak and stock make of it',
};
const SOUND: Invariant = { rule: 'L-5', holds: 'each published configuration can be drawn with' };

export interface EntryLogRow {
  log_no: number | string;
  kind: string;
  payload: string;
  chain_hash: string;
}

/** What the draws of one user add up to. prizeValue in 1/100 points. */
export interface Counted {
  draws: number;
  wins: number;
  streak: number;
  prizeValue: number;
  firstDrawNo: number;
}

const prizeShape = z.looseObject({ prize_id: z.int(), value: z.string(), stock: z.int().nullable() });
/** Within `config` everything is kept: its hash is over all of it. */
const payloadShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('seed'), epoch: z.int(), server_seed_hash: z.string() }),
  z.object({ kind: z.literal('stock'), prize_id: z.int(), delta: z.int(), remaining: z.int() }),
  z.object({
    kind: z.literal('config'),
    table_version: z.int(),
    config: z.looseObject({ prizes: z.array(prizeShape) }),
  }),
]);
type Payload = z.output<typeof payloadShape>;

/**
 * Goes along one campaign's log as stored, in log_no order. After a violation it goes on from what is stored, so that one
 * wrong entry is not reported once for every entry behind it.
 */
export class LogWalk {
  head: string;
  tableVersion = 0;
  readonly seeds: { epoch: number; server_seed_hash: string }[] = [];
  readonly stock: Stock = new Map();
  readonly counted = new Map<number, Counted>();
  /** 1/100 points, by the configuration in effect. */
  private readonly values = new Map<number, number>();

  /** The one in effect; undefined: it cannot be drawn with. */
  config: DrawConfig | undefined;

  constructor(
    readonly campaignId: number,
    private readonly decisions: Decisions,
    private readonly findings: Findings,
  ) {
    this.head = genesisOf(campaignId, nodeSha256);
  }

  entry(row: EntryLogRow): void {
    const payload = this.payloadOf(row);
    if (payload === undefined) {
      this.head = row.chain_hash;
      return;
    }
    this.chain(row, toChainEntry(payload));
    if (payload.kind === 'seed') this.seeds.push(payload);
    else if (payload.kind === 'stock') this.changeStock(row, payload);
    else this.publish(row, payload);
  }

  draw(row: DrawLogRow): void {
    const drawNo = Number(row.draw_no);
    const prizeId = row.prize_id;
    this.chain(row, {
      kind: 'draw',
      draw_no: drawNo,
      user_id: row.user_id,
      client_seed: row.client_seed,
      epoch: row.fairness_epoch,
      table_version: row.table_version,
      level_bp: row.level_bp,
      period_bp: row.period_bp,
      pity_bp: row.pity_bp,
      streak_before: row.streak_before,
      roll: Number(row.roll),
      prize_id: prizeId,
      is_guarantee: Number(row.is_guarantee) === 1,
    });
    const epoch = this.seeds.at(-1)?.epoch;
    if (row.table_version !== this.tableVersion || row.fairness_epoch !== epoch) {
      const named = `table_version ${row.table_version}, fairness_epoch ${row.fairness_epoch}`;
      this.report(VERSION, row, `${named}; published last ${this.tableVersion}, ${epoch ?? 'none'}`);
    }
    const streak = this.counted.get(row.user_id)?.streak ?? 0;
    const faults = this.decisions.faultsOf(row, { streak, stock: this.stock });
    if (faults.length > 0) this.report(DECIDED, row, `draw_no ${drawNo}: ${faults.join('; ')}`);
    if (prizeId !== null) this.takeStock(row, prizeId);
    this.count(row, drawNo);
  }

  private count(row: DrawLogRow, drawNo: number): void {
    let user = this.counted.get(row.user_id);
    if (user === undefined) {
      user = { draws: 0, wins: 0, streak: 0, prizeValue: 0, firstDrawNo: drawNo };
      this.counted.set(row.user_id, user);
    }
    if (row.streak_before !== user.streak) {
      this.report(
        STREAK,
        row,
        `user_id ${row.user_id}, streak_before ${row.streak_before}, counted ${user.streak}`,
      );
    }
    user.draws += 1;
    if (row.prize_id === null) {
      user.streak += 1;
      return;
    }
    user.streak = 0;
    user.wins += 1;
    user.prizeValue += this.values.get(row.prize_id) ?? 0;
  }

  private takeStock(row: DrawLogRow, prizeId: number): void {
    const remaining = this.stock.get(prizeId);
    if (remaining === null) return;
    if (remaining === undefined || remaining === 0) {
      this.report(WALK, row, `prize_id ${prizeId} given with ${remaining ?? 'no'} stock`);
    } else {
      this.stock.set(prizeId, remaining - 1);
    }
  }

  private changeStock(
    row: EntryLogRow,
    { prize_id, delta, remaining }: Extract<Payload, { kind: 'stock' }>,
  ): void {
    const expected = (this.stock.get(prize_id) ?? NaN) + delta;
    if (expected !== remaining || remaining < 0) {
      this.report(WALK, row, `prize_id ${prize_id}, remaining ${remaining}, expected ${expected}`);
    }
    this.stock.set(prize_id, remaining);
  }

  private publish(row: EntryLogRow, { table_version, config }: Extract<Payload, { kind: 'config' }>): void {
    if (table_version !== this.tableVersion + 1) {
      this.report(VERSION, row, `table_version ${table_version} after ${this.tableVersion}`);
    }
    this.tableVersion = table_version;
    const problem = this.decisions.publish(config);
    this.config = problem === undefined ? (config as unknown as DrawConfig) : undefined;
    if (problem !== undefined) this.report(SOUND, row, problem);
    for (const { prize_id, stock, value } of config.prizes) {
      const walked = this.stock.get(prize_id);
      if (typeof walked === 'number' && stock !== null && walked !== stock) {
        this.report(WALK, row, `prize_id ${prize_id}, stock ${stock}, expected ${walked}`);
      }
      this.stock.set(prize_id, stock);
      this.values.set(prize_id, Math.round(Number(value) * 100));
    }
  }

  private chain(row: { log_no: number | string; chain_hash: string }, entry: ChainEntry): void {
    const expected = chainHash(this.head, entry, nodeSha256);
    if (expected !== row.chain_hash)
      this.report(CHAIN, row, `chain_hash ${row.chain_hash}, expected ${expected}`);
    this.head = row.chain_hash;
  }

  private payloadOf(row: EntryLogRow): Payload | undefined {
    let payload: unknown;
    try {
      payload = JSON.parse(row.payload);
    } catch (error) {
      this.report(PAYLOAD, row, (error as Error).message);
      return undefined;
    }
    const parsed = payloadShape.safeParse({ ...(payload as object), kind: row.kind });
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    this.report(PAYLOAD, row, `${issue!.path.join('.')} ${issue!.message}`);
    return undefined;
  }

  private report(invariant: Invariant, row: { log_no: number | string }, found: string): void {
    this.findings.add(invariant, `campaign_id ${this.campaignId}, log_no ${row.log_no}: ${found}`);
  }
}

function toChainEntry(payload: Payload): ChainEntry {
  if (payload.kind !== 'config') return payload;
  const { kind, table_version, config } = payload;
  return { kind, table_version, config_hash: nodeSha256.hex(canonicalJson(config)) };
}
