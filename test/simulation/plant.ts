import type { Run } from './simulate.ts';

/** One change of a source file, whose place must be there exactly once. */
export interface Edit {
  file: string;
  find: string;
  put: string;
}

/** A fault that the product once had, or would have without one of its safeguards, and a run that catches it. */
export interface Plant {
  /** The rule that keeps it away. */
  name: string;
  fault: string;
  edits: readonly Edit[];
  /** Of the simulation of one campaign, of logins, or of a group that talks and people who are told. */
  of: 'campaign' | 'logins' | 'talk';
  run: Run;
  /** What the run says was violated. */
  violation: RegExp;
}

/** Steps of a run of one campaign. */
export const STEPS = 800;
