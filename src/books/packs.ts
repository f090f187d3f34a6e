/** Packs of draws: that they are what was packed, follow each other, and are listed for whoever has drawn (RO-6). */
import type { LotteryDraw } from '../../entities/lottery/LotteryDraw.ts';
import { DRAWS_PER_CAMPAIGN } from '../lottery/drawIds.ts';
import { PackError, unpack, type AnsweredRequest } from '../lottery/archive/drawPack.ts';
import { fromSqlTime } from '../platform/database/sqlValues.ts';
import { Findings } from './checks.ts';
import type { Invariant, Violation } from './check.ts';
import type { Snapshot } from './snapshot.ts';

const SEALED: Invariant = { rule: 'RO-6', holds: 'each pack of draws is what was packed' };
const FRAMED: Invariant = {
  rule: 'RO-6',
  holds: 'each pack has the draws that it says, and follows the one before it',
};

const PAGE_PACKS = 16;

interface PackRow {
  campaign_id: number;
  first_draw_no: number | string;
  last_draw_no: number | string;
  first_log_no: number | string;
  last_log_no: number | string;
  last_time: Date | string;
  content_hash: string;
  content: Buffer;
}

/** As rows of the same name in two packs, or in a pack and a table, would be found by the checks of all draws. */
export async function auditPacks(snapshot: Snapshot): Promise<Violation[]> {
  const findings = new Findings();
  let before: PackRow | undefined;
  for (;;) {
    const after = before ?? { campaign_id: 0, first_draw_no: 0 };
    const packs = await snapshot.query<PackRow>(
      `SELECT campaign_id, first_draw_no, last_draw_no, first_log_no, last_log_no, last_time, content_hash, content
       FROM lottery_draw_packs WHERE campaign_id > ? OR (campaign_id = ? AND first_draw_no > ?)
       ORDER BY campaign_id, first_draw_no LIMIT ${PAGE_PACKS}`,
      [after.campaign_id, after.campaign_id, Number(after.first_draw_no)],
    );
    for (const pack of packs) {
      compareFrame(pack, before?.campaign_id === pack.campaign_id ? before : undefined, findings);
      before = pack;
    }
    if (packs.length < PAGE_PACKS) return findings.violations;
  }
}

function compareFrame(pack: PackRow, before: PackRow | undefined, findings: Findings): void {
  const place = `campaign_id ${pack.campaign_id}, first_draw_no ${pack.first_draw_no}`;
  const expected = Number(before?.last_draw_no ?? 0) + 1;
  if (Number(pack.first_draw_no) !== expected) findings.add(FRAMED, `${place}: expected ${expected}`);
  try {
    const draws = contentsOf(pack).flatMap((answered) => answered.draws);
    const frame = {
      first_draw_no: draws[0]?.draw_no,
      last_draw_no: draws.at(-1)?.draw_no,
      first_log_no: draws[0]?.log_no,
      last_log_no: draws.at(-1)?.log_no,
      last_time: Math.max(...draws.map(({ draw_time: at }) => at.getTime())),
    };
    const said = { ...pack, last_time: fromSqlTime(pack.last_time) };
    for (const [column, value] of Object.entries(frame)) {
      const stored = Number(said[column as keyof typeof frame]);
      if (stored !== value) findings.add(FRAMED, `${place}: ${column} ${stored}, by its draws ${value}`);
    }
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    findings.add(SEALED, error.message);
  }
}

function contentsOf(pack: PackRow): AnsweredRequest[] {
  return unpack({ ...pack, first_draw_no: Number(pack.first_draw_no) });
}

/**
 * What packs of a campaign have whose log numbers are within a range, in its order. Of a pack that is none any more there is nothing:
 * what is missing then is a violation besides the one of the pack.
 */
export async function readPackedLog(
  snapshot: Snapshot,
  campaignId: number,
  { after, to }: { after: number; to: number },
): Promise<LotteryDraw[]> {
  const packs = await snapshot.query<PackRow>(
    `SELECT campaign_id, first_draw_no, content_hash, content FROM lottery_draw_packs
     WHERE campaign_id = ? AND last_log_no > ? AND first_log_no <= ? ORDER BY last_log_no`,
    [campaignId, after, to],
  );
  const draws = packs.flatMap(soundContentsOf).flatMap((answered) => answered.draws);
  return draws.filter(({ log_no: logNo }) => logNo > after && logNo <= to);
}

/** The requests of draws that are in packs, by draw id. */
export async function readPackedRequests(
  snapshot: Snapshot,
  drawIds: readonly number[],
): Promise<Map<number, AnsweredRequest['request']>> {
  const found = new Map<number, AnsweredRequest['request']>();
  let looked = new Map<number, AnsweredRequest['request']>();
  // In their order, so that those of one pack follow each other.
  for (const drawId of [...drawIds].sort((a, b) => a - b)) {
    if (!looked.has(drawId)) {
      const drawNo = drawId % DRAWS_PER_CAMPAIGN;
      const packs = await snapshot.query<PackRow>(
        `SELECT campaign_id, first_draw_no, content_hash, content FROM lottery_draw_packs
         WHERE campaign_id = ? AND first_draw_no <= ? ORDER BY first_draw_no DESC LIMIT 1`,
        [(drawId - drawNo) / DRAWS_PER_CAMPAIGN, drawNo],
      );
      const answered = packs.flatMap(soundContentsOf);
      looked = new Map(
        answered.flatMap(({ request, draws }) => draws.map((draw) => [draw.draw_id, request] as const)),
      );
    }
    const request = looked.get(drawId);
    if (request !== undefined) found.set(drawId, request);
  }
  return found;
}

function soundContentsOf(pack: PackRow): AnsweredRequest[] {
  try {
    return contentsOf(pack);
  } catch (error) {
    if (error instanceof PackError) return [];
    throw error;
  }
}
