import type { OwnerWatch } from '../platform/actor/ownerWatch.ts';
import { ownLoad } from '../platform/cluster/cluster.ts';
import type { Departure } from '../platform/cluster/departure.ts';
import type { Basics, Domain } from '../platform/domain.ts';
import type { LoopLag } from '../platform/loopLag.ts';
import { repeating } from '../platform/repeating.ts';
import type { Shedding } from '../platform/shedding.ts';
import type { SeatedPeople } from '../platform/sockets/seatedPeople.ts';
import { VERSION } from '../platform/version.ts';
import { readSystem, type SystemServices, type SystemView } from '../system/readSystem.ts';
import { listenForMetrics } from './listener.ts';
import { openRegistry, type BacklogFigures } from './registry.ts';
import type { MetricsConfig } from './settings.ts';

const LOOK_MS = 10_000;

interface Measuring extends Basics, SystemServices {
  config: MetricsConfig;
  ownerWatch: Pick<OwnerWatch, 'load'>;
  seatedPeople: Pick<SeatedPeople, 'count'>;
  loopLag: Pick<LoopLag, 'p99Ms'>;
  shedding: Pick<Shedding, 'share'>;
  departure: Pick<Departure, 'isLeaving'>;
  checkReady(): Promise<string[]>;
}

/** What Prometheus reads. Nothing is measured unless it has a port. */
export const metrics = {
  async background(services: Measuring) {
    const { config, logger, clock, database, ownerWatch, seatedPeople, loopLag, shedding, departure } =
      services;
    const { metricsPort: port, metricsHost: host } = config;
    if (port === undefined) return () => undefined;
    let backlog: BacklogFigures | undefined;
    const { registry, close } = openRegistry({
      version: VERSION,
      node: () => {
        const { rooms, clients } = ownLoad();
        const { count: people } = seatedPeople;
        const loopSeconds = loopLag.p99Ms / 1000;
        return {
          rooms,
          clients,
          people,
          loopSeconds,
          shedShare: shedding.share,
          leaving: departure.isLeaving ? 1 : 0,
          ...ownerWatch.load(),
          transactions: database.waitingTransactions,
        };
      },
      backlog: () => backlog,
      missing: () => services.checkReady(),
      replicasBehindMs: () => database.replicasBehindMs,
    });
    const server = await listenForMetrics(registry, { host, port }, logger).catch((error: unknown) => {
      close();
      throw error;
    });
    const stop = repeating(
      logger,
      'what waits could not be looked at for the metrics',
      async () => {
        backlog = undefined;
        backlog = figuresOf(await readSystem(services), clock.nowMs());
      },
      { intervalMs: LOOK_MS },
    );
    return () => {
      stop();
      close();
      server.close();
      server.closeAllConnections();
    };
  },
} satisfies Domain;

function figuresOf(view: SystemView, nowMs: number): BacklogFigures {
  const { events, webhooks, ledgerCountedToMs, drawsCountedToMs, databaseMs, redisMs } = view;
  const since = (ms: number | null) => (ms === null ? 0 : Math.max(0, nowMs - ms) / 1000);
  return {
    eventsWaiting: events.waiting,
    deadLetters: events.deadLetters,
    eventLagSeconds: since(events.oldestWaitingMs),
    webhooksWaiting: webhooks.waiting,
    webhooksDisabled: webhooks.disabled,
    ledgerLagSeconds: since(ledgerCountedToMs),
    drawsLagSeconds: since(drawsCountedToMs),
    databaseSeconds: databaseMs / 1000,
    redisSeconds: redisMs == null ? undefined : redisMs / 1000,
  };
}
