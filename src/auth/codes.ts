/*
 * Verification codes.
 *
 * A row is one sent code, stored as a keyed hash. Only the newest row of a number counts: it is open until it is used
 * (`used_at`), has had its wrong tries, or has run out. All limits are counted from the rows, so they hold on every node.
 *
 * Two sends to one number at once must not both pass the limits, and a number without rows has nothing to lock. So on
 * MySQL a send also takes a named lock, from before it counts until its row is inserted; whoever comes next waits for that
 * row in its locking read. On SQLite the transaction mutex does the same.
 */
import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import type { Config } from '../config.ts';
import { insertRows } from '../database/bulk.ts';
import { withNamedLock } from '../database/namedLock.ts';
import { fromSqlTime, sqlTime } from '../database/sqlValues.ts';
import { forUpdate, type Database, type Tx } from '../database/transaction.ts';
import { AppError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { checkNotLocked } from './loginLocks.ts';
import type { CodeSender } from './sender.ts';

const DAY_MS = 24 * 3_600_000;

const CODES = {
  table: 'verification_codes',
  columns: ['mobile', 'code_hash', 'tries', 'used_at', 'expires_at', 'created_at'],
} as const;

export interface CodeServices {
  database: Database;
  sender: CodeSender;
  /** Keys the stored hashes: six digits alone would be found by trying all of them. */
  secret: string;
}

/**
 * Makes a code, stores it and sends it.
 * @throws AppError RATE_LIMITED within 60 s of the last send to this number, after 10 in 24 hours, or while the number is
 * locked.
 */
export async function sendCode(
  { database, sender, secret }: CodeServices,
  mobile: string,
  nowMs: number,
): Promise<void> {
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  const row = [
    mobile,
    hashOf(secret, mobile, code),
    0,
    null,
    sqlTime(nowMs + LIMITS.codeLifetimeMs),
    sqlTime(nowMs),
  ];
  await database.retryingTransaction(async (tx) => {
    await checkNotLocked(tx, mobile, nowMs);
    await withNamedLock(tx, `kaijiang:code:${mobile}`, async () => {
      await checkSendLimits(tx, mobile, nowMs);
      await insertRows(tx, CODES, [row]);
    });
  });
  // After the commit: a text message cannot be rolled back. One that fails still counts, since it may have been paid for.
  await sender.send(mobile, code);
}

export interface CodeCheck {
  outcome: 'accepted' | 'CODE_INVALID' | 'CODE_EXPIRED';
  /** Whether it was not even the number's newest code. The right one, too late or for the second time, is no guess. */
  isGuess: boolean;
}

/** Whether a code proves that its sender has the phone: by the universal code where there is one, else by `useCode`. */
export async function checkCode(
  tx: Tx,
  { jwtSecret, devCode }: Pick<Config, 'jwtSecret' | 'devCode'>,
  attempt: { mobile: string; code: string },
  nowMs: number,
): Promise<CodeCheck> {
  if (devCode !== undefined && attempt.code === devCode) return { outcome: 'accepted', isGuess: false };
  return useCode(tx, jwtSecret, attempt, nowMs);
}

/**
 * Uses up the number's newest code when it is this one, or counts a wrong try. Answers instead of throwing, because the
 * count must be committed although the login is refused.
 */
export async function useCode(
  tx: Tx,
  secret: string,
  { mobile, code }: { mobile: string; code: string },
  nowMs: number,
): Promise<CodeCheck> {
  const [newest] = await tx.query<CodeRow>(
    `SELECT code_id, code_hash, tries, used_at, expires_at FROM verification_codes
      WHERE mobile = ? ORDER BY code_id DESC LIMIT 1${forUpdate(tx)}`,
    [mobile],
  );
  const given = Buffer.from(hashOf(secret, mobile, code));
  const isGuess = newest === undefined || !timingSafeEqual(given, Buffer.from(newest.code_hash));
  if (newest === undefined || !isOpen(newest, nowMs)) return { outcome: 'CODE_EXPIRED', isGuess };
  if (isGuess) {
    await tx.execute('UPDATE verification_codes SET tries = tries + 1 WHERE code_id = ?', [newest.code_id]);
    return { outcome: 'CODE_INVALID', isGuess };
  }
  await tx.execute('UPDATE verification_codes SET used_at = ? WHERE code_id = ?', [
    sqlTime(nowMs),
    newest.code_id,
  ]);
  return { outcome: 'accepted', isGuess };
}

interface CodeRow {
  code_id: number;
  code_hash: string;
  tries: number;
  used_at: Date | string | null;
  expires_at: Date | string;
}

function isOpen(row: CodeRow, nowMs: number): boolean {
  return row.used_at === null && row.tries < LIMITS.codeTries && nowMs < fromSqlTime(row.expires_at);
}

async function checkSendLimits(tx: Tx, mobile: string, nowMs: number): Promise<void> {
  const rows = await tx.query<{ created_at: Date | string }>(
    `SELECT created_at FROM verification_codes WHERE mobile = ? AND created_at > ?
      ORDER BY created_at DESC LIMIT ${LIMITS.codesPerNumberPerDay}${forUpdate(tx)}`,
    [mobile, sqlTime(nowMs - DAY_MS)],
  );
  const sentMs = rows.map((row) => fromSqlTime(row.created_at));
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
