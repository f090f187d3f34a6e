import type { RouteRecordRaw } from 'vue-router';

export const redemptionRoutes: RouteRecordRaw[] = [
  {
    path: '/redeem',
    name: 'redeem',
    component: () => import('./RedeemPage.vue'),
    meta: { title: 'desk.rail.redeem' },
  },
  {
    path: '/redeem/deliveries',
    name: 'deliveries',
    component: () => import('./DeliveriesPage.vue'),
    meta: { title: 'redemption.deliveries' },
  },
];
