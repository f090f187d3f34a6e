import { Followed } from '../platform/cluster/followed.ts';
import type { Wake } from '../platform/cluster/wake.ts';
import { coalesce } from '../platform/coalesce.ts';
import type { Database } from '../platform/database/transaction.ts';
import type { Logger } from '../platform/logger.ts';
import type { Configuration, Sections } from './document.ts';
import { readCurrent, readNewestVersion, type Current } from './versions.ts';

/** Whoever was not woken knows by then. */
const POLL_MS = 500;
const PROBLEM = 'the configuration could not be read; that of before holds';

export interface LiveConfigurationServices {
  database: Database;
  logger: Logger;
  /** Tells all nodes that there is another version. */
  wake: Wake;
  /** Of the environment. */
  defaults: Configuration;
}

/** Which version a node goes by. */
export interface Held {
  version: number;
  /** A newer one that is no document; null: there is none. */
  bad: number | null;
}

/*
 * The configuration as this node knows it (RA-11). A change is known here once it is answered, and on the other nodes once they are
 * woken, within a second in any case. It is swapped as a whole: whoever has taken it keeps what they have. What cannot be read, or is
 * no document, changes nothing; it is told in the state of the node and in its log.
 */
export class LiveConfiguration {
  private current: Current;
  private readonly followed: Followed;
  private readonly listeners = new Set<() => void>();

  /** Once this resolves, the newest good version holds. */
  static async open(services: LiveConfigurationServices): Promise<LiveConfiguration> {
    const live = new LiveConfiguration(services);
    await live.refresh();
    return live;
  }

  /** Until it is refreshed, what the environment says holds. */
  constructor(private readonly services: LiveConfigurationServices) {
    this.current = { newest: 0, version: 0, configuration: services.defaults, unknown: {}, fault: null };
    this.followed = new Followed({
      ...services,
      refresh: () => this.refresh(),
      pollMs: POLL_MS,
      problem: PROBLEM,
    });
  }

  /** Frozen. A request takes it once, at its beginning, and goes by it to its end. */
  now(): Configuration {
    return this.current.configuration;
  }

  get defaults(): Configuration {
    return this.services.defaults;
  }

  held(): Held {
    const { version, newest, fault } = this.current;
    return { version, bad: fault === null ? null : newest };
  }

  /** After a committed change: this node knows of it when this resolves, the others soon after. */
  changed(): Promise<void> {
    return this.followed.changed();
  }

  /** Tells of another version, or another bad one. @returns how to stop that */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** @returns how to stop it */
  keep(): () => void {
    return this.followed.keep();
  }

  readonly refresh = coalesce(async () => {
    const manager = this.services.database.currentReader;
    const isBad = this.current.fault !== null;
    // A bad one may be mended where it is.
    if (!isBad && (await readNewestVersion(manager)) === this.current.newest) return;
    this.swap(await readCurrent(manager, this.services.defaults));
  });

  private swap(read: Current): void {
    const { current } = this;
    const isOlder = read.fault !== null && read.version < current.version;
    const held = { version: current.version, configuration: current.configuration, unknown: current.unknown };
    const next = isOlder ? { ...read, ...held } : read;
    const isSame = next.newest === current.newest && next.fault === current.fault;
    this.current = next;
    if (isSame) return;
    const { version, newest, fault } = next;
    const { logger } = this.services;
    const passedOver = namesOf(next.unknown);
    if (fault === null) logger.info({ version }, 'another configuration holds');
    else logger.error({ version, bad: newest, fault }, 'a version of the configuration is bad');
    if (passedOver.length > 0 && passedOver.join() !== namesOf(current.unknown).join())
      logger.warn({ version, passedOver }, 'the configuration has values of a newer build');
    for (const listener of this.listeners) listener();
  }
}

function namesOf(unknown: Sections): string[] {
  return Object.entries(unknown).flatMap(([name, values]) =>
    Object.keys(values).map((key) => `${name}.${key}`.slice(0, 100)),
  );
}
