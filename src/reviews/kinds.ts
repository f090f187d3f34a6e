import type { EntityManager } from 'typeorm';
import type { Review } from '../../entities/reviews/Review.ts';
import type { Actor } from '../platform/caller.ts';
import type { Tx } from '../platform/database/transaction.ts';

/** What a domain does with reviews of one kind. */
export interface ReviewKind {
  /** Locks what comes before reviews in the order of locks: campaigns, accounts, prizes, products, items. */
  hold(tx: Tx, review: Review): Promise<void>;
  /**
   * Does what is asked for, of a review that is held and may be decided.
   * @returns what the applicant is told of it
   * @throws AppError CONFLICT where it cannot be done
   */
  approve(tx: Tx, review: Review, actor: Actor, nowMs: number): Promise<Record<string, unknown>>;
  /** Of each subject that is there, what is shown to whoever decides. */
  show(manager: EntityManager, subjectIds: readonly number[]): Promise<ReadonlyMap<number, Shown>>;
}

export interface Shown {
  /** As it is on the wire. */
  subject: Record<string, unknown>;
  /** What somebody should look at before they decide (RA-4). */
  flags: string[];
}

export type ReviewKinds = Record<string, ReviewKind>;
