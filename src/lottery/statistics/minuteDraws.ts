/*
 * Draws of each minute, which nothing counts: draws of a campaign are numbered in the order of their times, so that a search by halves
 * finds the number at which a minute begins, by a few keys each. What is found once is remembered; later looks search for one minute.
 */
import { In } from 'typeorm';
import { LotteryDraw } from '../../../entities/lottery/LotteryDraw.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { drawIdOf } from '../drawIds.ts';

const MINUTE_MS = 60_000;
export const MINUTES = 60;
/** Draws whose time was before a minute may still commit for so long after it has begun. */
const SETTLED_MS = 10_000;

export interface Drawing {
  campaignId: number;
  /** How many draws there are. */
  drawNo: number;
}

export interface Minute {
  startMs: number;
  draws: number;
}

export class MinuteDraws {
  /** By campaign, and by the beginning of a minute: how many draws were before it. */
  private known = new Map<number, Map<number, number>>();

  constructor(private readonly database: Database) {}

  /** Of the last hour, the present minute as far as it is. */
  async read(campaigns: readonly Drawing[], nowMs: number): Promise<Minute[]> {
    const present = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
    const starts = Array.from({ length: MINUTES }, (_, at) => present - (MINUTES - 1 - at) * MINUTE_MS);
    const sums = starts.map(() => 0);
    const known: typeof this.known = new Map();
    for (const campaign of campaigns) {
      const before = await this.drawsBefore(campaign, starts);
      const kept = starts.flatMap((start, at) =>
        nowMs - start < SETTLED_MS ? [] : [[start, before[at]!] as const],
      );
      known.set(campaign.campaignId, new Map(kept));
      starts.forEach((_, at) => (sums[at]! += (before[at + 1] ?? campaign.drawNo) - before[at]!));
    }
    this.known = known;
    return starts.map((startMs, at) => ({ startMs, draws: Math.max(0, sums[at]!) }));
  }

  /** All searches at once: each round is one statement, and there are as many as halves. */
  private async drawsBefore({ campaignId, drawNo }: Drawing, starts: readonly number[]): Promise<number[]> {
    const known = this.known.get(campaignId);
    const least = known === undefined ? 0 : Math.min(drawNo, ...known.values());
    const ranges = starts.map((start) => {
      const found = known?.get(start);
      return found === undefined ? { start, low: least, high: drawNo } : { start, low: found, high: found };
    });
    for (let isFirst = true; ; isFirst = false) {
      const open = ranges.filter(({ low, high }) => low < high);
      if (open.length === 0) return ranges.map(({ low }) => low);
      // The last draw first: of most campaigns it was long ago.
      const looks = open.map((range) => ({
        range,
        no: isFirst ? range.high : Math.ceil((range.low + range.high) / 2),
      }));
      const times = await this.timesOf(campaignId, [...new Set(looks.map(({ no }) => no))]);
      for (const { range, no } of looks) {
        if ((times.get(no) ?? Infinity) < range.start) range.low = no;
        else range.high = no - 1;
      }
    }
  }

  private async timesOf(campaignId: number, numbers: readonly number[]): Promise<Map<number, number>> {
    const rows = await this.database.currentReader.find(LotteryDraw, {
      select: { draw_id: true, draw_no: true, draw_time: true },
      where: { draw_id: In(numbers.map((no) => drawIdOf(campaignId, no))) },
    });
    return new Map(rows.map(({ draw_no: no, draw_time: time }) => [no, time.getTime()]));
  }
}
