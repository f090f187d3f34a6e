/*
 * Looks once a business day, once all of it is counted, for what the figures say by themselves (B-6).
 *
 * A row for the day says who is at it: whichever node writes it first looks, the others leave it. One that died is followed after
 * a while. What is found is written in one transaction with the row's end, so that a look is done or is none. What stands already is
 * seen again, and nobody is told twice; what does not stand any more may come again as a new one. One day of the past stands for good.
 */
import { In, IsNull, Not } from 'typeorm';
import { SmartInsight } from '../../../entities/smart/SmartInsight.ts';
import { SmartInsightLook } from '../../../entities/smart/SmartInsightLook.ts';
import { recordAction } from '../../admin/adminLog.ts';
import type { FiguresServices } from '../../lottery/statistics/figures.ts';
import type { Actor } from '../../platform/caller.ts';
import { businessDayOf } from '../../platform/clock.ts';
import { insertAll, insertOne } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import type { Logger } from '../../platform/logger.ts';
import { repeating } from '../../platform/repeating.ts';
import { dayAfter } from '../../points/statistics/periods.ts';
import { daysBetween, readDays } from '../../reports/readDays.ts';
import { LIMITS } from '../../platform/limits.ts';
import type { Trends } from '../trends/trends.ts';
import { alarmsOf } from './alarms.ts';
import { lookAtCampaigns } from './campaigns.ts';
import type { Finding } from './finding.ts';
import { rejectionsOf } from './rejections.ts';
import { readWatched } from './series.ts';

export interface LookServices {
  trends: Trends;
  figures: FiguresServices;
}

/** A start has other work first: a look takes a thread, which has the memory of half a node. */
const FIRST_LOOK_MS = 5 * 60_000;
const INTERVAL_MS = 300_000;
/** Whoever takes longer has died. */
const LEASE_MS = 15 * 60_000;
/** The first look, and one after a long time, goes back so far. */
const BACK_DAYS = 7;
/** Of claims that were decided. */
const DECIDED_DAYS = 35;

/** Every node does it; one look is made of each day. */
export function keepLooking(services: LookServices & { logger: Logger }): () => void {
  const times = { afterMs: FIRST_LOOK_MS, intervalMs: INTERVAL_MS };
  const work = async () => {
    const day = await lastCompleteDay(services);
    if (day !== undefined) await look(services, { day, freshMs: Infinity });
  };
  return repeating(services.logger, 'insights could not be looked for', work, times);
}

/** Yesterday, or the day before while not all of that is counted. */
export async function lastCompleteDay({ trends }: LookServices): Promise<string | undefined> {
  const { clock, businessTimezone } = trends.services;
  const today = businessDayOf(clock.nowMs(), businessTimezone);
  const { rows } = await readDays(trends.services, [dayAfter(today, -2), dayAfter(today, -1)], undefined);
  return rows.findLast(({ is_complete: isComplete }) => isComplete)?.day;
}

export interface Looking {
  /** The last day that is complete. */
  day: string;
  /** A look that was done so lately is as good as another one. */
  freshMs: number;
  /** Who asks for it; undefined: nobody. */
  actor?: Actor;
}

export interface Looked {
  day: string;
  begun: Date;
  tests: number;
  found: number;
}

/** @returns the look that counts: this one, or the one that somebody else has made, or is at. */
export async function look(services: LookServices, looking: Looking): Promise<Looked> {
  const { database, clock } = services.trends.services;
  const claimed = await database.retryingTransaction((tx) => claim(tx, looking, clock.nowMs()));
  if (!claimed.isOurs) return toLooked(claimed.look);
  const { findings, tests } = await find(services, { day: looking.day, from: claimed.from });
  return database.retryingTransaction(async (tx) => {
    const nowMs = clock.nowMs();
    const found = await store(tx, findings, nowMs);
    await tx.manager.update(
      SmartInsightLook,
      { day: looking.day },
      { done_at: new Date(nowMs), tests, found },
    );
    if (looking.actor !== undefined) {
      const target = { type: 'insights', id: looking.day };
      const after = { tests, found };
      await recordAction(
        tx,
        { actor: looking.actor, action: 'insights.look', target, before: null, after },
        nowMs,
      );
    }
    return { day: looking.day, begun: claimed.look.begun_at, tests, found };
  });
}

function toLooked({ day, begun_at: begun, tests, found }: SmartInsightLook): Looked {
  return { day, begun, tests, found };
}

interface Claimed {
  isOurs: boolean;
  look: SmartInsightLook;
  /** The first day that no look has been at. */
  from: string;
}

async function claim(tx: Tx, { day, freshMs }: Looking, nowMs: number): Promise<Claimed> {
  const [row] = await tx.lock(SmartInsightLook, { where: { day } });
  const from = row === undefined ? await firstDayOf(tx, day) : dayAfter(day, 1 - BACK_DAYS);
  const begun = { day, begun_at: new Date(nowMs), done_at: null };
  if (row === undefined) {
    const look = { ...begun, tests: 0, found: 0 };
    // Of two that begin at once the second fails at the key, and finds the row then.
    await insertOne(tx, SmartInsightLook, look);
    return { isOurs: true, look, from };
  }
  const ageMs = Math.abs(nowMs - row.begun_at.getTime());
  const isGood = row.done_at === null ? ageMs < LEASE_MS : ageMs < freshMs;
  if (isGood) return { isOurs: false, look: row, from };
  await tx.manager.update(SmartInsightLook, { day }, { begun_at: begun.begun_at, done_at: null });
  return { isOurs: true, look: { ...row, ...begun }, from };
}

async function firstDayOf(tx: Tx, day: string): Promise<string> {
  const [last] = await tx.manager.find(SmartInsightLook, {
    where: { done_at: Not(IsNull()) },
    order: { day: 'DESC' },
    take: 1,
  });
  const earliest = dayAfter(day, 1 - BACK_DAYS);
  const next = last === undefined ? earliest : dayAfter(last.day);
  return next < earliest ? earliest : next > day ? day : next;
}

/** Reads, and works out on the thread of forecasts: no transaction is open meanwhile. */
export async function find(
  { trends, figures }: LookServices,
  { day, from }: { day: string; from: string },
): Promise<{ findings: Finding[]; tests: number }> {
  const { clock } = trends.services;
  const campaigns = await lookAtCampaigns({ figures, clock }, day);
  const watched = await readWatched(trends);
  const days = daysBetween(dayAfter(day, 1 - DECIDED_DAYS), day);
  const { rows } = await readDays(trends.services, days, undefined);
  const decided = rows.map((row) => ({
    ...{ day: row.day, approved: row.claims_approved ?? 0, rejected: row.claims_rejected ?? 0 },
  }));
  const alarms = alarmsOf({ watched, from, to: day, otherTests: 1 });
  const findings = [...campaigns.findings, ...alarms.findings, ...rejectionsOf(decided, alarms.tests)];
  return { findings, tests: alarms.tests + campaigns.tests };
}

/** @returns how many are new */
async function store(tx: Tx, findings: readonly Finding[], nowMs: number): Promise<number> {
  const standing = await tx.lock(SmartInsight, { where: { standing_key: Not(IsNull()) } });
  const known = new Map(standing.map((row) => [row.standing_key, row]));
  const keys = new Set(findings.map(({ key }) => key));
  const over = standing.filter(({ standing_key: key, kind }) => !keys.has(key!) && kind !== 'anomaly');
  const ids = over.map(({ insight_id: id }) => id);
  if (ids.length > 0) await tx.manager.update(SmartInsight, { insight_id: In(ids) }, { standing_key: null });
  const seen_at = new Date(nowMs);
  for (const { key, severity, day, figures } of findings) {
    const row = known.get(key);
    if (row === undefined || row.kind === 'anomaly') continue;
    await tx.manager.update(
      SmartInsight,
      { insight_id: row.insight_id },
      { severity, day, figures, seen_at },
    );
  }
  const fresh = findings.filter(({ key }) => !known.has(key)).slice(0, LIMITS.insightsPerLook);
  await insertAll(
    tx,
    SmartInsight,
    fresh.map(({ kind, severity, key, restaurantId, day, figures }) => ({
      ...{ kind, severity, standing_key: key, restaurant_id: restaurantId, day, figures },
      ...{ dismissed_by: null, dismissed_at: null, created_at: seen_at, seen_at },
    })),
  );
  return fresh.length;
}
