import type { RouteRecordRaw } from 'vue-router';

/** The drawer of a product is `?product=` of the list; `new` is one that is not there yet. */
export const productRoutes: RouteRecordRaw[] = [
  {
    path: '/products',
    name: 'products',
    component: () => import('./ProductsPage.vue'),
    meta: { title: 'desk.rail.products' },
  },
];
