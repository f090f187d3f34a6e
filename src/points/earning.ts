/** What a user earns, with the experience of it, and the levels that it leads to (P-10). */
import { In } from 'typeorm';
import { PointsExperience } from '../../entities/points/PointsExperience.ts';
import { PointsLevelReached } from '../../entities/points/PointsLevelReached.ts';
import { insertAll, upsertAll } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { emitEvents, type NewEvent } from '../platform/events/outbox.ts';
import { LIMITS } from '../platform/limits.ts';
import { lockAccounts, Postings, type LedgerEntry, type LockedAccount } from './ledger.ts';
import type { Levels } from './levels.ts';
import type { Grant } from './rules/engine.ts';
import { UserRules } from './rules/userRules.ts';
import { shareOf } from './shareOf.ts';

/** By what an installation gives points. */
export interface GrantPolicy {
  levels: Levels;
  /** When points that come now end; null: never. */
  endMs(nowMs: number): number | null;
}

/** A gain; its event says `about` as well. */
export interface Earning extends Omit<LedgerEntry, 'userId'> {
  about?: object;
}

export interface Earned {
  /** Of the earnings, in their order. */
  transactionIds: number[];
  balanceBeforeHundredths: number;
  /** After them, and after what the levels have brought. */
  balanceAfterHundredths: number;
}

export interface Earnings {
  userId: number;
  earnings: readonly Earning[];
  /** That the transaction holds; absent: it is locked here. */
  accounts?: ReadonlyMap<number, LockedAccount>;
}

/** What the ledger makes of a grant. */
export function earningOf(
  { ruleId, version, hundredths }: Grant,
  shared: Pick<Earning, 'type' | 'source' | 'reason' | 'relatedId' | 'expiresAtMs'>,
): Earning {
  return { ...shared, amountHundredths: hundredths, rule: { ruleId, version } };
}

/** @throws AppError NOT_FOUND for a user without an account, CONFLICT above the largest balance */
export async function postEarnings(
  tx: Tx,
  policy: GrantPolicy,
  { userId, earnings, accounts: held }: Earnings,
  nowMs: number,
): Promise<Earned> {
  const accounts = held ?? (await lockAccounts(tx, [userId]));
  const { levels } = policy;
  const before = accounts.get(userId);
  if (before === undefined) throw new AppError('NOT_FOUND');
  // The account is as it is stored, once it is.
  const { level, experiencePoints: had, availableHundredths: balanceBeforeHundredths } = before;
  const postings = await Postings.open(tx, accounts, nowMs);
  const posted = earnings.map(({ about, ...earning }) => ({
    earning,
    about,
    at: postings.add({ ...earning, userId }),
    balance: postings.accountOf(userId)!.availableHundredths,
    experience: levels.experienceOf({ ...earning, level }),
  }));
  const gained = posted.reduce((sum, { experience }) => sum + experience, 0);
  const experiencePoints = Math.min(had + gained, LIMITS.experience);
  const reached = levels.levelOf(experiencePoints);
  postings.setLevel(userId, { experiencePoints, level: reached });
  const events = reached > level ? await reachLevels(tx, postings, { before, reached, policy, nowMs }) : [];
  const user = { userId, level, had, experiencePoints };
  const transactionIds = await postings.storeNamed(
    tx,
    posted.map(({ at }) => at),
    (ids) =>
      Promise.all([
        insertAll(tx, PointsExperience, experienceRows(user, posted, ids)),
        emitEvents(
          tx,
          [...posted.map((one, index) => earnedEvent(userId, one, ids[index]!)), ...events],
          nowMs,
        ),
      ]),
  );
  const { availableHundredths: balanceAfterHundredths } = postings.accountOf(userId)!;
  return { transactionIds, balanceBeforeHundredths, balanceAfterHundredths };
}

interface Posted {
  earning: Omit<Earning, 'about'>;
  about: object | undefined;
  balance: number;
  experience: number;
}

interface Experienced {
  userId: number;
  level: number;
  /** Experience before, and after all of it. */
  had: number;
  experiencePoints: number;
}

/** No more than fits into the account. */
function experienceRows(
  { userId, level, had, experiencePoints }: Experienced,
  posted: readonly Posted[],
  ids: readonly number[],
): PointsExperience[] {
  let counted = had;
  return posted.flatMap(({ experience: whole }, index) => {
    const experience = Math.min(whole, experiencePoints - counted);
    counted += experience;
    return whole === 0 ? [] : [{ transaction_id: ids[index]!, user_id: userId, experience, level }];
  });
}

function earnedEvent(userId: number, { earning, about, balance }: Posted, transactionId: number): NewEvent {
  const { amountHundredths, reason, source, type, rule } = earning;
  const given = rule && { rule_id: rule.ruleId };
  const amounts = { amount: amountHundredths / 100, balance: balance / 100 };
  const data = { user_id: userId, transaction_id: transactionId, ...amounts, reason, source, kind: type };
  return { type: 'points:earned', userId, data: { ...data, ...given, ...about } };
}

interface Rise {
  before: LockedAccount;
  reached: number;
  policy: GrantPolicy;
  nowMs: number;
}

/** Each level is rewarded when it is reached for the first time. What it brings is no experience. @returns events */
async function reachLevels(
  tx: Tx,
  postings: Postings,
  { before, reached, policy, nowMs }: Rise,
): Promise<NewEvent[]> {
  const { userId } = before;
  const [rules, known] = await Promise.all([
    UserRules.read(tx, { type: 'level_up', user: before, nowMs }),
    tx.manager.findBy(PointsLevelReached, { user_id: userId }),
  ]);
  const had = new Set(known.map(({ level }) => level));
  const risen = Array.from({ length: reached - before.level }, (_, step) => before.level + 1 + step);
  const fresh = risen.filter((level) => !had.has(level));
  for (const level of fresh) {
    const { grants } = rules.evaluate({ level, previous_level: level - 1 });
    const words = { type: 'level_up', source: 'level_up', reason: 'level_up' };
    const shared = { ...words, relatedId: String(level), expiresAtMs: policy.endMs(nowMs) };
    for (const grant of grants) postings.add({ ...earningOf(grant, shared), userId });
  }
  await Promise.all([
    rules.store(tx),
    upsertAll(
      tx,
      PointsLevelReached,
      fresh.map((level) => ({ user_id: userId, level, reached_at: new Date(nowMs) })),
    ),
  ]);
  const data = { user_id: userId, level: reached, previous_level: before.level };
  return [{ type: 'points:level_up', userId, data }];
}

/** A part of a row that is taken back: in 1/100 points, as what was taken back of it before. */
export interface ReversedPart {
  originalId: number;
  /** The whole row. */
  gained: number;
  before: number;
  amount: number;
}

/**
 * The experience that such parts gave goes with them, and the level that it made. Rounded so that all parts of a row take
 * exactly what it gave.
 * @returns how to store it, once the rows that take the parts back have ids
 */
export async function takeExperienceBack(
  tx: Tx,
  postings: Postings,
  levels: Levels,
  { userId, parts }: { userId: number; parts: readonly ReversedPart[] },
): Promise<(ids: readonly number[]) => Promise<void>> {
  const given = await tx.manager.findBy(PointsExperience, {
    transaction_id: In(parts.map(({ originalId }) => originalId)),
  });
  const byRow = new Map(given.map((row) => [row.transaction_id, row.experience]));
  const { experiencePoints: had, level } = postings.accountOf(userId)!;
  const taken = parts.map(({ originalId, gained: whole, before, amount }) => {
    const until = (part: number) => shareOf(byRow.get(originalId) ?? 0, { part, whole });
    return until(before + amount) - until(before);
  });
  const experiencePoints = had - taken.reduce((sum, part) => sum + part, 0);
  if (experiencePoints !== had)
    postings.setLevel(userId, { experiencePoints, level: levels.levelOf(experiencePoints) });
  return async (ids) => {
    const rows = taken.map((part, at) => ({
      transaction_id: ids[at]!,
      user_id: userId,
      experience: -part,
      level,
    }));
    await insertAll(
      tx,
      PointsExperience,
      rows.filter(({ experience }) => experience !== 0),
    );
  };
}
