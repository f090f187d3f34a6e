import type { Redis } from 'ioredis';
import type { Clock } from './clock.ts';
import type { Cluster } from './cluster/cluster.ts';
import type { RoomDirectory } from './cluster/roomDirectory.ts';
import type { Wake } from './cluster/wake.ts';
import type { Rule } from './database/forget.ts';
import type { Database } from './database/transaction.ts';
import type { Route } from './http/route.ts';
import type { Logger } from './logger.ts';
import type { Check } from './readiness.ts';

/** What there is from the start. */
export interface Basics {
  database: Database;
  clock: Clock;
  logger: Logger;
}

/** And when domains are opened. */
export interface Platform extends Basics {
  directory: RoomDirectory;
  /** The other processes; undefined without Redis. */
  cluster: Cluster | undefined;
  redis: Redis | undefined;
  wakeOf(topic: string): Wake;
  /** Closes what was opened, what was opened last first. */
  onClose(close: () => unknown): void;
}

/**
 * A domain as one value: all that a server has of it. Each verb says what it needs, and is given that by the composition root
 * (src/domains.ts): basics and settings up to `prepare`, afterwards the platform and what domains have opened.
 */
export interface Domain {
  /** What is forgotten of its tables, and when. */
  retention?: readonly Rule[];
  /** By part: whether it does its work. A node that fails one does not start. */
  checks?(needs: object): Record<string, Check>;
  /** Before anything is opened: writes what must be there. */
  prepare?(needs: object): Promise<void>;
  /** By room type: whether there is something to open a room for. */
  rooms?(needs: object): Record<string, (key: string | number) => Promise<boolean>>;
  /** @returns its services, for its own routes and rooms and for the domains that follow it */
  open?(needs: object): object | Promise<object>;
  /** Registers handlers of events, before the first event reaches any. */
  handle?(needs: object): void;
  /** Services are used by calls alone, so that a document of the routes needs none. */
  routes?(needs: object): Route[];
  /** What goes on by itself, once the server listens. @returns how to stop it */
  background?(needs: object): Promise<() => void>;
}
