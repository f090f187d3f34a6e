import { createHash } from 'node:crypto';
import { IdempotencyRecord } from '../../../entities/platform/IdempotencyRecord.ts';
import type { Database, Tx } from './transaction.ts';
import { insertOne } from './bulk.ts';
import { AppError } from '../errors.ts';

export interface IdempotentCall {
  userId: number;
  key: string;
  /** Whatever makes the call the same call: method, path and body. */
  request: unknown;
  nowMs: number;
}

export interface OnceResult<T> {
  result: T;
  /** Whether this is the answer to an earlier call. */
  replayed: boolean;
}

/**
 * Runs `work` once per key, in one transaction with the record of its answer (PTS-4). A second call with the same key and
 * request gets the first answer; two at the same time meet at the record's primary key, and the loser starts over.
 * @throws AppError IDEMPOTENCY_KEY_REUSED when the key was used for another request.
 */
export async function once<T>(
  database: Database,
  call: IdempotentCall,
  work: (tx: Tx) => Promise<T>,
): Promise<OnceResult<T>> {
  return database.retryingTransaction((tx) => onceIn(tx, call, () => work(tx)));
}

/** As `once`, inside a transaction that starts over when it loses a race for a unique key. */
export async function onceIn<T>(
  tx: Tx,
  call: IdempotentCall,
  work: () => Promise<T>,
): Promise<OnceResult<T>> {
  const fingerprint = createHash('sha256').update(JSON.stringify(call.request)).digest('hex');
  const [known] = await tx.lock(IdempotencyRecord, {
    where: { user_id: call.userId, idempotency_key: call.key },
  });
  if (known !== undefined) {
    if (known.fingerprint !== fingerprint) throw new AppError('IDEMPOTENCY_KEY_REUSED');
    return { result: JSON.parse(known.response) as T, replayed: true };
  }
  const result = await work();
  await insertOne(tx, IdempotencyRecord, {
    user_id: call.userId,
    idempotency_key: call.key,
    fingerprint,
    response: JSON.stringify(result),
    created_at: new Date(call.nowMs),
  });
  return { result, replayed: false };
}

/**
 * As `onceIn`, of something whose secret is told once and kept nowhere, so that no answer can be given again: what is kept is its id.
 * @param call absent: each is another one
 * @throws AppError CONFLICT with the id when it was made already, IDEMPOTENCY_KEY_REUSED
 */
export async function toldOnceIn<T>(
  tx: Tx,
  call: IdempotentCall | undefined,
  { make, idOf }: { make: () => Promise<T>; idOf: (made: T) => number },
): Promise<T> {
  if (call === undefined) return make();
  let told: { made: T } | undefined;
  const { result: id } = await onceIn(tx, call, async () => {
    told = { made: await make() };
    return idOf(told.made);
  });
  if (told === undefined) throw new AppError('CONFLICT', { details: { reason: 'made_already', id } });
  return told.made;
}
