/*
 * Puts draws of a campaign that is over into packs, a pack by each transaction: the pack is written, the rows that are in it go, and
 * COMMIT does both. Whoever dies before it has done nothing; the next one goes on after the last pack. Nothing is locked that a draw
 * of another campaign waits for: rows go by their keys, so that no gap between them is.
 */
import { And, LessThanOrEqual, MoreThan } from 'typeorm';
import { LotteryCampaign } from '../../../entities/lottery/LotteryCampaign.ts';
import { LotteryDraw } from '../../../entities/lottery/LotteryDraw.ts';
import { LotteryDrawPack } from '../../../entities/lottery/LotteryDrawPack.ts';
import { LotteryDrawRequest } from '../../../entities/lottery/LotteryDrawRequest.ts';
import { LotteryPackedDiner } from '../../../entities/lottery/LotteryPackedDiner.ts';
import { LotteryStatisticsCursor } from '../../../entities/lottery/LotteryStatisticsCursor.ts';
import type { Clock } from '../../platform/clock.ts';
import { insertAll } from '../../platform/database/bulk.ts';
import { fromSqlPoints, fromSqlTime } from '../../platform/database/sqlValues.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { drawIdOf } from '../drawIds.ts';
import { isOverStatus } from '../status.ts';
import { PackError, packOf, REQUEST, type AnsweredRequest, type Kind, type Packed } from './drawPack.ts';

/** Draws that make a pack, and those of the last of its requests: few enough for 64 KiB, and for a commit of some milliseconds. */
const DRAWS = 320;
/** What a BLOB of MySQL takes. */
const MOST_BYTES = 65_535;

interface Services {
  database: Database;
  clock: Clock;
  /** Draws of a pack; absent: as many as there should be. */
  drawsPerPack?: number;
}

/** What a campaign has to be for its draws to be packed. */
export interface Due {
  campaignId: number;
  /** Its end was before. */
  endedBeforeMs: number;
}

/**
 * Packs the next draws of a campaign.
 * @returns how many; 0: there are none left, or another process packs
 * @throws {PackError} they are not what draws leave, and stay as they are
 */
export async function packNext(
  { database, clock, drawsPerPack = DRAWS }: Services,
  due: Due,
): Promise<number> {
  const after = await lastPacked(database, due.campaignId);
  const packed = await makePack(database, { ...due, after, nowMs: clock.nowMs(), most: drawsPerPack });
  if (packed === undefined) return 0;
  return database.retryingTransaction((tx) => replaceRows(tx, due, { packed, after }));
}

/** The number of the last draw of a campaign that is in a pack; 0: none is. */
async function lastPacked({ currentReader }: Database, campaignId: number): Promise<number> {
  return (await currentReader.maximum(LotteryDrawPack, 'last_draw_no', { campaign_id: campaignId })) ?? 0;
}

interface Next {
  campaignId: number;
  after: number;
  nowMs: number;
  most: number;
}

/** Read outside of the transaction, which holds up all others on SQLite: they do not change any more. */
async function makePack(
  database: Database,
  { campaignId, after, nowMs, most: drawsPerPack }: Next,
): Promise<(Packed & { answered: AnsweredRequest[] }) | undefined> {
  for (let most = drawsPerPack; ; most = Math.floor(most / 2)) {
    const draws = await readDraws(database.currentReader, campaignId, after, most);
    if (draws.length === 0) return undefined;
    if (draws[0]!.draw_no !== after + 1) throw new PackError(`draw ${after + 1} of it is missing`);
    const answered = await withRequests(database, draws);
    const packed = packOf(answered, nowMs);
    if (packed.pack.content.length <= MOST_BYTES) return { ...packed, answered };
    if (most === 1) throw new PackError(`request of draw ${draws[0]!.draw_id} is too large for a pack`);
  }
}

type Manager = Database['currentReader'];

/** The next draws, up to the last one of a request. */
async function readDraws(
  manager: Manager,
  campaignId: number,
  after: number,
  most: number,
): Promise<LotteryDraw[]> {
  const between = (from: number, to: number) =>
    manager.find(LotteryDraw, {
      where: {
        draw_id: And(MoreThan(drawIdOf(campaignId, from)), LessThanOrEqual(drawIdOf(campaignId, to))),
      },
      order: { draw_id: 'ASC' },
    });
  const draws = await between(after, after + most);
  const last = draws.at(-1);
  if (last === undefined) return [];
  const { campaign_id, user_id, request_id } = last;
  const request = await manager.findOneBy(LotteryDrawRequest, { campaign_id, user_id, request_id });
  if (request === null) throw new PackError(`draw ${last.draw_id} has no request`);
  const end = request.first_draw_no + request.draw_count - 1;
  return [...draws, ...(end > last.draw_no ? await between(last.draw_no, end) : [])];
}

async function withRequests(database: Database, draws: readonly LotteryDraw[]): Promise<AnsweredRequest[]> {
  const ofRequest = Map.groupBy(draws, (draw) => textOf(draw));
  const keys = [...ofRequest.values()].map(([draw]) => [draw!.user_id, draw!.request_id]);
  const campaignId = draws[0]!.campaign_id;
  const found = await database.readCurrent<Row>(
    `SELECT ${Object.keys(REQUEST).join(', ')} FROM lottery_draw_requests
     WHERE campaign_id = ? AND (user_id, request_id) IN (?)`,
    [campaignId, keys],
  );
  const requests = new Map(
    found.map((row) => {
      const request = requestOf(campaignId, row);
      return [textOf(request), request];
    }),
  );
  return [...ofRequest].map(([key, theirs]) => {
    const request = requests.get(key);
    if (request === undefined) throw new PackError(`draw ${theirs[0]!.draw_id} has no request`);
    return { request, draws: theirs };
  });
}

type Row = Record<string, string | number | Date | null>;

function requestOf(campaignId: number, row: Row): LotteryDrawRequest {
  const columns = Object.entries(REQUEST).map(([column, kind]) => [column, fromSql(kind, row[column]!)]);
  return { campaign_id: campaignId, ...Object.fromEntries(columns) } as LotteryDrawRequest;
}

function fromSql(kind: Kind, stored: string | number | Date | null): unknown {
  if (stored === null) return null;
  if (kind === 'points') return fromSqlPoints(stored as string | number);
  if (kind === 'time') return new Date(fromSqlTime(stored as string | Date));
  return kind === 'id' ? stored : Number(stored);
}

function textOf({ user_id, request_id }: Pick<LotteryDraw, 'user_id' | 'request_id'>): string {
  return `${user_id}:${request_id}`;
}

async function replaceRows(
  tx: Tx,
  { campaignId, endedBeforeMs }: Due,
  { packed, after }: { packed: Packed & { answered: readonly AnsweredRequest[] }; after: number },
): Promise<number> {
  const { pack, diners, answered } = packed;
  const [campaign] = await tx.lock(LotteryCampaign, { where: { campaign_id: campaignId } });
  if (campaign === undefined || !(await mayBePacked(tx, campaign, endedBeforeMs))) return 0;
  const last = await tx.manager.maximum(LotteryDrawPack, 'last_draw_no', { campaign_id: campaignId });
  if ((last ?? 0) !== after) return 0;
  await insertAll(tx, LotteryDrawPack, [pack]);
  await insertAll(tx, LotteryPackedDiner, diners);
  const drawIds = answered.flatMap(({ draws }) => draws.map(({ draw_id: id }) => id));
  await tx.executeExactly(drawIds.length, 'DELETE FROM lottery_draws WHERE draw_id IN (?)', [drawIds]);
  const keys = answered.map(({ request: { user_id, request_id } }) => [campaignId, user_id, request_id]);
  await tx.executeExactly(
    keys.length,
    'DELETE FROM lottery_draw_requests WHERE (campaign_id, user_id, request_id) IN (?)',
    [keys],
  );
  return drawIds.length;
}

/** Over for good, for long enough, and counted: nothing but a look at it needs its draws. */
async function mayBePacked(tx: Tx, campaign: LotteryCampaign, endedBeforeMs: number): Promise<boolean> {
  const { campaign_id, status, end_time: endsAt, draw_no: drawNo } = campaign;
  if (!isOverStatus(status) || endsAt.getTime() >= endedBeforeMs) return false;
  const cursor = await tx.manager.findOneBy(LotteryStatisticsCursor, { campaign_id });
  return cursor?.draw_no === drawNo;
}
