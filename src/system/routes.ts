/** What is told of the server itself. */
import type { LiveConfiguration } from '../configuration/liveConfiguration.ts';
import type { Market } from '../draw/market.ts';
import { route, type Route } from '../platform/http/route.ts';
import { toWireTime } from '../platform/shapes.ts';
import { VERSION } from '../platform/version.ts';
import { aboutShape, systemShape } from './messages.ts';
import { problemsOf } from './problems.ts';
import { readSystem, type SystemServices, type SystemView } from './readSystem.ts';

export interface SystemRoutesServices extends SystemServices {
  businessTimezone: string;
  market: Market;
  configuration: Pick<LiveConfiguration, 'now'>;
}

export function systemRoutes(services: SystemRoutesServices): Route[] {
  const { clock, businessTimezone, market, database, configuration } = services;
  return [
    route({
      method: 'get',
      path: '/about',
      access: 'public',
      summary: 'What a page has to know of the server: where its days begin, and what it is',
      keptSeconds: 60,
      data: aboutShape,
      handle: async () => ({
        data: {
          business_timezone: businessTimezone,
          market,
          version: VERSION,
          ...configuration.now().notices,
          now: toWireTime(clock.nowMs()),
        },
      }),
    }),
    route({
      method: 'get',
      path: '/admin/system',
      access: 'system:read',
      summary: 'The nodes, who is online, what waits, and how fast the database and Redis answer',
      data: systemShape,
      handle: async () => ({
        data: { ...systemToWire(await readSystem(services), database.dialect, clock.nowMs()) },
      }),
    }),
  ];
}

function systemToWire(view: SystemView, kind: 'sqlite' | 'mysql', nowMs: number) {
  const { nodes, events, webhooks, databaseMs, redisMs } = view;
  const sum = (valueOf: (node: SystemView['nodes'][number]) => number) =>
    nodes.reduce((total, node) => total + valueOf(node), 0);
  const { oldestWaitingMs: oldestMs } = events;
  return {
    nodes: nodes.map(nodeToWire),
    online: { people: sum(({ told }) => told?.people ?? 0), clients: sum(({ clients }) => clients) },
    queued_draw_requests: sum(({ told }) => told?.queued ?? 0),
    events: {
      waiting: events.waiting,
      oldest_waiting_at: oldestMs === null ? null : toWireTime(oldestMs),
      lag_ms: oldestMs === null ? 0 : Math.max(0, Math.round(nowMs - oldestMs)),
      dead_letters: events.deadLetters,
    },
    database: { kind, commit_ms: tenths(databaseMs) },
    redis: { is_used: redisMs !== undefined, round_trip_ms: redisMs == null ? null : tenths(redisMs) },
    webhooks,
    counting: {
      ledger_lag_ms: Math.max(0, Math.round(nowMs - view.ledgerCountedToMs)),
      draws_lag_ms: Math.max(0, Math.round(nowMs - view.drawsCountedToMs)),
    },
    problems: problemsOf(view, nowMs).map(({ nodeId: node_id, ...problem }) => ({ ...problem, node_id })),
    now: toWireTime(nowMs),
  };
}

function nodeToWire({ processId, isThis, rooms, clients, told }: SystemView['nodes'][number]) {
  return {
    node_id: processId,
    is_this: isThis,
    rooms,
    clients,
    told:
      told === undefined
        ? null
        : {
            ms_ago: told.agoMs,
            address: told.address,
            version: told.version,
            up_seconds: Math.floor(told.up_ms / 1000),
            people: told.people,
            owners: told.owners,
            queued_draw_requests: told.queued,
            config_version: told.config_version ?? null,
            bad_config_version: told.bad_config_version ?? null,
            loop_ms: told.loop_ms ?? null,
            waiting_transactions: told.transactions ?? null,
            memory_mb: told.memory_mb ?? null,
          },
  };
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
