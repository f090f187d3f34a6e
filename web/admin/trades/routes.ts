import type { RouteRecordRaw } from 'vue-router';

/** The drawer of a trade is `?trade=` of the list. */
export const tradeRoutes: RouteRecordRaw[] = [
  {
    path: '/trades',
    name: 'trades',
    component: () => import('./TradesPage.vue'),
    meta: { title: 'desk.rail.trades' },
  },
];
