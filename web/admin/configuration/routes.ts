import type { RouteRecordRaw } from 'vue-router';

export const configurationRoutes: RouteRecordRaw[] = [
  {
    path: '/configuration',
    component: () => import('./ConfigurationPage.vue'),
    meta: { title: 'rail.configuration' },
  },
];
