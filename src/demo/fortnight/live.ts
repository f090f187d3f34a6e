/*
 * Lives some weeks of the past in the database of a demo (B-6): each person, bill, check-in, draw and page by the very verbs that the
 * product has for them, at the times of a clock that is moved from minute to minute. So whatever is counted behind them is counted as
 * always, and the books balance. Draws are those of a campaign of their own, decided by its owner in the order of their times: its log
 * of fairness is as good as any. One evening the network is broken: who looks at the days afterwards finds that by themselves.
 *
 * It begins with people who were not there before, and does nothing a second time.
 */
import { Like } from 'typeorm';
import { User } from '../../../entities/identity/User.ts';
import { storeBehaviors, type Behavior } from '../../analytics/behaviors/storeBehaviors.ts';
import { Buckets } from '../../analytics/behaviors/buckets.ts';
import { readBacklog } from '../../events/readEvents.ts';
import { registerMany } from '../../identity/people/registerMany.ts';
import { Campaign } from '../../lottery/campaign.ts';
import { foldAll } from '../../lottery/statistics/fold.ts';
import type { FiguresServices } from '../../lottery/statistics/figures.ts';
import { startOfBusinessDay, type Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { emitEvents } from '../../platform/events/outbox.ts';
import type { Logger } from '../../platform/logger.ts';
import { pauseUntil } from '../../platform/repeating.ts';
import { payBill } from '../../points/bills/bills.ts';
import { checkIn } from '../../points/checkIn/checkIn.ts';
import { post } from '../../points/ledger.ts';
import { billPolicyOf, checkInPolicyOf } from '../../points/settings.ts';
import { LedgerDays } from '../../points/statistics/countDays.ts';
import { dayAfter } from '../../points/statistics/periods.ts';
import { listRestaurants } from '../../restaurants/restaurants.ts';
import { Chance } from '../../smart/forecast/seededSeries.ts';
import { createCampaign } from '../seedDemo.ts';
import type { DemoShopConfig } from '../shop.ts';
import { deedsOf, type Deed } from './days.ts';
import { habitsOf, type Habit } from './people.ts';

/** Moved by what is lived. */
export interface MovedClock extends Clock {
  moveTo(timeMs: number): void;
}

export interface LivingServices {
  database: Database;
  clock: MovedClock;
  logger: Logger;
  config: DemoShopConfig;
  figures: FiguresServices;
  seedKey: Buffer;
}

export interface Past {
  /** The first day and how many there are. */
  from: string;
  days: number;
  people: number;
  seed: string;
  /** On which of them the network breaks in the evening. */
  brokenDay: number;
}

export interface Lived {
  people: number;
  bills: number;
  checkIns: number;
  draws: number;
  pages: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Whoever is of the past has such a number: nobody else. */
const MOBILES = '1370';
const FIRST_POINTS = 300_00;
const EVENING = 17 * 60;
/** Minutes that are lived in one transaction. */
const STEP = 30;
const COST = 20_00;
const WAITED_MS = 20;
const BEHAVIORS = 400;

/** @throws Error for a database that is no demo, or has such a past already */
export async function requireDemo({ database }: Pick<LivingServices, 'database'>): Promise<void> {
  const manager = database.currentReader;
  const isDemo = await manager.existsBy(User, { mobile: '13800000000', role: 'super_admin' });
  const known = (prefix: string) => manager.countBy(User, { mobile: Like(`${prefix}%`) });
  const [all, staff, diners, past] = await Promise.all([
    manager.count(User),
    known('1380000000'),
    known('139000000'),
    known(MOBILES),
  ]);
  if (past > 0) throw new Error('this database has such a past already');
  if (!isDemo || all > staff + diners) throw new Error('this database is no demo: it has people of its own');
}

export async function live(
  services: LivingServices,
  past: Past,
  tell: (line: string) => void,
): Promise<Lived> {
  const { database, clock, config } = services;
  const zone = config.businessTimezone;
  const chance = new Chance(past.seed);
  const startMs = startOfBusinessDay(past.from, zone);
  clock.moveTo(startMs);
  const habits = habitsOf(chance, past.people, past.days);
  const campaignId = await database.retryingTransaction((tx) =>
    createCampaign(
      tx,
      {
        ...{ name: '常来抽抽', description: '每次 20 积分', cost: COST, startMs },
        endMs: startMs + (past.days + 60) * DAY_MS,
      },
      startMs,
    ),
  );
  const campaign = await Campaign.open(
    { ...services, businessTimezone: zone, drawRatePerSecond: 1000 },
    campaignId,
  );
  const house = new House(services, campaign, await findHouse(database));
  const lived: Lived = { people: 0, bills: 0, checkIns: 0, draws: 0, pages: 0 };
  try {
    for (let day = 0; day < past.days; day++) {
      const date = dayAfter(past.from, day);
      const dayMs = startOfBusinessDay(date, zone);
      clock.moveTo(dayMs + 8 * 60 * MINUTE_MS);
      lived.people += await house.welcome(habits, day);
      const weekday = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
      const brokenFrom = day === past.brokenDay ? EVENING : undefined;
      const deeds = deedsOf(chance, habits, { day, weekday, brokenFrom });
      for (const steps of Map.groupBy(deeds, ({ minute }) => Math.floor(minute / STEP)).values())
        await house.live(steps, dayMs);
      await house.storePages(deeds, { dayMs, date });
      for (const { kind } of deeds) if (kind !== 'draw') lived[COUNTED[kind]] += 1;
      // Whoever has not enough points does not draw.
      lived.draws = campaign.pool.drawNo;
      await settle(services);
      tell(`${date}: ${deeds.length} deeds`);
    }
  } finally {
    await campaign.close();
  }
  return lived;
}

const COUNTED = { page: 'pages', check_in: 'checkIns', bill: 'bills' } as const;

async function findHouse(database: Database) {
  const staff = await database.currentReader.findOneByOrFail(User, { mobile: '13800000002' });
  const restaurants = await listRestaurants(database);
  return { staffId: staff.user_id, restaurantIds: restaurants.map(({ restaurant_id: id }) => id) };
}

/** All that is counted behind what was done. */
async function settle({ database, clock, figures, config }: LivingServices): Promise<void> {
  await foldAll({ ...figures, clock });
  await new LedgerDays({ database, clock, businessTimezone: config.businessTimezone }).count();
  while ((await readBacklog(database)).waiting > 0) await pauseUntil(undefined, WAITED_MS);
}

class House {
  private readonly userIds = new Map<number, number>();
  private readonly buckets: Buckets;
  private bills = 0;
  private requests = 0;

  constructor(
    private readonly services: LivingServices,
    private readonly campaign: Campaign,
    private readonly of: Awaited<ReturnType<typeof findHouse>>,
  ) {
    this.buckets = new Buckets(services.config.businessTimezone);
  }

  /** Those who join on a day. @returns how many */
  async welcome(habits: readonly Habit[], day: number): Promise<number> {
    const nowMs = this.services.clock.nowMs();
    const joining = [...habits.keys()].filter((at) =>
      day === 0 ? habits[at]!.joins <= 0 : habits[at]!.joins === day,
    );
    const mobileOf = (at: number) => `${MOBILES}${String(at).padStart(7, '0')}`;
    await this.services.database.retryingTransaction(async (tx) => {
      const newcomers = joining.map((at) => ({ mobile: mobileOf(at), nickname: '' }));
      const ids = await registerMany(tx, newcomers, nowMs);
      const entry = { type: 'earn', source: 'demo', reason: '入会积分', relatedId: null };
      const users = joining.map((at) => ({ at, userId: ids.get(mobileOf(at))! }));
      if (users.length === 0) return;
      await post(
        tx,
        users.map(({ userId }) => ({ ...entry, userId, amountHundredths: FIRST_POINTS })),
        nowMs,
      );
      // Those who were there before have not joined on the first day.
      const joined = users.filter(({ at }) => habits[at]!.joins >= 0);
      const events = joined.map(({ userId }) => ({
        ...{ type: 'user:registered' as const, userId, data: { user_id: userId } },
      }));
      await emitEvents(tx, events, nowMs);
      for (const { at, userId } of users) this.userIds.set(at, userId);
    });
    return joining.length;
  }

  /** What happens within some minutes: bills and check-ins in one transaction, draws by the campaign's owner. */
  async live(deeds: readonly Deed[], dayMs: number): Promise<void> {
    const { database, clock, config, logger } = this.services;
    const { staffId: payeeId, restaurantIds } = this.of;
    const timeOf = ({ minute }: Deed) => dayMs + minute * MINUTE_MS;
    clock.moveTo(timeOf(deeds.at(-1)!));
    const atTill = deeds.filter(({ kind }) => kind === 'bill' || kind === 'check_in');
    if (atTill.length > 0)
      await database.retryingTransaction(async (tx) => {
        for (const deed of atTill) {
          const userId = this.userIds.get(deed.person)!;
          if (deed.kind === 'check_in')
            await checkIn(tx, userId, checkInPolicyOf({ config, logger }), timeOf(deed));
          if (deed.kind !== 'bill') continue;
          const billNo = `PAST-${++this.bills}`;
          const restaurantId = restaurantIds[deed.restaurant] ?? null;
          const payment = { payeeId, restaurantId, userId, billNo, billAmount: deed.amount };
          await payBill(tx, payment, billPolicyOf(config), timeOf(deed));
        }
      });
    const draws = deeds.filter(({ kind }) => kind === 'draw');
    await Promise.all(draws.map(({ person }) => this.draw(this.userIds.get(person)!)));
  }

  /** Whoever has not enough points does not draw. */
  private async draw(userId: number): Promise<void> {
    const message = { request_id: `past-${++this.requests}`, draw_count: 1, client_seed: undefined };
    await this.campaign.draw({ userId }, message).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'POINTS_INSUFFICIENT') throw error;
    });
  }

  async storePages(deeds: readonly Deed[], { dayMs, date }: { dayMs: number; date: string }): Promise<void> {
    const behaviors = deeds.flatMap((deed, at): Behavior[] => {
      if (deed.kind !== 'page') return [];
      const occurredAtMs = dayMs + deed.minute * MINUTE_MS;
      const of = {
        userId: this.userIds.get(deed.person)!,
        visitId: `past-${date}-${deed.person}`,
        ...{ name: deed.name, targetType: null, targetId: null, position: null, occurredAtMs },
        receivedAtMs: occurredAtMs,
      };
      const eventId = `past-${date}-${at}`;
      return [
        { ...of, eventId, kind: 'page', durationMs: null },
        { ...of, eventId: `${eventId}-d`, kind: 'dwell', durationMs: deed.dwellMs },
      ];
    });
    for (let from = 0; from < behaviors.length; from += BEHAVIORS) {
      const part = behaviors.slice(from, from + BEHAVIORS);
      await storeBehaviors(this.services.database, part, this.buckets);
    }
  }
}
