import { LotteryDrawRequest } from '../../entities/lottery/LotteryDrawRequest.ts';
import type { Clock } from '../platform/clock.ts';
import { once } from '../platform/database/idempotency.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import type { DrawMessage } from './messages.ts';

export interface KeyedDraw {
  userId: number;
  /** The Idempotency-Key of the call. */
  key: string;
  campaignId: number;
  draw: DrawMessage;
}

/**
 * One key is one draw (PTS-4). A draw is remembered by its request id (DRAW-4), which is the key where the body names none. A
 * call that has both, and not the same, binds the key to its body for good: with another body, or without a request id, the
 * key is refused, and nothing is drawn. A key that needs no binding is looked up and costs no write.
 * @throws AppError IDEMPOTENCY_KEY_REUSED
 */
export async function bindKey(
  { database, clock }: { database: Database; clock: Clock },
  keyed: KeyedDraw,
): Promise<void> {
  const { userId, key, campaignId, draw } = keyed;
  if (draw.request_id === key) {
    if (await isBound(database, keyed)) throw new AppError('IDEMPOTENCY_KEY_REUSED');
    return;
  }
  const request = { path: '/lottery/draw', campaignId, draw };
  await once(database, { userId, key, request, nowMs: clock.nowMs() }, async (tx) => {
    if (await isDrawn(tx, keyed)) throw new AppError('IDEMPOTENCY_KEY_REUSED');
    return null;
  });
}

/** Also by another call of the user, as one that moved points. */
async function isBound(database: Database, { userId, key }: KeyedDraw): Promise<boolean> {
  const rows = await database.readCurrent(
    'SELECT 1 AS found FROM idempotency_records WHERE user_id = ? AND idempotency_key = ?',
    [userId, key],
  );
  return rows.length > 0;
}

/** As a request id of its own. */
async function isDrawn(tx: Tx, { userId, key, campaignId }: KeyedDraw): Promise<boolean> {
  const drawn = { campaign_id: campaignId, user_id: userId, request_id: key };
  return tx.manager.existsBy(LotteryDrawRequest, drawn);
}
