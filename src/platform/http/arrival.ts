import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerResponse } from 'node:http';

/** A join that is being answered: what the framework does not hand on to whoever decides it. */
export interface Arrival {
  /** The client's address. */
  ip: string;
  response: ServerResponse;
}

const arrivals = new AsyncLocalStorage<Arrival>();

export function whileAnswering(arrival: Arrival, work: () => void): void {
  arrivals.run(arrival, work);
}

/** Undefined where nothing came by HTTP. */
export function currentArrival(): Arrival | undefined {
  return arrivals.getStore();
}
