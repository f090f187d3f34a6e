import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router';
import { accessRoutes } from './access/routes.ts';
import { approvalRoutes } from './approvals/routes.ts';
import { behaviorRoutes } from './behavior/routes.ts';
import { campaignRoutes } from './campaigns/routes.ts';
import { configurationRoutes } from './configuration/routes.ts';
import { dashboardRoutes } from './dashboard/routes.ts';
import { eventRoutes } from './events/routes.ts';
import { importRoutes } from './imports/routes.ts';
import { inventoryRoutes } from './inventory/routes.ts';
import { moderationRoutes } from './moderation/routes.ts';
import { noticeRoutes } from './notices/routes.ts';
import { peopleRoutes } from './people/routes.ts';
import { pointsRoutes } from './points/routes.ts';
import { productRoutes } from './products/routes.ts';
import { recommendationRoutes } from './recommendations/routes.ts';
import { redemptionRoutes } from './redemption/routes.ts';
import { reviewRoutes } from './reviews/routes.ts';
import { realtimeRoutes } from './realtime/routes.ts';
import { reportRoutes } from './reports/routes.ts';
import { ruleRoutes } from './rules/routes.ts';
import { serviceRoutes } from './service/routes.ts';
import { session } from './session.ts';
import { systemRoutes } from './system/routes.ts';
import { tradeRoutes } from './trades/routes.ts';
import { trendRoutes } from './trends/routes.ts';
import LoginPage from './shell/LoginPage.vue';

declare module 'vue-router' {
  interface RouteMeta {
    /** A key of the texts: what the page is called in the top bar while it says nothing more precise. */
    title?: string;
  }
}

const areas: RouteRecordRaw[] = [
  ...dashboardRoutes,
  ...configurationRoutes,
  ...reportRoutes,
  ...realtimeRoutes,
  ...behaviorRoutes,
  ...recommendationRoutes,
  ...trendRoutes,
  ...campaignRoutes,
  ...approvalRoutes,
  ...peopleRoutes,
  ...importRoutes,
  ...pointsRoutes,
  ...productRoutes,
  ...inventoryRoutes,
  ...tradeRoutes,
  ...reviewRoutes,
  ...ruleRoutes,
  ...redemptionRoutes,
  ...serviceRoutes,
  ...moderationRoutes,
  ...noticeRoutes,
  ...systemRoutes,
  ...eventRoutes,
  ...accessRoutes,
];

export const router = createRouter({
  history: createWebHistory('/admin'),
  routes: [
    { path: '/login', name: 'login', component: LoginPage },
    ...areas,
    { path: '/:rest(.*)', component: () => import('./shell/NothingHere.vue') },
  ],
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
});

router.beforeEach((to) => {
  if (to.name !== 'login' && session.user === undefined)
    return { name: 'login', query: to.fullPath === '/' ? {} : { to: to.fullPath } };
  if (to.name === 'login' && session.user !== undefined) return '/';
  return true;
});
