/** How the server is: its nodes, what waits, and how long the database and Redis take to answer. */
import { readBacklog, type EventBacklog } from '../events/readEvents.ts';
import { drawsCountedToMs } from '../lottery/statistics/fold.ts';
import type { Clock } from '../platform/clock.ts';
import type { Cluster } from '../platform/cluster/cluster.ts';
import { probeWrite } from '../platform/database/probeWrite.ts';
import type { Database } from '../platform/database/transaction.ts';
import { daysCountedToMs } from '../points/statistics/countDays.ts';
import { readWebhookBacklog, type WebhookBacklog } from '../webhooks/backlog.ts';
import type { Nodes, NodeView } from './nodes.ts';

export interface SystemServices {
  database: Database;
  clock: Clock;
  cluster: Pick<Cluster, 'checkConnected'> | undefined;
  nodes: Nodes;
}

export interface SystemView {
  nodes: NodeView[];
  events: EventBacklog;
  webhooks: WebhookBacklog;
  /** Up to when rows of the ledger, and draws, are in the figures of days. */
  ledgerCountedToMs: number;
  drawsCountedToMs: number;
  /** How long a commit took. */
  databaseMs: number;
  /** undefined: there is none; null: it does not answer. */
  redisMs: number | null | undefined;
}

/** @throws AppError BUSY while the database is away */
export async function readSystem(services: SystemServices): Promise<SystemView> {
  const { database, clock, cluster, nodes } = services;
  const [databaseMs, redisMs, events, webhooks, ledgerCountedToMs, drawsCounted] = await Promise.all([
    msOf(() => probeWrite(database)),
    cluster && msOf(() => cluster.checkConnected()).catch(() => null),
    readBacklog(database),
    readWebhookBacklog(database, clock.nowMs()),
    daysCountedToMs({ database, clock }),
    drawsCountedToMs({ database, clock }),
  ]);
  const listed = await nodes.list().catch(() => undefined);
  return {
    nodes: listed ?? nodes.alone(),
    events,
    webhooks,
    ledgerCountedToMs,
    drawsCountedToMs: drawsCounted,
    databaseMs,
    redisMs: listed === undefined ? null : redisMs,
  };
}

async function msOf(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}
