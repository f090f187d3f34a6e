import type { RouteRecordRaw } from 'vue-router';

export const reportRoutes: RouteRecordRaw[] = [
  { path: '/reports', component: () => import('./ReportsPage.vue'), meta: { title: 'reports.title' } },
];
