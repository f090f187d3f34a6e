import type { RouteRecordRaw } from 'vue-router';

export const serviceRoutes: RouteRecordRaw[] = [
  {
    path: '/service',
    name: 'service',
    component: () => import('./ServicePage.vue'),
    meta: { title: 'desk.rail.service' },
  },
  {
    path: '/service/ended',
    name: 'service-ended',
    component: () => import('./EndedPage.vue'),
    meta: { title: 'service.ended' },
  },
];
