import { createRouter, createWebHistory } from 'vue-router';
import LoginPage from './account/LoginPage.vue';
import { session } from './session.ts';
import { talkRoutes } from './talk/routes.ts';

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'home', component: () => import('./home/HomePage.vue') },
    { path: '/login', name: 'login', component: LoginPage },
    {
      path: '/campaigns/:id(\\d+)',
      name: 'campaign',
      component: () => import('./campaign/CampaignPage.vue'),
      props: ({ params }) => ({ campaignId: Number(params['id']) }),
      meta: { isWide: true },
    },
    {
      path: '/campaigns/:id(\\d+)/odds',
      name: 'odds',
      component: () => import('./campaign/OddsPage.vue'),
      props: ({ params }) => ({ campaignId: Number(params['id']) }),
    },
    {
      path: '/campaigns/:id(\\d+)/fairness',
      name: 'fairness',
      component: () => import('./fairness/FairnessPage.vue'),
      props: ({ params }) => ({ campaignId: Number(params['id']) }),
      meta: { isPublic: true },
    },
    {
      path: '/draws/:id(\\d+)',
      name: 'proof',
      component: () => import('./fairness/ProofPage.vue'),
      props: ({ params }) => ({ drawId: Number(params['id']) }),
      meta: { isPublic: true },
    },
    {
      path: '/verify',
      name: 'verify',
      component: () => import('./fairness/VerifyPage.vue'),
      meta: { isPublic: true },
    },
    { path: '/prizes', name: 'prizes', component: () => import('./prizes/PrizesPage.vue') },
    ...talkRoutes,
    { path: '/me', name: 'me', component: () => import('./account/MePage.vue') },
    { path: '/me/devices', name: 'devices', component: () => import('./account/DevicesPage.vue') },
    { path: '/me/merges', name: 'merges', component: () => import('./account/MergesPage.vue') },
    { path: '/me/close', name: 'close-account', component: () => import('./account/ClosePage.vue') },
    { path: '/points', name: 'points', component: () => import('./points/HistoryPage.vue') },
    { path: '/points/transfer', name: 'transfer', component: () => import('./points/TransferPage.vue') },
    {
      path: '/points/statistics',
      name: 'statistics',
      component: () => import('./points/StatisticsPage.vue'),
    },
    { path: '/points/leaderboard', name: 'points-board', component: () => import('./points/BoardPage.vue') },
    { path: '/points/bills', name: 'bills', component: () => import('./points/BillsPage.vue') },
    { path: '/shop', name: 'shop', component: () => import('./shop/ShopPage.vue') },
    { path: '/market', name: 'market', component: () => import('./market/MarketPage.vue') },
    { path: '/claims', name: 'claims', component: () => import('./claims/ClaimsPage.vue') },
    { path: '/claims/new', name: 'new-claim', component: () => import('./claims/NewClaimPage.vue') },
    { path: '/:rest(.*)', redirect: { name: 'home' } },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});

router.beforeEach((to) => {
  if (to.name !== 'login' && to.meta['isPublic'] !== true && session.user === undefined)
    return { name: 'login', query: to.fullPath === '/' ? {} : { to: to.fullPath } };
  if (to.name === 'login' && session.user !== undefined) return { name: 'home' };
  return true;
});
