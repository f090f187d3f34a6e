import type { RouteRecordRaw } from 'vue-router';

export const eventRoutes: RouteRecordRaw[] = [
  {
    path: '/events',
    name: 'events',
    component: () => import('./EventsPage.vue'),
    meta: { title: 'desk.rail.events' },
  },
  {
    path: '/events/types',
    name: 'event-types',
    component: () => import('./TypesPage.vue'),
    meta: { title: 'events.types' },
  },
  {
    path: '/events/live',
    name: 'event-stream',
    component: () => import('./StreamPage.vue'),
    meta: { title: 'events.live' },
  },
  {
    path: '/webhooks',
    name: 'webhooks',
    component: () => import('./WebhooksPage.vue'),
    meta: { title: 'desk.rail.webhooks' },
  },
];
