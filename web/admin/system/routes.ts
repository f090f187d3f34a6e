import type { RouteRecordRaw } from 'vue-router';

export const systemRoutes: RouteRecordRaw[] = [
  { path: '/system', component: () => import('./SystemPage.vue'), meta: { title: 'system.title' } },
];
