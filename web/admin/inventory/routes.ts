import type { RouteRecordRaw } from 'vue-router';

export const inventoryRoutes: RouteRecordRaw[] = [
  {
    path: '/inventory',
    name: 'inventory',
    component: () => import('./InventoryPage.vue'),
    meta: { title: 'desk.rail.inventory' },
  },
];
