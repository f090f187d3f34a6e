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

/** Of which nobody knows what was done, or which say that this is another call. */
const NO_REFUSALS: ReadonlySet<string> = new Set(['BUSY', 'IDEMPOTENCY_KEY_REUSED']);

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
  try {
    return await database.retryingTransaction((tx) => onceIn(tx, call, () => work(tx)));
  } catch (error) {
    // The same call may have been under way elsewhere, and what it has done is why this one is refused: its answer is this one's too.
    if (!(error instanceof AppError) || NO_REFUSALS.has(error.code)) throw error;
    const known = await database.currentReader.findOneBy(IdempotencyRecord, whichOf(call));
    if (known === null) throw error;
    return { result: answerOf<T>(known, call), replayed: true };
  }
}

/** As `once`, inside a transaction that starts over when it loses a race for a unique key. */
export async function onceIn<T>(
  tx: Tx,
  call: IdempotentCall,
  work: () => Promise<T>,
): Promise<OnceResult<T>> {
  const [known] = await tx.lock(IdempotencyRecord, { where: whichOf(call) });
  if (known !== undefined) return { result: answerOf<T>(known, call), replayed: true };
  const result = await work();
  await insertOne(tx, IdempotencyRecord, {
    ...whichOf(call),
    fingerprint: fingerprintOf(call),
    response: JSON.stringify(result),
    created_at: new Date(call.nowMs),
  });
  return { result, replayed: false };
}

function whichOf({ userId, key }: IdempotentCall) {
  return { user_id: userId, idempotency_key: key };
}

/** @throws AppError IDEMPOTENCY_KEY_REUSED */
function answerOf<T>({ fingerprint, response }: IdempotencyRecord, call: IdempotentCall): T {
  if (fingerprint !== fingerprintOf(call)) throw new AppError('IDEMPOTENCY_KEY_REUSED');
  return JSON.parse(response) as T;
}

function fingerprintOf({ request }: IdempotentCall): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('hex');
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
