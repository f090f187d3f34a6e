import type { Dialect } from '../platform/database/sources.ts';

/** An invariant of the books. */
export interface Invariant {
  /** The id of the rule or feature it comes from. */
  rule: string;
  holds: string;
}

/** An invariant as one statement that selects what violates it; columns become the examples. Runs on both databases. */
export interface Check extends Invariant {
  sql(dialect: Dialect): string;
  /**
   * Where `sql` has to bring millions of rows together: cheaper statements that select nothing when the invariant holds,
   * given that all other checks find nothing.
   */
  proof?(dialect: Dialect): string[];
}

export interface Violation extends Invariant {
  examples: string[];
  /** There are more than the examples. */
  more: boolean;
}
