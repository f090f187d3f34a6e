/** The published side of fairness: commitments, revealed seeds, the log and the proof of one draw. */
import { MoreThan, And, LessThanOrEqual } from 'typeorm';
import { LotteryDraw } from '../../entities/lottery/LotteryDraw.ts';
import { LotteryFairnessEntry } from '../../entities/lottery/LotteryFairnessEntry.ts';
import { LotteryFairnessEpoch } from '../../entities/lottery/LotteryFairnessEpoch.ts';
import { fromSqlTime } from '../platform/database/sqlValues.ts';
import type { Database } from '../platform/database/transaction.ts';
import { genesisOf } from '../draw/fairness.ts';
import { AppError } from '../platform/errors.ts';
import { jsonPiece, KeptPieces, type JsonPiece } from '../platform/jsonPieces.ts';
import { LIMITS } from '../platform/limits.ts';
import { toWireTime } from '../platform/shapes.ts';
import { findCampaign } from './campaigns.ts';
import { decryptSeed } from './seeds.ts';
import { nodeSha256 } from './sha256.ts';
import type { DrawLogEntry, FairnessView, LogEntry, Proof } from './views.ts';

/** What was published of one campaign, as the JSON of `data`. */
export interface PublishedJson {
  pieces: JsonPiece[];
  /** Differs when anything of it does. */
  etag: string;
  /** It will never be other than it is. */
  isFinal: boolean;
}

/**
 * The public data of fairness for whoever asks, which may be anybody, as often as they like: what does not change is kept as it
 * is sent, for a while: the epochs of a campaign until its seed is next rotated or revealed, and full pages of its log.
 */
export class PublishedFairness {
  private readonly kept: KeptPieces;
  /** Of the epochs of a campaign that are kept: which they are. */
  private readonly epochsKept = new Map<string, EpochsKept>();

  constructor(
    private readonly database: Database,
    private readonly seedKey: Buffer,
    maxBytes: number = LIMITS.keptFairnessBytes,
  ) {
    this.kept = new KeptPieces(maxBytes, KEPT_FOR_MS);
  }

  /** Epochs after `afterEpoch`, `limit` at most, with the head and length of the log at the same moment. @throws AppError NOT_FOUND */
  async fairness(campaignId: number, { afterEpoch, limit }: EpochsAsked): Promise<PublishedJson> {
    const key = `epochs:${campaignId}:${afterEpoch}:${limit}`;
    const position = await readPosition(this.database, campaignId);
    // Only now: what another call has kept meanwhile belongs together.
    const known = this.epochsKept.get(key);
    const kept = known !== undefined && isSame(known, position) ? this.kept.get(key) : undefined;
    if (kept !== undefined) return published(campaignId, position, { ...known!, epochs: kept });
    const view = await readEpochs(this.database, campaignId, { afterEpoch, limit }, this.seedKey);
    const epochs = await jsonPiece(JSON.stringify(view.epochs));
    const { fairness_epoch, status } = view.position;
    const stamp = { fairness_epoch, status, next: view.next };
    this.kept.keep(key, epochs);
    this.keepStamp(key, stamp);
    return published(campaignId, view.position, { ...stamp, epochs });
  }

  private keepStamp(key: string, stamp: EpochsKept): void {
    this.epochsKept.delete(key);
    this.epochsKept.set(key, stamp);
    const [oldest] = this.epochsKept.keys();
    if (this.epochsKept.size > MAX_STAMPS && oldest !== undefined) this.epochsKept.delete(oldest);
  }

  /** Entries after `after`, in log order. @throws AppError NOT_FOUND */
  async log(campaignId: number, { after, limit }: { after: number; limit: number }): Promise<PublishedJson> {
    const key = `log:${campaignId}:${after}:${limit}`;
    const etag = (last: number) => `${campaignId}-${after}-${last}`;
    const kept = this.kept.get(key);
    if (kept !== undefined) return { pieces: [kept], etag: etag(after + limit), isFinal: true };
    const items = await readFairnessLog(this.database, { campaignId, after, limit });
    const piece = await jsonPiece(JSON.stringify({ items }));
    const isFinal = items.length === limit;
    // Those that verifiers ask for; pages that begin anywhere would put them out.
    if (isFinal && limit === LIMITS.fairnessLogPage && after % limit === 0) this.kept.keep(key, piece);
    return { pieces: [piece], etag: etag(after + items.length), isFinal };
  }
}

/** Whoever checks what is stored is not shown for longer what once was. */
const KEPT_FOR_MS = 60_000;
const MAX_STAMPS = 10_000;

export interface EpochsAsked {
  afterEpoch: number;
  limit: number;
}

/** Everything that the epochs depend on, and where the next page begins. */
interface EpochsKept {
  fairness_epoch: number;
  status: string;
  next: number | undefined;
}

function isSame(a: Pick<EpochsKept, 'fairness_epoch' | 'status'>, b: typeof a): boolean {
  return a.fairness_epoch === b.fairness_epoch && a.status === b.status;
}

interface PositionRow {
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

async function published(
  campaignId: number,
  { chain_head, log_no, fairness_epoch, status }: PositionRow,
  { next, epochs }: EpochsKept & { epochs: JsonPiece },
): Promise<PublishedJson> {
  const head: Omit<FairnessView, 'epochs'> = {
    campaign_id: campaignId,
    genesis: genesisOf(campaignId, nodeSha256),
    chain_head,
    log_length: Number(log_no),
    ...(next === undefined ? {} : { next_after_epoch: next }),
  };
  const before = await jsonPiece(`${JSON.stringify(head).slice(0, -1)},"epochs":`);
  const etag = `${campaignId}-${log_no}-${fairness_epoch}-${status}-${epochs.text.length}`;
  return { pieces: [before, epochs, await jsonPiece('}')], etag, isFinal: false };
}

/** @throws AppError NOT_FOUND */
async function readPosition(database: Database, campaignId: number): Promise<PositionRow> {
  const [row] = await database.read<PositionRow>(
    `SELECT chain_head, log_no, fairness_epoch, status FROM lottery_campaigns
     WHERE campaign_id = ? AND status <> 'draft' AND fairness_epoch > 0`,
    [campaignId],
  );
  if (row === undefined) throw new AppError('NOT_FOUND');
  return row;
}

/** One statement, so that head, length and epochs are of one moment while draws go on. @throws AppError NOT_FOUND */
async function readEpochs(
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

/**
 * Entries after `after`, in log order. Numbers have no gaps, so a page is a range of them. Two tables are read while draws go
 * on: what lies beyond the first number that one of them did not have yet belongs to the next page.
 */
async function readFairnessLog(
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

/** All that one draw can be checked with; of the primary, so that whoever has just drawn has it. @throws AppError NOT_FOUND */
export async function readProof(database: Database, drawId: number, seedKey: Buffer): Promise<Proof> {
  const draw = await database.currentReader.findOneBy(LotteryDraw, { draw_id: drawId });
  if (draw === null) throw new AppError('NOT_FOUND');
  const { campaign_id: campaignId, log_no: logNo } = draw;
  const [epoch, config, previousHash] = await Promise.all([
    database.currentReader.findOneByOrFail(LotteryFairnessEpoch, {
      campaign_id: campaignId,
      epoch: draw.fairness_epoch,
    }),
    database.currentReader.findOneOrFail(LotteryFairnessEntry, {
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
    server_seed: revealedSeed(epoch, seedKey),
    config: (JSON.parse(config.payload) as { config: Record<string, unknown> }).config,
  };
}

async function readChainHash(database: Database, campaignId: number, logNo: number): Promise<string> {
  const at = { campaign_id: campaignId, log_no: logNo };
  const entry =
    (await database.currentReader.findOneBy(LotteryDraw, at)) ??
    (await database.currentReader.findOneBy(LotteryFairnessEntry, at));
  return entry?.chain_hash ?? genesisOf(campaignId, nodeSha256);
}

/** null while it is in use. Only a seed that was revealed before they were kept in clear has to be decrypted. */
function revealedSeed(
  epoch: Pick<FairnessRow, 'server_seed' | 'encrypted_seed'> & { revealed_at: unknown },
  seedKey: Buffer,
): string | null {
  if (epoch.revealed_at === null) return null;
  return epoch.server_seed ?? decryptSeed(epoch.encrypted_seed, seedKey).toString('hex');
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
