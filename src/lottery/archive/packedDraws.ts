/*
 * Reads draws out of packs. Whoever looks for draws asks their table first and for what it does not have asks here, in this order: draws
 * go from there to here by one commit, so that what a look at the one has just missed a later look at the other finds. What both looks
 * find is one draw.
 */
import {
  In,
  LessThan,
  LessThanOrEqual,
  MoreThanOrEqual,
  type EntityManager,
  type FindOptionsWhere,
} from 'typeorm';
import type { LotteryDraw } from '../../../entities/lottery/LotteryDraw.ts';
import { LotteryDrawPack } from '../../../entities/lottery/LotteryDrawPack.ts';
import { LotteryPackedDiner } from '../../../entities/lottery/LotteryPackedDiner.ts';
import { DRAWS_PER_CAMPAIGN } from '../drawIds.ts';
import type { DrawPlace } from '../drawnRows.ts';
import { unpack } from './drawPack.ts';

/** Packs that one statement brings. */
const AT_ONCE = 16;

type Key = Pick<LotteryDrawPack, 'campaign_id' | 'first_draw_no'>;

function drawsOf(pack: LotteryDrawPack): LotteryDraw[] {
  return unpack(pack).flatMap(({ draws }) => draws);
}

/** null: it is not in a pack. @throws {PackError} */
export async function findPackedDraw(manager: EntityManager, drawId: number): Promise<LotteryDraw | null> {
  const [draw] = await findPackedDraws(manager, [drawId]);
  return draw ?? null;
}

/** Those that are in packs, by their ids. @throws {PackError} */
export async function findPackedDraws(
  manager: EntityManager,
  drawIds: readonly number[],
): Promise<LotteryDraw[]> {
  const found: LotteryDraw[] = [];
  let draws: LotteryDraw[] = [];
  // In their order, so that those of one pack follow each other.
  for (const drawId of [...drawIds].sort((a, b) => a - b)) {
    if (!draws.some((draw) => draw.draw_id === drawId)) {
      const drawNo = drawId % DRAWS_PER_CAMPAIGN;
      const campaignId = (drawId - drawNo) / DRAWS_PER_CAMPAIGN;
      const where = { campaign_id: campaignId, first_draw_no: LessThanOrEqual(drawNo) };
      const [pack] = await manager.find(LotteryDrawPack, {
        where,
        order: { first_draw_no: 'DESC' },
        take: 1,
      });
      draws = pack !== undefined && pack.last_draw_no >= drawNo ? drawsOf(pack) : [];
    }
    const draw = draws.find((one) => one.draw_id === drawId);
    if (draw !== undefined) found.push(draw);
  }
  return found;
}

/** Draws of a campaign in the order of its log, of which `column` is from `from` to `to`. @throws {PackError} */
export async function readPackedRange(
  manager: EntityManager,
  {
    campaignId,
    column,
    from,
    to,
  }: { campaignId: number; column: 'draw_no' | 'log_no'; from: number; to: number },
): Promise<LotteryDraw[]> {
  const packs = await manager.find(LotteryDrawPack, {
    where: {
      campaign_id: campaignId,
      [`last_${column}`]: MoreThanOrEqual(from),
      [`first_${column}`]: LessThanOrEqual(to),
    },
    order: { first_draw_no: 'ASC' },
  });
  return packs.flatMap(drawsOf).filter((draw) => draw[column] >= from && draw[column] <= to);
}

export interface PackedOfUser {
  userId: number;
  campaignId?: number | undefined;
  before?: DrawPlace | undefined;
  /** The newest. */
  most: number;
}

/** Of one user, newest first. @throws {PackError} */
export async function newestPackedOf(
  manager: EntityManager,
  { userId, campaignId, before, most }: PackedOfUser,
): Promise<LotteryDraw[]> {
  const theirs = await manager.find(LotteryPackedDiner, {
    where: { user_id: userId, ...(campaignId !== undefined && { campaign_id: campaignId }) },
  });
  theirs.sort((a, b) => b.last_time.getTime() - a.last_time.getTime());
  const found: LotteryDraw[] = [];
  for (let at = 0; at < theirs.length; at += AT_ONCE) {
    const part = theirs.slice(at, at + AT_ONCE);
    // Whatever is in these packs is older than what was found.
    if (found.length >= most && found[most - 1]!.draw_time > part[0]!.last_time) break;
    for (const pack of await packsOf(manager, part)) {
      found.push(...drawsOf(pack).filter((draw) => draw.user_id === userId && isBefore(draw, before)));
    }
    found.sort(newestFirst);
  }
  return found.slice(0, most);
}

export interface PackedBelow {
  /** Absent: of all. */
  campaignId?: number | undefined;
  /** Absent: from the newest on. */
  drawId?: number | undefined;
}

/** By their ids, the last one first. @throws {PackError} */
export async function* packedBelow(
  manager: EntityManager,
  { campaignId, drawId }: PackedBelow,
): AsyncGenerator<LotteryDraw> {
  // Mostly the first of them has all that is looked for.
  for (let below = drawId, take = 2; ; take = AT_ONCE) {
    const where = placesBelow(campaignId, below);
    if (where.length === 0) return;
    const packs = await manager.find(LotteryDrawPack, {
      where,
      order: { campaign_id: 'DESC', first_draw_no: 'DESC' },
      take,
    });
    for (const pack of packs) {
      for (const draw of drawsOf(pack).reverse()) if (below === undefined || draw.draw_id < below) yield draw;
    }
    const last = packs.at(-1);
    if (last === undefined || packs.length < take) return;
    below = last.campaign_id * DRAWS_PER_CAMPAIGN + last.first_draw_no;
  }
}

function placesBelow(
  campaignId: number | undefined,
  below: number | undefined,
): FindOptionsWhere<LotteryDrawPack>[] {
  const among = campaignId === undefined ? {} : { campaign_id: campaignId };
  if (below === undefined) return [among];
  const drawNo = below % DRAWS_PER_CAMPAIGN;
  const ofDraw = (below - drawNo) / DRAWS_PER_CAMPAIGN;
  const within = { campaign_id: ofDraw, first_draw_no: LessThan(drawNo) };
  if (campaignId === undefined) return [{ campaign_id: LessThan(ofDraw) }, within];
  return ofDraw === campaignId ? [within] : ofDraw > campaignId ? [among] : [];
}

/** How many draws of a user are in packs. */
export async function countPackedOf(manager: EntityManager, userId: number): Promise<number> {
  return (await manager.sum(LotteryPackedDiner, 'draws', { user_id: userId })) ?? 0;
}

/** Of these users within a time. @throws {PackError} */
export async function packedOfUsers(
  manager: EntityManager,
  { userIds, fromMs, toMs }: { userIds: readonly number[]; fromMs: number; toMs: number },
): Promise<LotteryDraw[]> {
  if (userIds.length === 0) return [];
  const theirs = await manager.findBy(LotteryPackedDiner, {
    user_id: In([...userIds]),
    last_time: MoreThanOrEqual(new Date(fromMs)),
  });
  const users = new Set(userIds);
  const keys = [...new Map(theirs.map((one) => [`${one.campaign_id}:${one.first_draw_no}`, one])).values()];
  const found: LotteryDraw[] = [];
  for (let at = 0; at < keys.length; at += AT_ONCE) {
    for (const pack of await packsOf(manager, keys.slice(at, at + AT_ONCE))) {
      const within = ({ user_id: userId, draw_time: time }: LotteryDraw) =>
        users.has(userId) && time.getTime() >= fromMs && time.getTime() < toMs;
      found.push(...drawsOf(pack).filter(within));
    }
  }
  return found;
}

function packsOf(manager: EntityManager, keys: readonly Key[]): Promise<LotteryDrawPack[]> {
  const where = keys.map(({ campaign_id, first_draw_no }) => ({ campaign_id, first_draw_no }));
  return manager.find(LotteryDrawPack, { where });
}

function isBefore(draw: LotteryDraw, before: DrawPlace | undefined): boolean {
  if (before === undefined) return true;
  const timeMs = draw.draw_time.getTime();
  return timeMs < before.drawnAtMs || (timeMs === before.drawnAtMs && draw.draw_id < before.drawId);
}

/** As histories have them. */
function newestFirst(a: LotteryDraw, b: LotteryDraw): number {
  return b.draw_time.getTime() - a.draw_time.getTime() || b.draw_id - a.draw_id;
}
