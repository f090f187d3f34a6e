import type { RouteRecordRaw } from 'vue-router';

export const recommendationRoutes: RouteRecordRaw[] = [
  {
    path: '/recommendations',
    component: () => import('./RecommendationsPage.vue'),
    meta: { title: 'recommendations.title' },
  },
];
