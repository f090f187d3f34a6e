import type { Clock } from '../clock.ts';
import { once, type IdempotentCall } from '../database/idempotency.ts';
import type { Database, Tx } from '../database/transaction.ts';
import { identityOf, type Reply, type RouteInput } from './route.ts';

/**
 * Runs a movement once per Idempotency-Key of the caller (PTS-4). The HTTP layer has checked that the key is there where it must be;
 * elsewhere a call without one is a movement of its own.
 */
export async function movedOnce<Data>(
  { database, clock }: { database: Database; clock: Clock },
  input: RouteInput<unknown, unknown, unknown>,
  move: (tx: Tx, callerId: number, nowMs: number) => Promise<Data>,
): Promise<Reply<Data>> {
  const { userId } = identityOf(input);
  const nowMs = clock.nowMs();
  const call = callOf(input, nowMs);
  if (call === undefined)
    return { data: await database.retryingTransaction((tx) => move(tx, userId, nowMs)), replayed: false };
  const { result, replayed } = await once(database, call, (tx) => move(tx, userId, nowMs));
  return { data: result, replayed };
}

/** Undefined without an Idempotency-Key. */
export function callOf(
  input: RouteInput<unknown, unknown, unknown>,
  nowMs: number,
): IdempotentCall | undefined {
  const key = input.request.get('Idempotency-Key');
  if (key === undefined) return undefined;
  const { method, path } = input.request;
  return { userId: identityOf(input).userId, key, request: { method, path, body: input.body }, nowMs };
}
