/*
 * What a pack of draws looks like: a list of requests, each with its draws, as JSON that is compressed the way COMPRESS() of MySQL
 * does it, so that UNCOMPRESS() and JSON_TABLE make rows of it again where statements have to bring it together with others.
 *
 *   [[…REQUEST, [[…DRAW], …]], …]
 *
 * Points are in 1/100, times in UTC as the database writes them. Nothing is left out: a draw that is unpacked is the row that it was.
 */
import { deflateSync, inflateSync } from 'node:zlib';
import type { LotteryDraw } from '../../../entities/lottery/LotteryDraw.ts';
import type { LotteryDrawPack } from '../../../entities/lottery/LotteryDrawPack.ts';
import type { LotteryDrawRequest } from '../../../entities/lottery/LotteryDrawRequest.ts';
import type { LotteryPackedDiner } from '../../../entities/lottery/LotteryPackedDiner.ts';
import { fromSqlTime, sqlTime } from '../../platform/database/sqlValues.ts';
import { drawIdOf } from '../drawIds.ts';
import { nodeSha256 } from '../sha256.ts';

/** A request that was answered, with its draws in their order. */
export interface AnsweredRequest {
  request: LotteryDrawRequest;
  draws: readonly LotteryDraw[];
}

/** Draws that cannot be packed, or a pack that is not what was packed. */
export class PackError extends Error {
  override readonly name = 'PackError';
}

export type Kind = 'whole' | 'wholeOrNull' | 'id' | 'hash' | 'flag' | 'points' | 'time';

/** What a draw has of its request, of its pack, and of its prize. */
type Implied = 'draw_id' | 'campaign_id' | 'user_id' | 'request_id' | 'client_seed' | 'is_winner';

/** In the order of their cells. A column that a table gets has to be named here as well. */
export const REQUEST: Record<Exclude<keyof LotteryDrawRequest, 'campaign_id'>, Kind> = {
  user_id: 'whole',
  request_id: 'id',
  client_seed: 'id',
  draw_count: 'whole',
  first_draw_no: 'whole',
  balance_after: 'points',
  streak_after: 'whole',
  guarantee_in: 'wholeOrNull',
  draws_left_today: 'wholeOrNull',
  free_draws_left_today: 'whole',
  created_at: 'time',
};
export const DRAW: Record<Exclude<keyof LotteryDraw, Implied>, Kind> = {
  draw_no: 'whole',
  log_no: 'whole',
  fairness_epoch: 'whole',
  table_version: 'whole',
  level_bp: 'whole',
  period_bp: 'whole',
  pity_bp: 'whole',
  streak_before: 'whole',
  roll: 'whole',
  interval_from: 'whole',
  interval_to: 'whole',
  rolled_prize_id: 'wholeOrNull',
  prize_id: 'wholeOrNull',
  is_guarantee: 'flag',
  points_cost: 'points',
  draw_time: 'time',
  chain_hash: 'hash',
};
const REQUEST_KINDS = Object.entries(REQUEST);
const DRAW_KINDS = Object.entries(DRAW);

/** COMPRESS() of MySQL begins with the length, by four bytes. */
const LENGTH_BYTES = 4;
/** Whole JSON of a pack: what unpacking may take of memory, whatever the row says. */
const MOST_BYTES = 4 * 1024 * 1024;

export interface Packed {
  pack: LotteryDrawPack;
  diners: LotteryPackedDiner[];
}

/** @param answered at least one, of one campaign, in the order of their numbers. @throws {PackError} they are not what a draw leaves */
export function packOf(answered: readonly AnsweredRequest[], nowMs: number): Packed {
  const draws = answered.flatMap((one) => one.draws);
  const [first, last] = [draws[0], draws.at(-1)];
  if (first === undefined || last === undefined) throw new PackError('there are no draws');
  draws.forEach((draw, at) => mustFollow(draw, draws[at - 1]));
  for (const one of answered) mustBelong(one);
  const text = JSON.stringify(answered.map(cellsOf));
  const key = { campaign_id: first.campaign_id, first_draw_no: first.draw_no };
  return {
    pack: {
      ...key,
      last_draw_no: last.draw_no,
      first_log_no: first.log_no,
      last_log_no: last.log_no,
      last_time: lastTimeOf(draws),
      content_hash: nodeSha256.hex(text),
      content: compress(text),
      packed_at: new Date(nowMs),
    },
    diners: [...Map.groupBy(draws, ({ user_id: userId }) => userId)].map(([userId, theirs]) => ({
      ...key,
      user_id: userId,
      draws: theirs.length,
      last_time: lastTimeOf(theirs),
    })),
  };
}

type Contents = Pick<LotteryDrawPack, 'campaign_id' | 'first_draw_no' | 'content_hash' | 'content'>;

/** @throws {PackError} it is not what was packed */
export function unpack(pack: Contents): AnsweredRequest[] {
  const { campaign_id: campaignId, first_draw_no: firstNo, content_hash: hash, content } = pack;
  try {
    const text = decompress(content);
    if (nodeSha256.hex(text) !== hash) throw new PackError('its content is not that of its hash');
    return arrayOf(JSON.parse(text)).map((cells) => requestOf(campaignId, arrayOf(cells)));
  } catch (error) {
    const place = `pack of campaign ${campaignId} from draw ${firstNo}`;
    throw new PackError(`${place}: ${error instanceof Error ? error.message : 'unknown'}`, { cause: error });
  }
}

export function compress(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, deflateSync(bytes, { level: 9 })]);
}

/** @throws for what is not compressed so */
export function decompress(content: Buffer): string {
  const bytes = inflateSync(content.subarray(LENGTH_BYTES), { maxOutputLength: MOST_BYTES });
  if (content.readUInt32LE() !== bytes.length) throw new PackError('its length is another one');
  return bytes.toString('utf8');
}

function lastTimeOf(draws: readonly LotteryDraw[]): Date {
  return new Date(Math.max(...draws.map(({ draw_time: at }) => at.getTime())));
}

function mustFollow(draw: LotteryDraw, before: LotteryDraw | undefined): void {
  const place = `draw ${draw.draw_id}`;
  if (draw.draw_id !== drawIdOf(draw.campaign_id, draw.draw_no))
    throw new PackError(`${place} has the number ${draw.draw_no}`);
  if (draw.is_winner !== (draw.prize_id !== null))
    throw new PackError(`${place} has a prize and no win, or the other way round`);
  if (before === undefined) return;
  const follows =
    draw.campaign_id === before.campaign_id &&
    draw.draw_no === before.draw_no + 1 &&
    draw.log_no > before.log_no;
  if (!follows) throw new PackError(`${place} does not follow ${before.draw_id}`);
}

function mustBelong({ request, draws }: AnsweredRequest): void {
  const place = `request ${request.request_id} of user ${request.user_id}`;
  if (draws.length !== request.draw_count || draws[0]?.draw_no !== request.first_draw_no)
    throw new PackError(`${place} has other draws than its ${request.draw_count}`);
  const shared = ['campaign_id', 'user_id', 'request_id', 'client_seed'] as const;
  const other = draws.find((draw) => shared.some((column) => draw[column] !== request[column]));
  if (other !== undefined) throw new PackError(`${place} and draw ${other.draw_id} differ`);
}

function cellsOf({ request, draws }: AnsweredRequest): unknown[] {
  const row: object = request;
  return [
    ...REQUEST_KINDS.map(([column, kind]) => cellOf(kind, row[column as never])),
    draws.map((draw: object) => DRAW_KINDS.map(([column, kind]) => cellOf(kind, draw[column as never]))),
  ];
}

function cellOf(kind: Kind, value: unknown): unknown {
  if (kind === 'time') return sqlTime((value as Date).getTime());
  return kind === 'flag' ? Number(value) : value;
}

function requestOf(campaignId: number, cells: readonly unknown[]): AnsweredRequest {
  const request = { campaign_id: campaignId, ...rowOf(REQUEST_KINDS, cells) } as LotteryDrawRequest;
  const { user_id, request_id, client_seed } = request;
  const draws = arrayOf(cells[REQUEST_KINDS.length]).map((drawn) => {
    const own = rowOf(DRAW_KINDS, arrayOf(drawn)) as Omit<LotteryDraw, Implied>;
    return {
      ...{ draw_id: drawIdOf(campaignId, own.draw_no), campaign_id: campaignId },
      ...{ user_id, request_id, client_seed },
      ...own,
      is_winner: own.prize_id !== null,
    };
  });
  return { request, draws };
}

function rowOf(kinds: readonly [string, Kind][], cells: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(kinds.map(([column, kind], at) => [column, valueOf(kind, cells[at], column)]));
}

function valueOf(kind: Kind, cell: unknown, column: string): unknown {
  if (kind === 'wholeOrNull' && cell === null) return null;
  const isText = kind === 'id' || kind === 'hash' || kind === 'time';
  if (isText ? typeof cell !== 'string' : !Number.isSafeInteger(cell))
    throw new PackError(`${column} is ${JSON.stringify(cell)}`);
  if (kind === 'time') return new Date(fromSqlTime(cell as string));
  return kind === 'flag' ? cell === 1 : cell;
}

function arrayOf(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new PackError('a list is missing in it');
  return value;
}
