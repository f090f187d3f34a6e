import type { RouteRecordRaw } from 'vue-router';

export const reviewRoutes: RouteRecordRaw[] = [
  { path: '/reviews', component: () => import('./ReviewsPage.vue'), meta: { title: 'rail.reviews' } },
];
