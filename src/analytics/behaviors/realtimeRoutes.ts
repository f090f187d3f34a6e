import type { LiveConfiguration } from '../../configuration/liveConfiguration.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { route, type Route } from '../../platform/http/route.ts';
import { toWireTime } from '../../platform/shapes.ts';
import type { Buckets } from './buckets.ts';
import { namesQuery, namesShape, realtimeQuery, realtimeShape } from './messages.ts';
import { isComplete, readBuckets, readNames, windowOf, type AskedWindow, type Counts } from './realtime.ts';

export interface RealtimeServices {
  database: Database;
  clock: Clock;
  configuration: Pick<LiveConfiguration, 'now'>;
  buckets: Buckets;
}

export function realtimeRoutes(services: RealtimeServices): Route[] {
  const { database, buckets } = services;
  return [
    route({
      method: 'get',
      path: '/analytics/realtime',
      access: 'statistics:read',
      summary: 'What diners do on the pages, minute by minute, hour by hour or day by day',
      list: { name: 'behaviors' },
      query: realtimeQuery,
      data: realtimeShape,
      handle: async (input) => {
        const { window, told, nowMs } = look(services, input.query);
        const counted = await readBuckets(database, window, input.query);
        const items = window.startsMs.map((startMs, at) => ({
          starts_at: toWireTime(startMs),
          is_complete: isComplete(window.startsMs[at + 1] ?? window.endMs, nowMs),
          ...toWire(counted[at]!),
        }));
        return { data: { ...told, items } };
      },
    }),
    route({
      method: 'get',
      path: '/analytics/realtime/names',
      access: 'statistics:read',
      summary: 'Which pages and actions that were',
      list: { name: 'behavior-names' },
      query: namesQuery,
      data: namesShape,
      handle: async (input) => {
        const { window, told } = look(services, input.query);
        const named = await readNames(database, window, input.query);
        const items = named.map(({ kind, name, ...counts }) => ({ kind, name, ...toWire(counts) }));
        return { data: { ...told, items } };
      },
    }),
  ];

  function look({ clock, configuration }: RealtimeServices, asked: AskedWindow) {
    const nowMs = clock.nowMs();
    const window = windowOf(asked, buckets, nowMs);
    const told = {
      period: window.period,
      unit: 'behaviors' as const,
      business_timezone: buckets.timezone,
      from: toWireTime(window.startsMs[0]!),
      to: toWireTime(window.endMs),
      is_last_complete: isComplete(window.endMs, nowMs),
      sample_percent: configuration.now().analytics.sample_percent,
    };
    return { window, told, nowMs };
  }
}

function toWire({ entries, durationMs }: Counts) {
  return { entries, duration_ms: durationMs };
}
