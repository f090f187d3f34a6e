import type { RouteRecordRaw } from 'vue-router';

export const behaviorRoutes: RouteRecordRaw[] = [
  { path: '/behavior', component: () => import('./BehaviorPage.vue'), meta: { title: 'behavior.title' } },
];
