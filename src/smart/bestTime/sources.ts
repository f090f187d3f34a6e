/** When things were done: by the caller, by all, in a restaurant, in a campaign. Nobody who is left out of reports is in it (RS-3). */
import { readBuckets } from '../../analytics/readBuckets.ts';
import { readVisitTimes } from '../../analytics/visitTimes.ts';
import { readDrawTimes } from '../../lottery/statistics/drawTimes.ts';
import { addedBy, findDrawnSince } from '../../lottery/statistics/addedFigures.ts';
import { readBillMinutes } from '../../points/bills/billTimes.ts';
import { readDeedTimes } from '../../points/deedTimes.ts';
import type { SeriesServices } from '../trends/readSeries.ts';
import type { Counted } from './rank.ts';

export const KINDS = ['draw', 'campaign', 'visit', 'check_in', 'message'] as const;
export type TimeKind = (typeof KINDS)[number];
export const EVIDENCE = ['draws', 'deeds', 'check_ins', 'visits', 'bills'] as const;
export type Evidence = (typeof EVIDENCE)[number];

export interface Evidenced {
  evidence: Evidence;
  counted: Counted[];
}

const LIMIT = 2000;
/** By which somebody is seen to be there. */
const DEEDS = ['check_in', 'consume', 'exchange', 'task'] as const;

export async function readOwn(
  { database }: SeriesServices,
  { kind, userId, sinceMs }: { kind: TimeKind; userId: number; sinceMs: number },
): Promise<Evidenced> {
  const of = { userId, sinceMs, limit: LIMIT };
  const once = (times: readonly number[]) => times.map((startMs) => ({ startMs, entries: 1 }));
  if (kind === 'draw') return { evidence: 'draws', counted: once(await readDrawTimes(database, of)) };
  if (kind === 'check_in')
    return {
      evidence: 'check_ins',
      counted: once(await readDeedTimes(database, { ...of, types: ['check_in'] })),
    };
  if (kind === 'visit')
    return { evidence: 'deeds', counted: once(await readDeedTimes(database, { ...of, types: DEEDS })) };
  const visits = await readVisitTimes(database, of);
  const shown = kind === 'campaign' ? visits.filter(({ page }) => page === 'campaign') : visits;
  return { evidence: 'visits', counted: once(shown.map(({ atMs }) => atMs)) };
}

/** Of all: hours of draws where it is about those, else of visits to the pages. */
export async function readGroup(
  services: SeriesServices,
  { kind, sinceMs }: { kind: TimeKind; sinceMs: number },
): Promise<Evidenced> {
  const { database, clock } = services;
  if (kind === 'draw' || kind === 'campaign') {
    const campaignIds = await findDrawnSince(database, sinceMs);
    return { evidence: 'draws', counted: await readDraws(services, campaignIds, sinceMs) };
  }
  const toMs = clock.nowMs() + 1;
  const asked = { period: 'hour', kind: 'page', fromMs: sinceMs, toMs } as const;
  return { evidence: 'visits', counted: await readBuckets(database, asked) };
}

export async function readCampaign(
  services: SeriesServices,
  { campaignId, sinceMs }: { campaignId: number; sinceMs: number },
): Promise<Evidenced> {
  return { evidence: 'draws', counted: await readDraws(services, [campaignId], sinceMs) };
}

export async function readRestaurant(
  { database }: SeriesServices,
  asked: { restaurantId: number; sinceMs: number },
): Promise<Evidenced> {
  return { evidence: 'bills', counted: await readBillMinutes(database, asked) };
}

async function readDraws(
  { database, clock, calendar }: SeriesServices,
  campaignIds: readonly number[],
  sinceMs: number,
): Promise<Counted[]> {
  const from = calendar.startsAt(sinceMs).hour;
  const to = calendar.startsAt(clock.nowMs() + 3_600_000).hour;
  const found = await addedBy(database, { campaignIds, period: 'hour', from, to });
  return [...found].map(([starts, { draws }]) => ({ startMs: Date.parse(starts), entries: draws }));
}
