import type { EntityManager } from 'typeorm';
import type { Review } from '../../entities/reviews/Review.ts';
import type { Actor, Permission } from '../platform/caller.ts';

export interface ReviewDecision {
  actor: Actor;
  decision: 'approve' | 'reject';
  reason: string;
}

/** What the queue knows of reviews of one kind. */
export interface ReviewKind {
  /** What somebody needs besides `reviews:decide`. */
  reads: Permission;
  decides: Permission;
  /** Nobody decides where it is not known who gains by it. */
  hasBeneficiary: boolean;
  /**
   * By the verb of the domain that has it, which closes the review in the same transaction.
   * @throws AppError CONFLICT when it is decided or cannot be done, FORBIDDEN for the parties and for machines
   */
  decide(review: Review, decision: ReviewDecision): Promise<void>;
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
