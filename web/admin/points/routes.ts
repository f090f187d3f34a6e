import type { RouteRecordRaw } from 'vue-router';

export const pointsRoutes: RouteRecordRaw[] = [
  {
    path: '/points',
    name: 'points',
    component: () => import('./PointsPage.vue'),
    meta: { title: 'desk.rail.points' },
  },
  {
    path: '/points/transfers',
    name: 'transfers',
    component: () => import('./TransfersPage.vue'),
    meta: { title: 'points.transfers' },
  },
];
