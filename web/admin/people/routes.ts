import type { RouteRecordRaw } from 'vue-router';

/** The drawer of a person is `?person=` of the list, which stays as it is under it. */
export const peopleRoutes: RouteRecordRaw[] = [
  {
    path: '/people',
    name: 'people',
    component: () => import('./PeoplePage.vue'),
    meta: { title: 'desk.rail.people' },
  },
  {
    path: '/people/segments',
    name: 'segments',
    component: () => import('./SegmentsPage.vue'),
    meta: { title: 'people.segments' },
  },
  {
    path: '/people/blacklist',
    name: 'blacklist',
    component: () => import('./BlacklistPage.vue'),
    meta: { title: 'people.blacklist' },
  },
];
