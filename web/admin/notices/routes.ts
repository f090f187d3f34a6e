import type { RouteRecordRaw } from 'vue-router';

export const noticeRoutes: RouteRecordRaw[] = [
  {
    path: '/notices',
    name: 'notices',
    component: () => import('./NoticesPage.vue'),
    meta: { title: 'desk.rail.notices' },
  },
];
