/*
 * Packs the draws of campaigns that ended long ago, beside the running service: one campaign after the other, a pack at a time, with a
 * rest after each of them, so that whoever draws meanwhile finds the database free for most of the time. It may be broken off anywhere
 * and run again: what is packed stays, and the rest goes on from there.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../platform/clock.ts';
import { sqlTime } from '../../platform/database/sqlValues.ts';
import { readNowMs } from '../../platform/database/sharedClock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { ArchiveFileError } from './archiveFile.ts';
import { PackError } from './drawPack.ts';
import { packNext } from './packDraws.ts';

/** What looks at single draws of the last weeks, as the best time to come does at 84 days of them, finds them in their table. */
export const YOUNG_DAYS = 100;
const DAY_MS = 86_400_000;
/** A rest is as long as so many times the work before it. */
const RESTS = 2;

export interface Archiving {
  /** Campaigns that ended before it. */
  beforeMs: number;
  /** The least rest between two packs. */
  pauseMs: number;
  stopping?: AbortSignal;
  /** What is done with a campaign before anything of it is packed. @throws {ArchiveFileError} it stays as it is */
  copy?(campaignId: number): Promise<void>;
}

interface Services {
  database: Database;
  clock: Clock;
  drawsPerPack?: number;
}

/** Of one campaign. */
export interface Archived {
  campaignId: number;
  /** That are rows, before. */
  draws: number;
  packed: number;
  /** Why the others are not packed; undefined: all are. */
  problem: string | undefined;
}

/** Why nothing may be packed of campaigns that ended before a moment; undefined: it may. */
export function refusalOf(
  beforeMs: number,
  { nowMs, holdDays }: { nowMs: number; holdDays: number },
): string | undefined {
  const days = Math.max(YOUNG_DAYS, holdDays);
  if (beforeMs <= nowMs - days * DAY_MS) return undefined;
  const why =
    holdDays >= YOUNG_DAYS
      ? `LEGAL_HOLD_DAYS keeps everything for ${days} days as it is`
      : `draws stay in their table for ${days} days`;
  const latest = new Date(nowMs - days * DAY_MS).toISOString().slice(0, 10);
  return `LEGAL_HOLD: ${why}: --before ${latest} is the latest`;
}

/** The earlier of this machine's time and the database's: one that is ahead would take for old what is not. */
export async function earlierNowMs({ database, clock }: Services): Promise<number> {
  if (database.dialect === 'sqlite') return clock.nowMs();
  return Math.min(clock.nowMs(), await readNowMs(database));
}

/** Campaigns whose draws may be packed and are not, the oldest first. */
export async function findDue(database: Database, beforeMs: number): Promise<Archived[]> {
  const rows = await database.readCurrent<{
    campaign_id: number;
    draws: number | string;
    counted: number | string;
    draw_no: number | string;
  }>(
    `SELECT c.campaign_id, c.draw_no, c.draw_no - COALESCE(p.packed, 0) AS draws, COALESCE(s.draw_no, 0) AS counted
     FROM lottery_campaigns c
     LEFT JOIN (SELECT campaign_id, MAX(last_draw_no) AS packed FROM lottery_draw_packs GROUP BY campaign_id) p
       ON p.campaign_id = c.campaign_id
     LEFT JOIN lottery_statistics_cursors s ON s.campaign_id = c.campaign_id
     WHERE c.status IN ('ended', 'archived') AND c.end_time < ? AND c.draw_no > COALESCE(p.packed, 0)
     ORDER BY c.campaign_id`,
    [sqlTime(beforeMs)],
  );
  return rows.map((row) => ({
    campaignId: row.campaign_id,
    draws: Number(row.draws),
    packed: 0,
    problem:
      Number(row.counted) === Number(row.draw_no)
        ? undefined
        : `${Number(row.draw_no) - Number(row.counted)} draws are not counted yet`,
  }));
}

/** What cannot be packed of one campaign does not keep others from it. */
export async function* archiveDraws(
  services: Services,
  { stopping, ...archiving }: Archiving,
): AsyncGenerator<Archived> {
  for (const due of await findDue(services.database, archiving.beforeMs)) {
    if (due.problem === undefined) await archiveCampaign(services, due, { ...archiving, stopping });
    yield due;
    if (stopping?.aborted === true) return;
  }
}

async function archiveCampaign(
  services: Services,
  due: Archived,
  { beforeMs, pauseMs, stopping, copy }: Archiving,
): Promise<void> {
  const { campaignId } = due;
  try {
    await copy?.(campaignId);
    for (;;) {
      const beganMs = performance.now();
      const packed = await packNext(services, { campaignId, endedBeforeMs: beforeMs });
      due.packed += packed;
      if (packed === 0 || stopping?.aborted === true) break;
      await sleep(Math.max(pauseMs, RESTS * (performance.now() - beganMs)), undefined, {
        signal: stopping,
      }).catch(() => undefined);
    }
    if (due.packed < due.draws)
      due.problem = stopping?.aborted === true ? 'it was broken off' : 'another process packs them';
  } catch (error) {
    if (!(error instanceof PackError || error instanceof ArchiveFileError)) throw error;
    due.problem = error.message;
  }
}
