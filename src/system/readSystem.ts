/** How the server is: its nodes, what waits, and how long the database and Redis take to answer. */
import { readBacklog, type EventBacklog } from '../events/readEvents.ts';
import type { Cluster } from '../platform/cluster/cluster.ts';
import { probeWrite } from '../platform/database/probeWrite.ts';
import type { Database } from '../platform/database/transaction.ts';
import type { Nodes, NodeView } from './nodes.ts';

export interface SystemServices {
  database: Database;
  cluster: Pick<Cluster, 'checkConnected'> | undefined;
  nodes: Nodes;
}

export interface SystemView {
  nodes: NodeView[];
  events: EventBacklog;
  /** How long a commit took. */
  databaseMs: number;
  /** undefined: there is none; null: it does not answer. */
  redisMs: number | null | undefined;
}

/** @throws AppError BUSY while the database is away */
export async function readSystem({ database, cluster, nodes }: SystemServices): Promise<SystemView> {
  const [databaseMs, redisMs, events] = await Promise.all([
    msOf(() => probeWrite(database)),
    cluster && msOf(() => cluster.checkConnected()).catch(() => null),
    readBacklog(database),
  ]);
  const listed = await nodes.list().catch(() => undefined);
  return {
    nodes: listed ?? nodes.alone(),
    events,
    databaseMs,
    redisMs: listed === undefined ? null : redisMs,
  };
}

async function msOf(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}
