/** Campaigns that people are told of before they begin and end, and whom they may concern. */
import { Between, In, IsNull, MoreThan, Not } from 'typeorm';
import { LotteryCampaign, type CampaignStatus } from '../../entities/lottery/LotteryCampaign.ts';
import { LotteryCampaignVisitor } from '../../entities/lottery/LotteryCampaignVisitor.ts';
import { UserSegment } from '../../entities/lottery/UserSegment.ts';
import type { UserRange } from '../identity/people/userRange.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';

export interface CampaignNews {
  campaignId: number;
  name: string;
  startsMs: number;
  endsMs: number;
}

/** Campaigns of which others are looked for, and among so many. */
const ALIKE = 20;
const LOOKED_AT = 100;

const NEWS = { campaign_id: true, campaign_name: true, start_time: true, end_time: true } as const;

/** Those that begin within a time, the first ones first. */
export function startingWithin(database: Database, nowMs: number, withinMs: number): Promise<CampaignNews[]> {
  const start_time = Between(new Date(nowMs), new Date(nowMs + withinMs));
  return findNews(database, { status: 'scheduled', start_time });
}

/** Those that end within a time, and are more than half over. */
export async function endingWithin(
  database: Database,
  nowMs: number,
  withinMs: number,
): Promise<CampaignNews[]> {
  const end_time = Between(new Date(nowMs), new Date(nowMs + withinMs));
  const ending = await findNews(database, { status: 'active', end_time });
  return ending.filter(({ startsMs, endsMs }) => nowMs - startsMs > endsMs - nowMs);
}

export async function newsOf({ manager }: Tx, campaignId: number): Promise<CampaignNews | undefined> {
  const row = await manager.findOne(LotteryCampaign, { select: NEWS, where: { campaign_id: campaignId } });
  return row === null ? undefined : toNews(row);
}

/**
 * What those who liked one campaign may like next: the first one that has begun, or will, and is not over, is open to all and given at
 * one of its restaurants.
 */
export async function nextAfter(
  { manager }: Tx,
  campaignId: number,
  nowMs: number,
): Promise<CampaignNews | undefined> {
  const over = await manager.findOneBy(LotteryCampaign, { campaign_id: campaignId });
  const candidates = await manager.find(LotteryCampaign, {
    select: { ...NEWS, restaurant_ids: true, conditions: true },
    where: {
      campaign_id: Not(campaignId),
      status: In<CampaignStatus>(['active', 'scheduled']),
      end_time: MoreThan(new Date(nowMs)),
    },
    order: { start_time: 'ASC', campaign_id: 'ASC' },
    take: LOOKED_AT,
  });
  const next = candidates.find(
    ({ restaurant_ids: ids, conditions }) =>
      isAlike(over?.restaurant_ids ?? [], ids ?? []) && (conditions?.segments ?? []).length === 0,
  );
  return next && toNews(next);
}

/** Those that are bound to no restaurant are at each. */
function isAlike(one: readonly number[], other: readonly number[]): boolean {
  return one.length === 0 || other.length === 0 || other.some((id) => one.includes(id));
}

async function findNews({ currentReader }: Database, where: object): Promise<CampaignNews[]> {
  const rows = await currentReader.find(LotteryCampaign, {
    select: NEWS,
    where,
    order: { campaign_id: 'ASC' },
    take: LOOKED_AT,
  });
  return rows.map(toNews);
}

type NewsRow = Pick<LotteryCampaign, keyof typeof NEWS>;

function toNews({ campaign_id, campaign_name, start_time, end_time }: NewsRow): CampaignNews {
  return {
    campaignId: campaign_id,
    name: campaign_name,
    startsMs: start_time.getTime(),
    endsMs: end_time.getTime(),
  };
}

/**
 * Of a range of users those whom a campaign may please: the members of its segments, or, where it is open to all, the guests of others
 * at its restaurants.
 */
export async function likelyGuestsWithin(tx: Tx, campaignId: number, range: UserRange): Promise<number[]> {
  const campaign = await tx.manager.findOneBy(LotteryCampaign, { campaign_id: campaignId });
  const user_id = Between(range.from, range.to);
  const segments = campaign?.conditions?.segments ?? [];
  const rows =
    segments.length > 0
      ? await tx.manager.find(UserSegment, {
          select: { user_id: true },
          where: { segment: In([...segments]), user_id },
        })
      : await tx.manager.find(LotteryCampaignVisitor, {
          select: { user_id: true },
          where: { campaign_id: In(await alikeTo(tx, campaignId, campaign?.restaurant_ids ?? [])), user_id },
        });
  return [...new Set(rows.map((row) => row.user_id))].sort((a, b) => a - b);
}

async function alikeTo(
  { manager }: Tx,
  campaignId: number,
  restaurantIds: readonly number[],
): Promise<number[]> {
  const published: CampaignStatus[] = ['active', 'paused', 'ended', 'archived'];
  const latest = await manager.find(LotteryCampaign, {
    select: { campaign_id: true, restaurant_ids: true },
    where: { campaign_id: Not(campaignId), status: In(published) },
    order: { campaign_id: 'DESC' },
    take: LOOKED_AT,
  });
  return latest
    .filter(({ restaurant_ids: ids }) => isAlike(restaurantIds, ids ?? []))
    .slice(0, ALIKE)
    .map(({ campaign_id: id }) => id);
}

/** Of a range of users those who have opened it and not drawn; where there are free draws each day all who have opened it. */
export async function waitingGuestsWithin(tx: Tx, campaignId: number, range: UserRange): Promise<number[]> {
  const campaign = await tx.manager.findOneBy(LotteryCampaign, { campaign_id: campaignId });
  const isFree = (campaign?.free_draws_per_day ?? 0) > 0;
  const rows = await tx.manager.find(LotteryCampaignVisitor, {
    select: { user_id: true },
    where: {
      campaign_id: campaignId,
      user_id: Between(range.from, range.to),
      ...(!isFree && { first_day: IsNull() }),
    },
    order: { user_id: 'ASC' },
  });
  return rows.map((row) => row.user_id);
}
