/*
 * The day so far, what is usual, and what waits for somebody: everything from rows that are counted already, by their keys. Days
 * that are over do not change: they are read once in a while, and an answer serves all who ask within a moment.
 */
import { countPending } from '../../approvals/approvals.ts';
import { countOpenReports } from '../../chat/moderation/readReports.ts';
import { countWaiting } from '../../chat/service/queue.ts';
import { readBacklog } from '../../events/readEvents.ts';
import { countLowStock, findRunning, runningToWire } from '../../lottery/running.ts';
import {
  addedBy,
  findDrawnSince,
  NO_FIGURES,
  plusFigures,
  type AddedFigures,
} from '../../lottery/statistics/addedFigures.ts';
import type { Calendar } from '../../lottery/statistics/calendar.ts';
import { MinuteDraws } from '../../lottery/statistics/minuteDraws.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { toWireTime } from '../../platform/shapes.ts';
import { earnedInAll } from '../../points/statistics/earnedInAll.ts';
import { dayAfter } from '../../points/statistics/periods.ts';
import { countInReview } from '../../points/transfers/countInReview.ts';
import { countPendingReviews } from '../../reviews/countPending.ts';
import { countDisputed } from '../../trades/countDisputed.ts';
import { usualMinutes } from './usualMinutes.ts';
import { pointsFigure, type DashboardFigures, type DashboardView } from './messages.ts';

const WEEKS = [1, 2, 3, 4] as const;
const HOUR_MS = 3_600_000;
/** How long days that are over are not read again. */
const PAST_MS = 300_000;
const FRESH_MS = 2000;

export interface DashboardServices {
  database: Database;
  clock: Clock;
  calendar: Calendar;
}

interface Day {
  whole: AddedFigures & { earned: number };
  /** By the beginning of the hour, in milliseconds from that of the day; the last hour of the day before has the first place. */
  hours: ReadonlyMap<number, AddedFigures>;
}

interface Kept<Value> {
  readMs: number;
  of: string;
  value: Promise<Value>;
}

export class Dashboard {
  private readonly minutes: MinuteDraws;
  private past: Kept<Day[]> | undefined;
  private latest: Kept<DashboardView> | undefined;

  constructor(private readonly services: DashboardServices) {
    this.minutes = new MinuteDraws(services.database);
  }

  read(): Promise<DashboardView> {
    this.latest = this.keep(this.latest, { of: '', forMs: FRESH_MS }, () => this.readNow());
    return this.latest.value;
  }

  private async readNow(): Promise<DashboardView> {
    const { database, clock, calendar } = this.services;
    const nowMs = clock.nowMs();
    const { day } = calendar.startsAt(nowMs);
    const [running, toDo, today, earned, past] = await Promise.all([
      findRunning(database),
      this.readToDo(),
      this.readDay(day),
      earnedInAll(database, day),
      this.readPast(day),
    ]);
    const drawing = running.map(({ campaign }) => ({
      campaignId: campaign.campaign_id,
      drawNo: campaign.draw_no,
    }));
    const minutes = await this.minutes.read(drawing, nowMs);
    const { startMs: dayMs } = calendar.boundsOf('day', day);
    const passedMs = nowMs - dayMs;
    const usual = usualMinutes(
      past,
      minutes.map(({ startMs }) => startMs - dayMs),
    );
    return {
      day,
      business_timezone: calendar.timezone,
      now: toWireTime(nowMs),
      is_complete: false,
      weeks: past.length,
      figures: figuresOf({ ...today, earned }, past, passedMs),
      minutes: minutes.map(({ startMs, draws }, at) => ({
        starts_at: toWireTime(startMs),
        draws,
        usual: usual[at]!,
      })),
      to_do: { ...toDo, low_stock: countLowStock(running) },
      campaigns: running.map(runningToWire),
    };
  }

  private async readToDo() {
    const { database } = this.services;
    const [reviews, approvals, reports, transfers, disputes, service_sessions, { deadLetters }] =
      await Promise.all([
        countPendingReviews(database),
        countPending(database),
        countOpenReports(database),
        countInReview(database),
        countDisputed(database),
        countWaiting(database.currentReader),
        readBacklog(database),
      ]);
    return { reviews, approvals, reports, transfers, disputes, service_sessions, dead_letters: deadLetters };
  }

  private async readDay(day: string): Promise<AddedFigures> {
    const { database, calendar } = this.services;
    const { startMs } = calendar.boundsOf('day', day);
    const campaignIds = await findDrawnSince(database, startMs);
    const asked = { campaignIds, period: 'day', from: day, to: dayAfter(day) } as const;
    return (await addedBy(database, asked)).get(day) ?? NO_FIGURES;
  }

  /** The same weekday of the weeks before, where anybody drew. */
  private readPast(today: string): Promise<Day[]> {
    this.past = this.keep(this.past, { of: today, forMs: PAST_MS }, async () => {
      const days = await Promise.all(WEEKS.map((week) => this.readPastDay(dayAfter(today, -7 * week))));
      return days.filter(({ whole }) => whole.draws > 0);
    });
    return this.past.value;
  }

  private async readPastDay(day: string): Promise<Day> {
    const { database, calendar } = this.services;
    const { startMs, endMs } = calendar.boundsOf('day', day);
    const fromMs = startMs - HOUR_MS;
    const campaignIds = await findDrawnSince(database, fromMs);
    const hourOf = (timeMs: number) => calendar.startsAt(timeMs).hour;
    const [whole, hours, earned] = await Promise.all([
      addedBy(database, { campaignIds, period: 'day', from: day, to: dayAfter(day) }),
      addedBy(database, { campaignIds, period: 'hour', from: hourOf(fromMs), to: hourOf(endMs) }),
      earnedInAll(database, day),
    ]);
    return {
      whole: { ...(whole.get(day) ?? NO_FIGURES), earned },
      hours: new Map([...hours].map(([starts, figures]) => [Date.parse(starts) - startMs, figures])),
    };
  }

  /** Whoever asks meanwhile is answered by the same read; one that has failed is not kept. */
  private keep<Value>(
    kept: Kept<Value> | undefined,
    { of, forMs }: { of: string; forMs: number },
    work: () => Promise<Value>,
  ): Kept<Value> {
    const nowMs = this.services.clock.monotonicMs();
    if (kept !== undefined && kept.of === of && nowMs - kept.readMs < forMs) return kept;
    const next: Kept<Value> = { readMs: nowMs, of, value: work() };
    next.value.catch(() => (next.readMs = -Infinity));
    return next;
  }
}

/** @param passedMs of the day: of an hour that goes on its part is taken. */
export function figuresOf(
  today: AddedFigures & { earned: number },
  past: readonly Day[],
  passedMs: number,
): DashboardFigures {
  const mean = (valueOf: (day: Day) => number) =>
    past.length === 0 ? null : past.reduce((sum, day) => sum + valueOf(day), 0) / past.length;
  const byNow = new Map(past.map((day) => [day, upTo(day, passedMs)]));
  const hourly = (name: Exclude<keyof AddedFigures, 'participants'>) => ({
    today: today[name],
    usual: rounded(mean(({ whole }) => whole[name])),
    usual_by_now: rounded(mean((day) => byNow.get(day)![name])),
  });
  const daily = (name: 'participants' | 'earned') => ({
    today: today[name],
    usual: rounded(mean(({ whole }) => whole[name])),
    usual_by_now: null,
  });
  return {
    draws: hourly('draws'),
    wins: hourly('wins'),
    people: daily('participants'),
    points_spent: pointsFigure(hourly('pointsSpent')),
    points_earned: pointsFigure(daily('earned')),
    prize_cost: pointsFigure(hourly('valueGiven')),
  };
}

function upTo({ hours }: Day, passedMs: number): AddedFigures {
  let sum = NO_FIGURES;
  for (const [fromMs, figures] of hours) {
    if (fromMs < 0) continue;
    const part = Math.min(1, Math.max(0, (passedMs - fromMs) / HOUR_MS));
    sum = plusFigures(sum, figures, part);
  }
  return sum;
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}
