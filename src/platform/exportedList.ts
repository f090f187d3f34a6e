import type { Actor } from './caller.ts';

/** A list that somebody takes away as a file. */
export interface ExportedList {
  actor: Actor;
  name: string;
  /** Of the call, as it was made. */
  path: string;
  /** What was asked for, but for the form of the answer. */
  filter: Record<string, string>;
}
