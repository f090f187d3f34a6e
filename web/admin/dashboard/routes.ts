import type { RouteRecordRaw } from 'vue-router';

export const dashboardRoutes: RouteRecordRaw[] = [
  { path: '/', component: () => import('./DashboardPage.vue'), meta: { title: 'rail.dashboard' } },
];
