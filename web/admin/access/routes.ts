import type { RouteRecordRaw } from 'vue-router';

export const accessRoutes: RouteRecordRaw[] = [
  {
    path: '/restaurants',
    name: 'restaurants',
    component: () => import('./RestaurantsPage.vue'),
    meta: { title: 'desk.rail.restaurants' },
  },
  {
    path: '/keys',
    name: 'keys',
    component: () => import('./KeysPage.vue'),
    meta: { title: 'desk.rail.keys' },
  },
  {
    path: '/roles',
    name: 'roles',
    component: () => import('./RolesPage.vue'),
    meta: { title: 'desk.rail.roles' },
  },
  {
    path: '/audit',
    name: 'audit',
    component: () => import('./AuditPage.vue'),
    meta: { title: 'desk.rail.audit' },
  },
  {
    path: '/logins',
    name: 'logins',
    component: () => import('./LoginsPage.vue'),
    meta: { title: 'desk.rail.logins' },
  },
  {
    path: '/networks',
    name: 'networks',
    component: () => import('./NetworksPage.vue'),
    meta: { title: 'desk.rail.networks' },
  },
];
