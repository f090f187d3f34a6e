/** What rules give on occasions that come once, or once a year: the first login, and birthdays. */
import { In, type EntityManager } from 'typeorm';
import { PointsGift } from '../../entities/points/PointsGift.ts';
import { readBirthdays } from '../identity/people/birthdays.ts';
import { businessDayOf, type Clock } from '../platform/clock.ts';
import { insertOne } from '../platform/database/bulk.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import type { EventBus } from '../platform/events/bus.ts';
import type { Logger } from '../platform/logger.ts';
import { earningOf, postEarnings, type GrantPolicy } from './earning.ts';
import { lockAccounts } from './ledger.ts';
import { repeating } from '../platform/repeating.ts';
import type { OwnFacts } from './rules/formula.ts';
import { UserRules } from './rules/userRules.ts';
import { grantPolicyOf, type PointsSettings } from './settings.ts';
import { dayAfter } from './statistics/periods.ts';

interface Occasion {
  userId: number;
  type: 'first_login' | 'birthday';
  /** 0 of one that comes once. */
  year: number;
  facts: OwnFacts;
}

/** Once, however often it is asked for; also where the rules give nothing now. */
export async function give(
  tx: Tx,
  { userId, type, year, facts }: Occasion,
  policy: GrantPolicy,
  nowMs: number,
): Promise<void> {
  const accounts = await lockAccounts(tx, [userId]);
  const user = accounts.get(userId);
  const gift = { user_id: userId, occasion: type, year };
  if (user === undefined || user.mergedInto !== null) return;
  if (await tx.manager.existsBy(PointsGift, gift)) return;
  const rules = await UserRules.read(tx, { type, user, nowMs });
  const { grants } = rules.evaluate(facts);
  const relatedId = year === 0 ? null : String(year);
  const shared = { type, source: type, reason: type, relatedId, expiresAtMs: policy.endMs(nowMs) };
  await Promise.all([insertOne(tx, PointsGift, { ...gift, given_at: new Date(nowMs) }), rules.store(tx)]);
  const earnings = grants.map((grant) => earningOf(grant, shared));
  await postEarnings(tx, policy, { userId, earnings, accounts }, nowMs);
}

export interface GiftServices {
  database: Database;
  clock: Clock;
  logger: Logger;
  config: PointsSettings;
}

/** Whoever has registered has just logged in for the first time. */
export function giveAtFirstLogin(
  bus: EventBus,
  { clock, config }: Pick<GiftServices, 'clock' | 'config'>,
): void {
  bus.on('user:registered', 'points.first-login', async ({ userId }, tx) => {
    if (userId === null) return;
    await give(tx, { userId, type: 'first_login', year: 0, facts: {} }, grantPolicyOf(config), clock.nowMs());
  });
}

/** A birthday is found on its day; and for so many days after, where no node looked on it. */
const LATE_DAYS = 3;
const BATCH = 100;
/** People may tell their birthday on the very day. */
const LOOK_MS = 600_000;

/** Every node looks, again and again; each birthday is given for once in a year. */
export function keepBirthdays(services: GiftServices): () => void {
  let lookedAtMs = -Infinity;
  return repeating(services.logger, 'birthdays could not be given for', async (stopping) => {
    const nowMs = services.clock.monotonicMs();
    if (nowMs - lookedAtMs < LOOK_MS) return;
    await giveForBirthdays(services, stopping);
    lookedAtMs = nowMs;
  });
}

export async function giveForBirthdays(
  services: Omit<GiftServices, 'logger'>,
  stopping?: AbortSignal,
): Promise<void> {
  const { clock, config } = services;
  const today = businessDayOf(clock.nowMs(), config.businessTimezone);
  for (let late = LATE_DAYS; late >= 0; late--) {
    const day = dayAfter(today, -late);
    for (const monthDay of monthDaysOf(day)) await giveForDay(services, { day, monthDay }, stopping);
  }
}

/** Who was born on a leap day has their birthday on the last of February in other years. */
function monthDaysOf(day: string): string[] {
  const monthDay = day.slice(5);
  return monthDay === '02-28' && dayAfter(day).endsWith('03-01') ? [monthDay, '02-29'] : [monthDay];
}

async function giveForDay(
  { database, clock, config }: Omit<GiftServices, 'logger'>,
  { day, monthDay }: { day: string; monthDay: string },
  stopping?: AbortSignal,
): Promise<void> {
  const year = Number(day.slice(0, 4));
  const policy = grantPolicyOf(config);
  let afterUserId = 0;
  while (stopping?.aborted !== true) {
    const asked = { monthDay, afterUserId, take: BATCH };
    const { userIds, isLast, last } = await readUngiven(database.currentReader, asked, year);
    for (const userId of userIds) {
      const occasion = { userId, type: 'birthday', year, facts: { year } } as const;
      await database.retryingTransaction((tx) => give(tx, occasion, policy, clock.nowMs()));
    }
    if (isLast) return;
    afterUserId = last;
  }
}

/** Born before that year, and not given anything in it. */
async function readUngiven(
  manager: EntityManager,
  asked: { monthDay: string; afterUserId: number; take: number },
  year: number,
): Promise<{ userIds: number[]; isLast: boolean; last: number }> {
  const born = await readBirthdays(manager, asked);
  const given = await manager.findBy(PointsGift, {
    user_id: In(born.map(({ userId }) => userId)),
    occasion: 'birthday',
    year,
  });
  const had = new Set(given.map(({ user_id: userId }) => userId));
  const ungiven = born.filter(
    ({ userId, birthday }) => !had.has(userId) && Number(birthday.slice(0, 4)) < year,
  );
  return {
    userIds: ungiven.map(({ userId }) => userId),
    isLast: born.length < asked.take,
    last: born.at(-1)?.userId ?? 0,
  };
}
