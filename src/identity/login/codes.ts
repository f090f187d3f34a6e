/*
 * Verification codes.
 *
 * A row is one sent code, stored as a keyed hash. Only the newest row of a number counts: it is open until it is used
 * (`used_at`), has had its wrong tries, or has run out. All limits are counted from the rows, so they hold on every node.
 *
 * The wrong tries of those who may be its owner (from where it was asked for, or from a device that the user is known by) are
 * counted apart from everybody else's, and so are the codes that such a device asks for: strangers use up neither. Both are
 * bounded, so a code is guessed at a few times whatever the number of networks.
 *
 * Two sends to one number at once must not both pass the limits, and a number without rows has nothing to lock. So on
 * MySQL a send also takes a named lock, from before it counts until its row is inserted; whoever comes next waits for that
 * row in its locking read. On SQLite the transaction mutex does the same.
 */
import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import { MoreThan } from 'typeorm';
import { VerificationCode } from '../../../entities/identity/VerificationCode.ts';
import type { IdentityConfig } from '../settings.ts';
import { insertOne } from '../../platform/database/bulk.ts';
import { withNamedLock } from '../../platform/database/namedLock.ts';
import { sqlTime } from '../../platform/database/sqlValues.ts';
import type { Database, Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { LIMITS } from '../../platform/limits.ts';
import { checkNotLocked } from './loginLocks.ts';
import { isDevice, originOf, type Caller, type Origin } from './origin.ts';
import type { CodeSender } from './codeSender.ts';
import type { CapReached, SmsCap } from './smsCap.ts';

const DAY_MS = 24 * 3_600_000;
/** Devices of one user that ask for codes on one day, and everybody else. */
const MAX_ORIGINS = 20;

export interface CodeServices {
  database: Database;
  sender: CodeSender;
  /** Keys the stored hashes: six digits alone would be found by trying all of them. */
  secret: string;
  cap: SmsCap;
}

/**
 * Makes a code, stores it and sends it.
 * @throws AppError RATE_LIMITED within 60 s of the last send to this number, after 10 in 24 hours, while the caller has locked
 * themself out, or when the hour's messages are used up.
 */
export async function sendCode(
  { database, sender, secret, cap }: CodeServices,
  caller: Caller,
  nowMs: number,
): Promise<void> {
  const { mobile } = caller;
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  let capped: CapReached | undefined;
  try {
    await database.retryingTransaction(async (tx) => {
      const origin = await originOf(tx.manager, caller);
      await checkNotLocked(tx, { mobile, origin: origin.name }, nowMs);
      await withNamedLock(tx, `kaijiang:code:${mobile}`, async () => {
        await checkSendLimits(tx, { mobile, origin }, nowMs);
        capped = await cap.count();
        if (capped !== undefined) throw capped.refusal;
        await insertOne(tx, VerificationCode, {
          mobile,
          code_hash: hashOf(secret, mobile, code),
          expires_at: new Date(nowMs + LIMITS.codeLifetimeMs),
          created_at: new Date(nowMs),
          origin: origin.name,
        });
      });
    });
  } finally {
    // Outside of the transaction, which is rolled back.
    if (capped?.isFirst === true) await cap.alarm();
  }
  // After the commit: a text message cannot be rolled back. One that fails still counts, since it may have been paid for.
  await sender.send(mobile, code);
}

export interface CodeCheck {
  outcome: 'accepted' | 'CODE_INVALID' | 'CODE_EXPIRED';
  /** Whether it was a guess that could have hit. The right one, too late or for the second time, is no guess. */
  isCounted: boolean;
  /** Guesses at the code before this try. */
  guesses: number;
}

export interface CodeTry {
  mobile: string;
  code: string;
  origin: Origin;
}

/** Whether a code proves that its sender has the phone: by the universal code where there is one, else by `useCode`. */
export async function checkCode(
  tx: Tx,
  { jwtSecret, devCode }: Pick<IdentityConfig, 'jwtSecret' | 'devCode'>,
  attempt: CodeTry,
  nowMs: number,
): Promise<CodeCheck> {
  if (devCode !== undefined && attempt.code === devCode)
    return { outcome: 'accepted', isCounted: false, guesses: 0 };
  return useCode(tx, jwtSecret, attempt, nowMs);
}

/**
 * Uses up the number's newest code when it is this one, or counts a wrong try. Answers instead of throwing, because the count
 * must be committed although the login is refused.
 *
 * Two statements, whatever they find. Strangers get one answer to every wrong code, and to the right one when they have had
 * their tries: so nobody learns whether a code was sent, or which one it was.
 */
export async function useCode(
  tx: Tx,
  secret: string,
  { mobile, code, origin }: CodeTry,
  nowMs: number,
): Promise<CodeCheck> {
  const [newest] = await tx.lock(VerificationCode, {
    where: { mobile },
    order: { code_id: 'DESC' },
    take: 1,
  });
  const given = Buffer.from(hashOf(secret, mobile, code));
  const isRight = newest !== undefined && timingSafeEqual(given, Buffer.from(newest.code_hash));
  const isOwn = origin.isKnownDevice || newest?.origin === origin.name;
  const isInTime = newest?.used_at === null && nowMs < newest.expires_at.getTime();
  const hasTries = newest !== undefined && (isOwn ? newest.own_tries : newest.tries) < LIMITS.codeTries;
  const isOpen = isInTime && hasTries;
  const isCounted = isOpen && !isRight;
  await tx.execute(
    'UPDATE verification_codes SET tries = tries + ?, own_tries = own_tries + ?, used_at = COALESCE(?, used_at) WHERE code_id = ?',
    [
      isCounted && !isOwn ? 1 : 0,
      isCounted && isOwn ? 1 : 0,
      isOpen && isRight ? sqlTime(nowMs) : null,
      newest?.code_id ?? 0,
    ],
  );
  const guesses = newest === undefined ? 0 : newest.tries + newest.own_tries;
  if (isOpen && isRight) return { outcome: 'accepted', isCounted, guesses };
  const isTooLate = isInTime ? isOwn && !hasTries : isRight;
  return { outcome: isTooLate ? 'CODE_EXPIRED' : 'CODE_INVALID', isCounted, guesses };
}

/** Of a known device its own are counted, of everybody else those of all of them. */
async function checkSendLimits(
  tx: Tx,
  { mobile, origin }: { mobile: string; origin: Origin },
  nowMs: number,
): Promise<void> {
  const sent = await tx.lock(VerificationCode, {
    select: { code_id: true, created_at: true, origin: true },
    where: { mobile, created_at: MoreThan(new Date(nowMs - DAY_MS)) },
    order: { created_at: 'DESC' },
    take: LIMITS.codesPerNumberPerDay * MAX_ORIGINS,
  });
  const sentMs = sent
    .filter((code) => (origin.isKnownDevice ? code.origin === origin.name : !isDevice(code.origin)))
    .map((code) => code.created_at.getTime());
  const newestMs = sentMs[0] ?? -Infinity;
  const oldestOfDayMs = sentMs[LIMITS.codesPerNumberPerDay - 1] ?? -Infinity;
  const allowedMs = Math.max(newestMs + LIMITS.codeIntervalMs, oldestOfDayMs + DAY_MS);
  if (nowMs < allowedMs) {
    throw new AppError('RATE_LIMITED', { retryAfterSeconds: Math.ceil((allowedMs - nowMs) / 1000) });
  }
}

function hashOf(secret: string, mobile: string, code: string): string {
  return createHmac('sha256', secret).update(`code:${mobile}:${code}`).digest('hex');
}
