/** Calls of events, endpoints and the configuration. */
import { SmartModel } from '../../../entities/smart/SmartModel.ts';
import { SmartModelPart } from '../../../entities/smart/SmartModelPart.ts';
import { WebhookDelivery } from '../../../entities/webhooks/WebhookDelivery.ts';
import { insertOne } from '../../../src/platform/database/bulk.ts';
import { giveUp } from '../../events/deadLetters.ts';
import { noteInsight } from '../../support/insights.ts';
import type { Administration } from '../administration.ts';
import type { GoodCalls } from './goodCall.ts';

export const SYSTEM: GoodCalls = {
  'POST /smart/insights/look': () => ({ path: '/smart/insights/look' }),
  'POST /smart/insights/:id/dismiss': async ({ venue }) => ({
    path: `/smart/insights/${await noteInsight(venue.context.database)}/dismiss`,
  }),
  'PUT /admin/reports/subscription': () => ({
    path: '/admin/reports/subscription',
    body: { daily: 8, weekly: 9 },
  }),
  'POST /analytics/funnels': () => ({ path: '/analytics/funnels', body: FUNNEL }),
  'PUT /analytics/funnels/:id': async (here) => ({
    path: await funnel(here),
    body: { version: 1, order: 'strict' },
  }),
  'DELETE /analytics/funnels/:id': async (here) => ({ path: await funnel(here) }),
  'POST /smart/models': () => ({ path: '/smart/models' }),
  'POST /smart/models/:version/activate': async (here) => ({
    path: `/smart/models/${await readyModel(here)}/activate`,
  }),
  'POST /events/publish': () => ({
    path: '/events/publish',
    body: { type: 'user:action', data: { action: 'a test' } },
  }),
  'POST /events/:id/retry': async (here) => ({ path: `/events/${await deadLetter(here)}/retry` }),
  'POST /events/retry': async (here) => {
    await deadLetter(here);
    return { path: '/events/retry', body: { type: 'user:action', limit: 10 } };
  },
  'POST /admin/webhooks': () => ({
    path: '/admin/webhooks',
    body: { url: 'https://endpoint.invalid/events', events: ['points:*'] },
  }),
  'PUT /admin/webhooks/:id': async (here) => ({
    path: await webhook(here),
    body: { version: 1, description: 'another' },
  }),
  'POST /admin/webhooks/deliveries/:id/replay': async (here) => ({
    path: `/admin/webhooks/deliveries/${await delivery(here)}/replay`,
  }),
  'POST /admin/webhooks/:id/rotate': async (here) => ({ path: `${await webhook(here)}/rotate` }),
  'DELETE /admin/webhooks/:id': async (here) => ({ path: await webhook(here) }),
  'PUT /admin/config': async ({ call }) => {
    const { version, config } = (await call('GET', '/admin/config')).data;
    return { path: '/admin/config', body: { version, config: { ...config, chat: { slow_mode_s: 9 } } } };
  },
  'POST /admin/config/return': () => ({
    path: '/admin/config/return',
    body: { version: 1, to_version: 0 },
  }),
};

const FUNNEL = { name: 'a test', steps: [{ kind: 'page', name: 'shop' }] };

async function funnel({ call }: Administration): Promise<string> {
  const { data } = await call('GET', '/analytics/funnels');
  return `/analytics/funnels/${data.items[0].funnel_id}`;
}

/** As one that has served. */
async function readyModel({ venue }: Administration): Promise<number> {
  const at = new Date(0);
  return venue.context.database.retryingTransaction(async (tx) => {
    const known = { people: 1, items: 1, interactions: 1, metrics: null, parameters: {}, reason: null };
    const times = { created_by: null, created_at: at, finished_at: at, activated_at: at };
    const version = await insertOne(tx, SmartModel, { status: 'ready', ...known, ...times });
    await insertOne(tx, SmartModelPart, { version, part: 1, content: 'x' });
    return version;
  });
}

async function webhook({ call }: Administration): Promise<string> {
  const { data } = await call('GET', '/admin/webhooks');
  return `/admin/webhooks/${data.items[0].webhook_id}`;
}

async function deadLetter({ call, venue }: Administration): Promise<number> {
  const { data } = await call('POST', '/events/publish', { type: 'user:action', data: {} });
  await giveUp(venue.context.database, [data.event_id as number]);
  return data.event_id as number;
}

async function delivery(here: Administration): Promise<number> {
  const { database, clock } = here.venue.context;
  const webhook_id = Number((await webhook(here)).split('/').at(-1));
  const row = { webhook_id, event_id: 1, event_type: 'user:login', created_at: new Date(clock.nowMs()) };
  return database.transaction((tx) => insertOne(tx, WebhookDelivery, { ...row, status: 'failed' }));
}
