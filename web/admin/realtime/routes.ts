import type { RouteRecordRaw } from 'vue-router';

export const realtimeRoutes: RouteRecordRaw[] = [
  {
    path: '/realtime',
    component: () => import('./RealtimePage.vue'),
    meta: { title: 'realtime.title' },
  },
];
