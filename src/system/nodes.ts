/*
 * What each node tells of itself, for whoever looks after all of them.
 *
 * Redis keeps it for a while only, so that nobody has to take it away; whether a node lives is not told by it but by the node's own
 * subscriptions. One that lives and has told nothing for so long stands still.
 */
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { LiveConfiguration } from '../configuration/liveConfiguration.ts';
import type { AccessControl } from '../identity/access/accessControl.ts';
import { ownLoad, type Cluster } from '../platform/cluster/cluster.ts';
import type { ProcessLoad } from '../platform/cluster/processes.ts';
import type { OwnerWatch } from '../platform/actor/ownerWatch.ts';
import type { SeatedPeople } from '../platform/sockets/seatedPeople.ts';
import type { Database } from '../platform/database/transaction.ts';
import { LIMITS } from '../platform/limits.ts';
import type { LoopLag } from '../platform/loopLag.ts';
import { VERSION } from '../platform/version.ts';

const KEPT_MS = 60_000;
export const TOLD_EVERY_MS = 2000;

const toldShape = z.object({
  address: z.string().max(255).nullable(),
  version: z.string().max(64),
  people: z.int().min(0),
  owners: z.int().min(0),
  queued: z.int().min(0),
  up_ms: z.number().min(0),
  /** Of those who work here, who sits in its rooms. A build of before tells none of these. */
  staff: z.array(z.int().min(1)).max(LIMITS.staffLookedAt).optional(),
  config_version: z.int().min(0).optional(),
  /** A newer one that it cannot use; null: there is none. */
  bad_config_version: z.int().min(1).nullable().optional(),
  /** How long it leaves others waiting, transactions that wait for their turn, and the memory it takes. */
  loop_ms: z.number().min(0).optional(),
  transactions: z.int().min(0).optional(),
  memory_mb: z.number().min(0).optional(),
});
/** What a node told last. */
export type Told = z.output<typeof toldShape>;

export interface NodeView extends ProcessLoad {
  isThis: boolean;
  /** undefined: it has told nothing for a minute. */
  told: (Told & { agoMs: number }) | undefined;
}

export interface NodesServices {
  cluster: Pick<Cluster, 'processes'> | undefined;
  redis: Redis | undefined;
  ownerWatch: Pick<OwnerWatch, 'load'>;
  seatedPeople: Pick<SeatedPeople, 'count' | 'isSeated'>;
  configuration: Pick<LiveConfiguration, 'held'>;
  access: Pick<AccessControl, 'staffIds'>;
  publicAddress: string | undefined;
  loopLag: Pick<LoopLag, 'p99Ms'>;
  database: Pick<Database, 'waitingTransactions'>;
}

export class Nodes {
  constructor(private readonly services: NodesServices) {}

  /** Tells the others of this node. */
  async tell(): Promise<void> {
    const key = keyOf(ownLoad().processId);
    await this.services.redis?.set(key, JSON.stringify(this.own()), 'PX', KEPT_MS);
  }

  /** This node alone: without Redis, or while it is away. */
  alone(): NodeView[] {
    return [{ ...ownLoad(), isThis: true, told: { ...this.own(), agoMs: 0 } }];
  }

  /** All that live, this one first. @throws AppError BUSY, or as Redis fails, while Redis is away */
  async list(): Promise<NodeView[]> {
    const { cluster, redis } = this.services;
    const [own] = this.alone() as [NodeView];
    if (cluster === undefined || redis === undefined) return [own];
    const others = (await cluster.processes()).filter(({ processId }) => processId !== own.processId);
    const told = await Promise.all(others.map(({ processId }) => readTold(redis, processId)));
    const views = others.map((load, at) => ({ ...load, isThis: false, told: told[at] }));
    return [own, ...views.sort((a, b) => (a.processId < b.processId ? -1 : 1))];
  }

  private own(): Told {
    const { ownerWatch, seatedPeople, configuration, access, publicAddress: address = null } = this.services;
    const { loopLag, database } = this.services;
    const { version: config_version, bad: bad_config_version } = configuration.held();
    return {
      ...{ address, version: VERSION, people: seatedPeople.count, ...ownerWatch.load() },
      up_ms: Math.round(performance.now()),
      staff: access
        .staffIds()
        .filter((id) => seatedPeople.isSeated(id))
        .slice(0, LIMITS.staffLookedAt),
      ...{ config_version, bad_config_version },
      loop_ms: Math.round(loopLag.p99Ms * 10) / 10,
      transactions: database.waitingTransactions,
      memory_mb: Math.round(process.memoryUsage.rss() / 1_048_576),
    };
  }
}

/** undefined: it has told nothing for a minute. */
export async function readTold(redis: Redis, processId: string): Promise<NodeView['told']> {
  const [text, leftMs] = await Promise.all([redis.get(keyOf(processId)), redis.pttl(keyOf(processId))]);
  const told = toldShape.safeParse(text === null ? undefined : jsonOf(text));
  return told.success ? { ...told.data, agoMs: Math.max(0, KEPT_MS - leftMs) } : undefined;
}

function keyOf(processId: string): string {
  return `kaijiang:node:${processId}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
