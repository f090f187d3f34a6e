import type { RouteRecordRaw } from 'vue-router';

export const trendRoutes: RouteRecordRaw[] = [
  { path: '/trends', component: () => import('./TrendsPage.vue'), meta: { title: 'trends.title' } },
  { path: '/insights', component: () => import('./InsightsPage.vue'), meta: { title: 'insights.title' } },
];
