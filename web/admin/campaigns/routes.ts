import type { RouteRecordRaw } from 'vue-router';

const idOf = ({ params }: { params: Record<string, string | string[]> }) => ({
  campaignId: Number(params['id']),
});

export const campaignRoutes: RouteRecordRaw[] = [
  { path: '/campaigns', component: () => import('./CampaignsPage.vue'), meta: { title: 'rail.campaigns' } },
  {
    path: '/campaigns/new',
    component: () => import('./EditorPage.vue'),
    props: ({ query }) => ({ template: typeof query['template'] === 'string' ? query['template'] : 'wheel' }),
    meta: { title: 'campaigns.new' },
  },
  {
    path: '/campaigns/:id(\\d+)',
    component: () => import('./EditorPage.vue'),
    props: idOf,
    meta: { title: 'rail.campaigns' },
  },
  {
    path: '/campaigns/:id(\\d+)/statistics',
    component: () => import('./StatisticsPage.vue'),
    props: idOf,
    meta: { title: 'campaigns.statistics' },
  },
  {
    path: '/simulator',
    component: () => import('../simulator/SimulatorPage.vue'),
    meta: { title: 'rail.simulator' },
  },
  { path: '/live', component: () => import('../live/LiveListPage.vue'), meta: { title: 'rail.live' } },
  {
    path: '/live/:id(\\d+)',
    component: () => import('../live/LivePage.vue'),
    props: idOf,
    meta: { title: 'rail.live' },
  },
  {
    path: '/coupons',
    component: () => import('../coupons/CouponsPage.vue'),
    meta: { title: 'rail.coupons' },
  },
  { path: '/draws', component: () => import('../draws/DrawsPage.vue'), meta: { title: 'rail.draws' } },
];
