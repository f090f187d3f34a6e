import type { RouteRecordRaw } from 'vue-router';

export const moderationRoutes: RouteRecordRaw[] = [
  {
    path: '/moderation',
    name: 'reports',
    component: () => import('./ReportsPage.vue'),
    meta: { title: 'desk.rail.moderation' },
  },
  {
    path: '/moderation/restrictions',
    name: 'restrictions',
    component: () => import('./RestrictionsPage.vue'),
    meta: { title: 'moderation.restrictions' },
  },
  {
    path: '/moderation/words',
    name: 'words',
    component: () => import('./WordsPage.vue'),
    meta: { title: 'moderation.words' },
  },
];
