/** The published side of fairness: commitments, revealed seeds, the log and the proof of one draw. */
import { LessThanOrEqual } from 'typeorm';
import { LotteryDraw } from '../../entities/lottery/LotteryDraw.ts';
import { LotteryFairnessEntry } from '../../entities/lottery/LotteryFairnessEntry.ts';
import { LotteryFairnessEpoch } from '../../entities/lottery/LotteryFairnessEpoch.ts';
import type { Database } from '../platform/database/transaction.ts';
import { genesisOf } from '../draw/fairness.ts';
import { AppError } from '../platform/errors.ts';
import { jsonPiece, KeptPieces, type JsonPiece } from '../platform/jsonPieces.ts';
import { LIMITS } from '../platform/limits.ts';
import { findPackedDraw, readPackedRange } from './archive/packedDraws.ts';
import { findCampaign } from './campaigns.ts';
import {
  readEntries,
  readEpochs,
  readPosition,
  revealedSeed,
  toDrawEntry,
  type EpochsAsked,
  type LogPage,
  type PositionRow,
} from './publishedRows.ts';
import { nodeSha256 } from './sha256.ts';
import type { FairnessView, LogEntry, Proof } from './views.ts';

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
  async log(campaignId: number, { after, limit }: LogPage): Promise<PublishedJson> {
    const etag = (last: number) => `${campaignId}-${after}-${last}`;
    const kept = this.keptEntries(campaignId, { after, limit });
    if (kept !== undefined) return { pieces: await listOf(kept), etag: etag(after + limit), isFinal: true };
    await findCampaign(this.database, campaignId);
    const items = await readEntries(this.database.reader, { campaignId, after, limit });
    const piece = await jsonPiece(linesOf(items));
    const isFinal = items.length === limit;
    // Those that verifiers ask for; pages that begin anywhere would put them out.
    if (isFinal && limit === LIMITS.fairnessLogPage && after % limit === 0)
      this.kept.keep(logKey(campaignId, { after, limit }), piece);
    return { pieces: await listOf(piece), etag: etag(after + items.length), isFinal };
  }

  /** A page as linesOf makes it, if it is kept. */
  keptEntries(campaignId: number, page: LogPage): JsonPiece | undefined {
    return this.kept.get(logKey(campaignId, page));
  }
}

function logKey(campaignId: number, { after, limit }: LogPage): string {
  return `log:${campaignId}:${after}:${limit}`;
}

async function listOf(lines: JsonPiece): Promise<JsonPiece[]> {
  return [await jsonPiece('{"items":['), lines, await jsonPiece(']}')];
}

/** Entries as they stand within a list of JSON, each on a line of its own. */
export function linesOf(entries: readonly LogEntry[]): string {
  return entries.map((entry) => JSON.stringify(entry)).join(',\n');
}

/** Whoever checks what is stored is not shown for longer what once was. */
const KEPT_FOR_MS = 60_000;
const MAX_STAMPS = 10_000;

/** Everything that the epochs depend on, and where the next page begins. */
interface EpochsKept {
  fairness_epoch: number;
  status: string;
  next: number | undefined;
}

function isSame(a: Pick<EpochsKept, 'fairness_epoch' | 'status'>, b: typeof a): boolean {
  return a.fairness_epoch === b.fairness_epoch && a.status === b.status;
}

/** The JSON of `fairness` up to its epochs. */
export function fairnessHead(campaignId: number, { chain_head, log_no }: PositionRow, next?: number): string {
  const head: Omit<FairnessView, 'epochs'> = {
    campaign_id: campaignId,
    genesis: genesisOf(campaignId, nodeSha256),
    chain_head,
    log_length: Number(log_no),
    ...(next === undefined ? {} : { next_after_epoch: next }),
  };
  return `${JSON.stringify(head).slice(0, -1)},"epochs":`;
}

async function published(
  campaignId: number,
  position: PositionRow,
  { next, epochs }: EpochsKept & { epochs: JsonPiece },
): Promise<PublishedJson> {
  const { log_no, fairness_epoch, status } = position;
  const before = await jsonPiece(fairnessHead(campaignId, position, next));
  const etag = `${campaignId}-${log_no}-${fairness_epoch}-${status}-${epochs.text.length}`;
  return { pieces: [before, epochs, await jsonPiece('}')], etag, isFinal: false };
}

/** All that one draw can be checked with; of the primary, so that whoever has just drawn has it. @throws AppError NOT_FOUND */
export async function readProof(database: Database, drawId: number, seedKey: Buffer): Promise<Proof> {
  const draw =
    (await database.currentReader.findOneBy(LotteryDraw, { draw_id: drawId })) ??
    (await findPackedDraw(database.currentReader, drawId));
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
    (await database.currentReader.findOneBy(LotteryFairnessEntry, at)) ??
    (
      await readPackedRange(database.currentReader, { campaignId, column: 'log_no', from: logNo, to: logNo })
    )[0];
  return entry?.chain_hash ?? genesisOf(campaignId, nodeSha256);
}
