/** The figures of a campaign at this moment: what is counted, and the draws behind it counted on the way (RL-14). */
import { setTimeout as sleep } from 'node:timers/promises';
import { And, LessThanOrEqual, MoreThanOrEqual } from 'typeorm';
import { LotteryCampaign } from '../../../entities/lottery/LotteryCampaign.ts';
import { LotteryPeriod, type StatisticsPeriod } from '../../../entities/lottery/LotteryPeriod.ts';
import { LotteryPeriodPrize } from '../../../entities/lottery/LotteryPeriodPrize.ts';
import { LotteryStatisticsCursor } from '../../../entities/lottery/LotteryStatisticsCursor.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import type { Calendar } from './calendar.ts';
import type { CountedDraws } from './countedDraws.ts';
import { outside, readPeople } from './people.ts';
import { drawnIn, emptyPeriod, Tally } from './tally.ts';

export interface FiguresServices {
  database: Database;
  calendar: Calendar;
  counted: CountedDraws;
}

export interface AskedFigures {
  campaignId: number;
  period: StatisticsPeriod;
  /** `starts` of the first period and of the last one. */
  from: string;
  to: string;
  /** How many of the last hours in which somebody drew come with them, and their prizes. */
  hours: number;
}

export interface Figures {
  campaign: LotteryCampaign;
  /** Draws up to this number are in the figures: all that there are, unless the statistics are far behind. */
  countedTo: number;
  visitors: number;
  winners: number;
  all: LotteryPeriod;
  /** Of all draws. */
  prizes: LotteryPeriodPrize[];
  /** In the order of time; those without draws are left out. */
  periods: LotteryPeriod[];
  periodPrizes: LotteryPeriodPrize[];
  hours: LotteryPeriod[];
  hourPrizes: LotteryPeriodPrize[];
}

/** How often they are read again because draws were counted meanwhile. */
const TRIES = 8;
const PAUSE_MS = 10;

/** @throws AppError NOT_FOUND, BUSY when the statistics move on all the time */
export async function readFigures(services: FiguresServices, asked: AskedFigures): Promise<Figures> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const figures = await readOnce(services, asked);
    if (figures !== undefined) return figures;
    await sleep(attempt * PAUSE_MS);
  }
  throw new AppError('BUSY', { retryAfterSeconds: 1 });
}

/** Undefined where draws were counted while it read: it may have seen some of them twice or not at all. */
async function readOnce(services: FiguresServices, asked: AskedFigures): Promise<Figures | undefined> {
  const { database, calendar, counted } = services;
  const { campaignId } = asked;
  const cursor = await readCursor(database, campaignId);
  // After the cursor, so that it is not behind it.
  const campaign = await database.currentReader.findOneBy(LotteryCampaign, { campaign_id: campaignId });
  if (campaign === null) throw new AppError('NOT_FOUND');
  const isFarBehind = campaign.draw_no - cursor.draw_no > LIMITS.uncountedDraws;
  const countedTo = isFarBehind ? cursor.draw_no : campaign.draw_no;
  const [stored, draws] = await Promise.all([
    readStored(database, asked),
    counted.read({ campaignId, after: cursor.draw_no, to: countedTo }),
  ]);
  const people = await readPeople(outside(database), campaignId, drawnIn(draws, calendar));
  const after = await readCursor(database, campaignId);
  if (after.draw_no !== cursor.draw_no || after.visitors !== cursor.visitors) return undefined;
  const tally = new Tally(campaignId, calendar, people);
  for (const draw of draws) tally.count(draw);
  return {
    campaign,
    countedTo,
    visitors: cursor.visitors + tally.newVisitors,
    winners: cursor.winners + tally.newWinners,
    ...together(asked, stored, tally),
  };
}

const NOTHING = { draw_no: 0, visitors: 0, winners: 0 };

async function readCursor(database: Database, campaignId: number): Promise<typeof NOTHING> {
  const which = { campaign_id: campaignId };
  return (await database.currentReader.findOneBy(LotteryStatisticsCursor, which)) ?? NOTHING;
}

interface Stored {
  periods: LotteryPeriod[];
  prizes: LotteryPeriodPrize[];
}

/** All, what was asked for, and the last hours: each a range of the key. */
async function readStored(database: Database, asked: AskedFigures): Promise<Stored> {
  const { campaignId, period, from, to, hours: hourCount } = asked;
  const reader = database.currentReader;
  const all = { campaign_id: campaignId, period: 'all' as const };
  const between = {
    campaign_id: campaignId,
    period,
    starts: And(MoreThanOrEqual(from), LessThanOrEqual(to)),
  };
  const hours = { campaign_id: campaignId, period: 'hour' as const };
  const [ofAll, prizesOfAll, ofPeriods, prizesOfPeriods, ofHours] = await Promise.all([
    reader.findBy(LotteryPeriod, all),
    reader.findBy(LotteryPeriodPrize, all),
    reader.findBy(LotteryPeriod, between),
    reader.findBy(LotteryPeriodPrize, between),
    hourCount === 0
      ? []
      : reader.find(LotteryPeriod, { where: hours, order: { starts: 'DESC' }, take: hourCount }),
  ]);
  const first = ofHours.at(-1);
  const prizesOfHours =
    first === undefined
      ? []
      : await reader.findBy(LotteryPeriodPrize, { ...hours, starts: MoreThanOrEqual(first.starts) });
  return {
    periods: [...ofAll, ...ofPeriods, ...ofHours],
    prizes: [...prizesOfAll, ...prizesOfPeriods, ...prizesOfHours],
  };
}

type Together = Omit<Figures, 'campaign' | 'countedTo' | 'visitors' | 'winners'>;

function together(
  { campaignId, period, from, to, hours }: AskedFigures,
  stored: Stored,
  tally: Tally,
): Together {
  const periods = added(stored.periods, tally.periods, ({ starts, period: of }) => `${of} ${starts}`);
  const prizes = added(
    stored.prizes,
    tally.prizes,
    ({ starts, period: of, prize_id: id }) => `${of} ${starts} ${id}`,
  );
  const isAsked = (row: { period: string; starts: string }) =>
    row.period === period && row.starts >= from && row.starts <= to;
  const ofHours = periods.filter((row) => row.period === 'hour').sort(byTime);
  const lastHours = ofHours.slice(Math.max(0, ofHours.length - hours));
  const firstHour = lastHours[0]?.starts;
  return {
    all: periods.find((row) => row.period === 'all') ?? emptyPeriod(campaignId, 'all', ''),
    prizes: prizes.filter((row) => row.period === 'all'),
    periods: periods.filter(isAsked).sort(byTime),
    periodPrizes: prizes.filter(isAsked),
    hours: lastHours,
    hourPrizes: prizes.filter(
      (row) => row.period === 'hour' && firstHour !== undefined && row.starts >= firstHour,
    ),
  };
}

function byTime(a: { starts: string }, b: { starts: string }): number {
  return a.starts < b.starts ? -1 : 1;
}

/** Rows of the one key added up. One that is stored may be there twice, since two ranges may overlap. */
function added<Row extends object>(
  stored: readonly Row[],
  counted: readonly Row[],
  keyOf: (row: Row) => string,
): Row[] {
  const rows = new Map(stored.map((row) => [keyOf(row), row]));
  for (const row of counted) {
    const before = rows.get(keyOf(row));
    rows.set(keyOf(row), before === undefined ? row : sumOf(before, row));
  }
  return [...rows.values()];
}

/** Everything that is counted; the numbers of campaign and prize are the same in both. */
function sumOf<Row extends object>(a: Row, b: Row): Row {
  const entries = Object.entries(a) as [string, unknown][];
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const other = (b as Record<string, unknown>)[name];
      const isCounted = typeof value === 'number' && !name.endsWith('_id');
      return [name, isCounted ? value + (other as number) : value];
    }),
  ) as Row;
}
