/** One call that succeeds, of each route that only some may call and that is no GET. */
import type { Administration } from '../administration.ts';

export interface GoodCall {
  path: string;
  body?: unknown;
  csv?: string;
}

/** By `METHOD /path/:id`. */
export type GoodCalls = Record<string, (here: Administration) => Promise<GoodCall> | GoodCall>;
