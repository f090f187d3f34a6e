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
    },
    { path: '/prizes', name: 'prizes', component: () => import('./prizes/PrizesPage.vue') },
    ...talkRoutes,
    { path: '/me', name: 'me', component: () => import('./account/MePage.vue') },
    { path: '/:rest(.*)', redirect: { name: 'home' } },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});

router.beforeEach((to) => {
  if (to.name !== 'login' && session.user === undefined)
    return { name: 'login', query: to.fullPath === '/' ? {} : { to: to.fullPath } };
  if (to.name === 'login' && session.user !== undefined) return { name: 'home' };
  return true;
});
