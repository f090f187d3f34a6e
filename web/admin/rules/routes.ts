import type { RouteRecordRaw } from 'vue-router';

export const ruleRoutes: RouteRecordRaw[] = [
  {
    path: '/rules',
    name: 'rules',
    component: () => import('./RulesPage.vue'),
    meta: { title: 'desk.rail.rules' },
  },
  {
    path: '/rules/holidays',
    name: 'holidays',
    component: () => import('./HolidaysPage.vue'),
    meta: { title: 'rules.holidays' },
  },
  {
    path: '/rules/:id(\\d+|new)',
    name: 'rule',
    component: () => import('./RulePage.vue'),
    props: ({ params }) => ({ ruleId: params['id'] === 'new' ? undefined : Number(params['id']) }),
  },
];
