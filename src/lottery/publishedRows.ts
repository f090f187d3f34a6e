/** Reads what is published of fairness: head and epochs, and the log in pages of two tables. */
import { And, LessThanOrEqual, MoreThan, type EntityManager } from 'typeorm';
import { LotteryDraw } from '../../entities/lottery/LotteryDraw.ts';
import { LotteryFairnessEntry } from '../../entities/lottery/LotteryFairnessEntry.ts';
import { fromSqlTime } from '../platform/database/sqlValues.ts';
import type { Database } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { toWireTime } from '../platform/shapes.ts';
import { readPackedRange } from './archive/packedDraws.ts';
import { decryptSeed } from './seeds.ts';
import type { DrawLogEntry, FairnessView, LogEntry } from './views.ts';

export interface LogPage {
  after: number;
  limit: number;
}

export interface EpochsAsked {
  afterEpoch: number;
  limit: number;
}

export interface PositionRow {
  chain_head: string;
  log_no: number | string;
  fairness_epoch: number;
  status: string;
}

interface FairnessRow extends PositionRow {
  epoch: number;
  server_seed_hash: string;
  server_seed: string | null;
  encrypted_seed: string;
  from_draw_no: number | string;
  to_draw_no: number | string | null;
  committed_at: Date | string;
  revealed_at: Date | string | null;
}

/** @throws AppError NOT_FOUND */
export async function readPosition(database: Database, campaignId: number): Promise<PositionRow> {
  const [row] = await database.read<PositionRow>(
    `SELECT chain_head, log_no, fairness_epoch, status FROM lottery_campaigns
     WHERE campaign_id = ? AND status <> 'draft' AND fairness_epoch > 0`,
    [campaignId],
  );
  if (row === undefined) throw new AppError('NOT_FOUND');
  return row;
}

/** One statement, so that head, length and epochs are of one moment while draws go on. @throws AppError NOT_FOUND */
export async function readEpochs(
  database: Database,
  campaignId: number,
  { afterEpoch, limit }: EpochsAsked,
  seedKey: Buffer,
): Promise<{ position: PositionRow; epochs: FairnessView['epochs']; next: number | undefined }> {
  const rows = await database.read<Omit<FairnessRow, 'epoch'> & { epoch: number | null }>(
    `SELECT c.chain_head, c.log_no, c.fairness_epoch, c.status, e.epoch, e.server_seed_hash, e.server_seed,
       CASE WHEN e.server_seed IS NULL THEN e.encrypted_seed END AS encrypted_seed, e.from_draw_no, e.to_draw_no,
       e.committed_at, e.revealed_at
     FROM lottery_campaigns c
     LEFT JOIN lottery_fairness_epochs e ON e.campaign_id = c.campaign_id AND e.epoch > ? AND e.epoch <= ?
     WHERE c.campaign_id = ? AND c.status <> 'draft' ORDER BY e.epoch`,
    [afterEpoch, afterEpoch + limit, campaignId],
  );
  const [position] = rows;
  if (position === undefined) throw new AppError('NOT_FOUND');
  const found = rows.filter((row): row is FairnessRow => row.epoch !== null);
  return {
    position,
    epochs: found.map((row) => ({
      epoch: row.epoch,
      server_seed_hash: row.server_seed_hash,
      server_seed: revealedSeed(row, seedKey),
      from_draw_no: Number(row.from_draw_no),
      to_draw_no: row.to_draw_no === null ? null : Number(row.to_draw_no),
      committed_at: toWireTime(fromSqlTime(row.committed_at)),
      revealed_at: row.revealed_at === null ? null : toWireTime(fromSqlTime(row.revealed_at)),
    })),
    next: afterEpoch + limit < position.fairness_epoch ? afterEpoch + limit : undefined,
  };
}

type PageOf = LogPage & { campaignId: number };

/**
 * Entries after `after`, in log order. Numbers have no gaps, so a page is a range of them. Two tables are read while draws go
 * on: what lies beyond the first number that one of them did not have yet belongs to the next page.
 */
export async function readEntries(manager: EntityManager, page: PageOf): Promise<LogEntry[]> {
  const entries = await readNumbered(manager, page);
  const gap = entries.findIndex((entry, at) => entry.log_no !== page.after + 1 + at);
  return gap === -1 ? entries : entries.slice(0, gap);
}

/** As readEntries, of what has been committed already: a number that is missing is missing. */
export async function readNumbered(
  manager: EntityManager,
  { campaignId, after, limit }: PageOf,
): Promise<LogEntry[]> {
  const where = { campaign_id: campaignId, log_no: And(MoreThan(after), LessThanOrEqual(after + limit)) };
  const [draws, others] = await Promise.all([
    manager.findBy(LotteryDraw, where),
    manager.findBy(LotteryFairnessEntry, where),
  ]);
  const packed =
    draws.length + others.length === limit
      ? []
      : await packedBeside(manager, draws, { campaignId, after, limit });
  return [...[...packed, ...draws].map(toDrawEntry), ...others.map(toOtherEntry)].sort(
    (a, b) => a.log_no - b.log_no,
  );
}

/** Those that are not among the draws that a look at their table has found. */
async function packedBeside(
  manager: EntityManager,
  draws: readonly LotteryDraw[],
  { campaignId, after, limit }: PageOf,
): Promise<LotteryDraw[]> {
  const range = { campaignId, column: 'log_no', from: after + 1, to: after + limit } as const;
  const known = new Set(draws.map((draw) => draw.draw_id));
  return (await readPackedRange(manager, range)).filter((draw) => !known.has(draw.draw_id));
}

/** null while it is in use. Only a seed that was revealed before they were kept in clear has to be decrypted. */
export function revealedSeed(
  epoch: Pick<FairnessRow, 'server_seed' | 'encrypted_seed'> & { revealed_at: unknown },
  seedKey: Buffer,
): string | null {
  if (epoch.revealed_at === null) return null;
  return epoch.server_seed ?? decryptSeed(epoch.encrypted_seed, seedKey).toString('hex');
}

export function toDrawEntry(draw: LotteryDraw): DrawLogEntry {
  return {
    log_no: draw.log_no,
    chain_hash: draw.chain_hash,
    kind: 'draw',
    draw_no: draw.draw_no,
    draw_id: draw.draw_id,
    user_id: draw.user_id,
    client_seed: draw.client_seed,
    epoch: draw.fairness_epoch,
    table_version: draw.table_version,
    level_bp: draw.level_bp,
    period_bp: draw.period_bp,
    pity_bp: draw.pity_bp,
    streak_before: draw.streak_before,
    roll: draw.roll,
    rolled_prize_id: draw.rolled_prize_id,
    prize_id: draw.prize_id,
    is_guarantee: draw.is_guarantee,
    drawn_at: draw.draw_time.toISOString(),
  };
}

function toOtherEntry({ log_no, chain_hash, kind, payload }: LotteryFairnessEntry): LogEntry {
  return { log_no, chain_hash, kind, ...JSON.parse(payload) } as LogEntry;
}
