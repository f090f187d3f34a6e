import { Followed } from '../platform/cluster/followed.ts';
import type { Wake } from '../platform/cluster/wake.ts';
import { coalesce } from '../platform/coalesce.ts';
import type { Database } from '../platform/database/transaction.ts';
import type { Logger } from '../platform/logger.ts';
import { readyModel, type ReadyModel } from './serving/readyModel.ts';
import { readParts, readServing } from './training/modelBook.ts';
import { unpackModel } from './training/packedModel.ts';

/** Whoever was not woken knows by then. */
const POLL_MS = 5000;
const PROBLEM = 'a model could not be read; the one of before serves';

/**
 * The model that serves, as this node has it in memory: swapped as a whole, so that a list is of one of them (RS-12). What cannot be read
 * changes nothing.
 */
export class Models {
  private serving: ReadyModel | undefined;
  private readonly followed: Followed;

  constructor(private readonly services: { database: Database; logger: Logger; wake: Wake }) {
    this.followed = new Followed({
      ...services,
      refresh: () => this.refresh(),
      pollMs: POLL_MS,
      problem: PROBLEM,
    });
  }

  /** Undefined: none was made yet. */
  get current(): ReadyModel | undefined {
    return this.serving;
  }

  changed(): Promise<void> {
    return this.followed.changed();
  }

  /** @returns how to stop it */
  keep(): () => void {
    return this.followed.keep();
  }

  readonly refresh = coalesce(async () => {
    const { database } = this.services;
    const row = await readServing(database);
    if (row === null || row.version === this.serving?.version) return;
    const model = await unpackModel(await readParts(database, row.version));
    this.serving = readyModel(row.version, model);
  });
}
