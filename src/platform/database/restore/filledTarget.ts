import type { DataSources } from '../sources.ts';

/** A database that was empty and is filled. Until `finish` no server starts on it; a process that ends before has restored nothing. */
export interface FilledTarget {
  /** Once it is filled: migrated to what this build needs. Closed by `finish`. */
  open(): Promise<DataSources>;
  /** What was made is the database from here on. */
  finish(): Promise<void>;
  /** Gives up what is open here. What is left half done is taken away by the next one. */
  abandon(): Promise<void>;
}
