import { RowCountError } from '../../src/platform/database/transaction.ts';
import type { DrawMessage } from '../../src/lottery/messages.ts';
import { PoisonError } from './faults.ts';

/** A request that nothing can be done with, by where it fails: when it is decided, bound to a statement, or stored as a row. */
export const POISONS = ['decision', 'binding', 'constraint'] as const;
export type Poison = (typeof POISONS)[number];

/** What the messages' shape lets nobody send; what comes near it in the product is a row or a value that does not fit. */
export function poisonWith(poison: Poison, message: DrawMessage): DrawMessage {
  if (poison === 'constraint') return { ...message, request_id: null as unknown as string };
  return { ...message, client_seed: poison === 'decision' ? UNWRITABLE : UNBINDABLE };
}

/** Whatever writes it down throws. */
const UNWRITABLE = {
  toString() {
    throw new PoisonError('a request that throws');
  },
} as unknown as string;

/** It has a text, and yet it is none. */
const UNBINDABLE = /seed/ as unknown as string;

/** What in a batch, or in what its owner held in memory, has brought an error about; undefined: neither. */
export function faultOf(error: unknown): Poison | 'stock' | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof PoisonError) return 'decision';
  if (error.message.includes('SQLite3 can only bind')) return 'binding';
  if (error.message.includes('NOT NULL constraint failed: lottery_draw_requests')) return 'constraint';
  if (error instanceof RowCountError) return 'stock';
  return faultOf(error.cause);
}
