/** The published side of fairness: commitments, revealed seeds, the log and the proof of one draw. */
import { MoreThan, And, LessThanOrEqual } from 'typeorm';
import { LotteryDraw } from '../../entities/LotteryDraw.ts';
import { LotteryFairnessEntry } from '../../entities/LotteryFairnessEntry.ts';
import { LotteryFairnessEpoch } from '../../entities/LotteryFairnessEpoch.ts';
import { fromSqlTime } from '../database/sqlValues.ts';
import type { Database } from '../database/transaction.ts';
import { genesisOf } from '../draw/fairness.ts';
import { AppError } from '../errors.ts';
import { toWireTime } from '../shapes.ts';
import { findCampaign } from './campaigns.ts';
import { decryptSeed } from './seeds.ts';
import { nodeSha256 } from './sha256.ts';
import type { DrawLogEntry, FairnessView, LogEntry, Proof } from './views.ts';

interface FairnessRow {
  chain_head: string;
  log_no: number | string;
  epoch: number;
  server_seed_hash: string;
  encrypted_seed: string;
  from_draw_no: number | string;
  to_draw_no: number | string | null;
  committed_at: Date | string;
  revealed_at: Date | string | null;
}

/** One statement, so that head, length and epochs are of one moment while draws go on. @throws AppError NOT_FOUND */
export async function readFairness(
  database: Database,
  campaignId: number,
  seedKey: Buffer,
): Promise<FairnessView> {
  const rows = await database.read<FairnessRow>(
    `SELECT c.chain_head, c.log_no, e.epoch, e.server_seed_hash, e.encrypted_seed, e.from_draw_no, e.to_draw_no,
       e.committed_at, e.revealed_at
     FROM lottery_campaigns c JOIN lottery_fairness_epochs e ON e.campaign_id = c.campaign_id
     WHERE c.campaign_id = ? AND c.status <> 'draft' ORDER BY e.epoch`,
    [campaignId],
  );
  const [first] = rows;
  if (first === undefined) throw new AppError('NOT_FOUND');
  return {
    campaign_id: campaignId,
    genesis: genesisOf(campaignId, nodeSha256),
    chain_head: first.chain_head,
    log_length: Number(first.log_no),
    epochs: rows.map((row) => ({
      epoch: row.epoch,
      server_seed_hash: row.server_seed_hash,
      server_seed: row.revealed_at === null ? null : decryptSeed(row.encrypted_seed, seedKey).toString('hex'),
      from_draw_no: Number(row.from_draw_no),
      to_draw_no: row.to_draw_no === null ? null : Number(row.to_draw_no),
      committed_at: toWireTime(fromSqlTime(row.committed_at)),
      revealed_at: row.revealed_at === null ? null : toWireTime(fromSqlTime(row.revealed_at)),
    })),
  };
}

/**
 * Entries after `after`, in log order. Numbers have no gaps, so a page is a range of them. Two tables are read while draws go
 * on: what lies beyond the first number that one of them did not have yet belongs to the next page.
 */
export async function readFairnessLog(
  database: Database,
  { campaignId, after, limit }: { campaignId: number; after: number; limit: number },
): Promise<LogEntry[]> {
  await findCampaign(database, campaignId);
  const where = { campaign_id: campaignId, log_no: And(MoreThan(after), LessThanOrEqual(after + limit)) };
  const [draws, others] = await Promise.all([
    database.reader.findBy(LotteryDraw, where),
    database.reader.findBy(LotteryFairnessEntry, where),
  ]);
  const entries = [...draws.map(toDrawEntry), ...others.map(toOtherEntry)].sort(
    (a, b) => a.log_no - b.log_no,
  );
  const gap = entries.findIndex((entry, at) => entry.log_no !== after + 1 + at);
  return gap === -1 ? entries : entries.slice(0, gap);
}

/** All that one draw can be checked with. @throws AppError NOT_FOUND */
export async function readProof(database: Database, drawId: number, seedKey: Buffer): Promise<Proof> {
  const draw = await database.reader.findOneBy(LotteryDraw, { draw_id: drawId });
  if (draw === null) throw new AppError('NOT_FOUND');
  const { campaign_id: campaignId, log_no: logNo } = draw;
  const [epoch, config, previousHash] = await Promise.all([
    database.reader.findOneByOrFail(LotteryFairnessEpoch, {
      campaign_id: campaignId,
      epoch: draw.fairness_epoch,
    }),
    database.reader.findOneOrFail(LotteryFairnessEntry, {
      where: { campaign_id: campaignId, kind: 'config', log_no: LessThanOrEqual(logNo) },
      order: { log_no: 'DESC' },
    }),
    readChainHash(database, campaignId, logNo - 1),
  ]);
  return {
    ...toDrawEntry(draw),
    campaign_id: campaignId,
    previous_hash: previousHash,
    interval: { from: draw.interval_from, to: draw.interval_to },
    server_seed_hash: epoch.server_seed_hash,
    server_seed:
      epoch.revealed_at === null ? null : decryptSeed(epoch.encrypted_seed, seedKey).toString('hex'),
    config: (JSON.parse(config.payload) as { config: Record<string, unknown> }).config,
  };
}

async function readChainHash(database: Database, campaignId: number, logNo: number): Promise<string> {
  const at = { campaign_id: campaignId, log_no: logNo };
  const entry =
    (await database.reader.findOneBy(LotteryDraw, at)) ??
    (await database.reader.findOneBy(LotteryFairnessEntry, at));
  return entry?.chain_hash ?? genesisOf(campaignId, nodeSha256);
}

function toDrawEntry(draw: LotteryDraw): DrawLogEntry {
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
