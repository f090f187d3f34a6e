/**
 * What a node tells of itself to Prometheus (S-6). Labels are of the product alone, never of people, campaigns or paths: however many of
 * those there are, the series stay the same (RO-1). Times are in seconds.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { measuredBatches } from '../platform/actor/batchTimes.ts';
import {
  EDGES,
  measuredCalls,
  measuredDraws,
  measuredRefusals,
  measuredTakeovers,
  TAKEOVER_REASONS,
} from '../platform/measured.ts';

const SECONDS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1];
const SIZES = [1, 3, 10, 30, 100, 300, 1000];

/** What is read of the node when it is asked for. */
export interface NodeFigures {
  rooms: number;
  clients: number;
  /** Those who sit in its rooms. */
  people: number;
  /** Campaigns and conversations that it alone decides. */
  owners: number;
  /** Requests that wait for their owners. */
  queued: number;
  /** Transactions that wait for their turn. */
  transactions: number;
  loopSeconds: number;
  /** Of what comes, from 0 to 1. */
  shedShare: number;
  /** 1 from the signal that ends it on, else 0. */
  leaving: number;
}

/** What is looked at in the database every few seconds; undefined: not yet, or it was away. */
export interface BacklogFigures {
  eventsWaiting: number;
  deadLetters: number;
  eventLagSeconds: number;
  webhooksWaiting: number;
  webhooksDisabled: number;
  ledgerLagSeconds: number;
  drawsLagSeconds: number;
  databaseSeconds: number;
  /** undefined: there is none. */
  redisSeconds: number | undefined;
}

export interface Sources {
  version: string;
  node: () => NodeFigures;
  backlog: () => BacklogFigures | undefined;
  missing: () => Promise<readonly string[]>;
  /** In ms, of each replica; undefined: it does not say. */
  replicasBehindMs: () => readonly (number | undefined)[];
}

/** Parts whose want turns `ready` off. */
const PARTS = ['database', 'redis', 'seed_key'] as const;

export interface MetricsRegistry {
  registry: Registry;
  /** Nothing more is counted. */
  close(): void;
}

export function openRegistry({
  version,
  node,
  backlog,
  missing,
  replicasBehindMs,
}: Sources): MetricsRegistry {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({ name: 'kaijiang_build_info', help: 'The build', labelNames: ['version'], registers }).set(
    { version },
    1,
  );

  const draws = new Counter({ name: 'kaijiang_draws_total', help: 'Draws that are committed', registers });
  const wins = new Counter({ name: 'kaijiang_wins_total', help: 'Those that have won something', registers });
  const size = new Histogram({
    name: 'kaijiang_batch_size',
    help: 'Requests of one transaction',
    labelNames: ['kind'],
    buckets: SIZES,
    registers,
  });
  const phases = new Histogram({
    name: 'kaijiang_batch_seconds',
    help: 'How long a batch spent in each of its phases',
    labelNames: ['kind', 'phase'],
    buckets: SECONDS,
    registers,
  });
  const refusals = new Counter({
    name: 'kaijiang_refusals_total',
    help: 'What was refused, by code of the error table',
    labelNames: ['edge', 'code'],
    registers,
  });
  // What alerts of the first one has to be there before it: a series that begins with 1 has not grown.
  for (const edge of EDGES) refusals.inc({ edge, code: 'INTERNAL' }, 0);
  const takeovers = new Counter({
    name: 'kaijiang_takeovers_total',
    help: 'Rooms that this node opened because the one that had them was gone, or silent',
    labelNames: ['because'],
    registers,
  });
  for (const because of TAKEOVER_REASONS) takeovers.inc({ because }, 0);
  const calls = new Histogram({
    name: 'kaijiang_http_seconds',
    help: 'How long calls took to be answered',
    labelNames: ['status'],
    buckets: SECONDS,
    registers,
  });

  addGauges(registry, node, {
    rooms: ['rooms', 'Rooms of this node'],
    clients: ['clients', 'Connections to them'],
    people: ['seats', 'People who sit in them'],
    owners: ['owners', 'Campaigns and conversations that this node decides'],
    queued: ['queued_requests', 'Requests that wait for their owners'],
    transactions: ['waiting_transactions', 'Transactions that wait for their turn'],
    loopSeconds: [
      'loop_delay_p99_seconds',
      'How long 99 of 100 looks were late by at most, in the last seconds',
    ],
    shedShare: ['shed_share', 'What share of what comes is refused for the load, from 0 to 1'],
    leaving: ['leaving', 'Whether it has been told to end'],
  });
  addGauges(registry, backlog, {
    eventsWaiting: ['events_waiting', 'Events that wait for their handlers'],
    deadLetters: ['events_dead_letters', 'Events that were given up'],
    eventLagSeconds: ['event_lag_seconds', 'Age of the oldest event that waits'],
    webhooksWaiting: ['webhooks_waiting', 'Deliveries that are due'],
    webhooksDisabled: ['webhooks_disabled', 'Endpoints that were given up'],
    ledgerLagSeconds: ['ledger_lag_seconds', 'By how much the days of points are behind the ledger'],
    drawsLagSeconds: ['draws_lag_seconds', 'By how much the figures of campaigns are behind their draws'],
    databaseSeconds: ['database_commit_seconds', 'How long a lone commit took'],
    redisSeconds: ['redis_seconds', 'How long Redis took to answer'],
  });
  new Gauge({
    name: 'kaijiang_ready',
    help: 'Whether each part does its work',
    labelNames: ['part'],
    registers,
    async collect() {
      const without = await missing();
      for (const part of PARTS) this.set({ part }, without.includes(part) ? 0 : 1);
    },
  });
  new Gauge({
    name: 'kaijiang_replica_behind_seconds',
    help: 'By how much each replica is behind, in the order of the setting; without end: it does not say',
    labelNames: ['replica'],
    registers,
    collect() {
      for (const [at, ms] of replicasBehindMs().entries())
        this.set({ replica: at + 1 }, ms === undefined ? Infinity : ms / 1000);
    },
  });

  const stops = [
    measuredDraws.watch((drawn) => {
      draws.inc(drawn.draws);
      wins.inc(drawn.wins);
    }),
    measuredBatches.watch((batch) => {
      size.observe({ kind: batch.kind }, batch.size);
      for (const [phase, ms] of Object.entries(batch.ms))
        phases.observe({ kind: batch.kind, phase }, ms / 1000);
    }),
    measuredRefusals.watch((refusal) => refusals.inc({ ...refusal })),
    measuredTakeovers.watch((takeover) => takeovers.inc({ ...takeover })),
    measuredCalls.watch(({ status, seconds }) =>
      calls.observe({ status: `${Math.floor(status / 100)}xx` }, seconds),
    ),
  ];
  return {
    registry,
    close() {
      for (const stop of stops) stop();
      registry.clear();
    },
  };
}

/** One for each figure, read when it is asked for. What is not known is no number. */
function addGauges<Name extends string>(
  registry: Registry,
  figures: () => Partial<Record<Name, number | undefined>> | undefined,
  described: Record<Name, readonly [name: string, help: string]>,
): void {
  for (const [figure, [name, help]] of Object.entries(described) as [Name, readonly [string, string]][])
    new Gauge({
      name: `kaijiang_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(figures()?.[figure] ?? Number.NaN);
      },
    });
}
