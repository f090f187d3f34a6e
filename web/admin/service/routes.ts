import type { RouteRecordRaw } from 'vue-router';

export const serviceRoutes: RouteRecordRaw[] = [
  {
    path: '/service',
    name: 'service',
    component: () => import('./ServicePage.vue'),
    meta: { title: 'desk.rail.service' },
  },
];
