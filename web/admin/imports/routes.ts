import type { RouteRecordRaw } from 'vue-router';

export const importRoutes: RouteRecordRaw[] = [
  {
    path: '/people/import',
    name: 'import',
    component: () => import('./ImportPage.vue'),
    meta: { title: 'imports.title' },
  },
];
