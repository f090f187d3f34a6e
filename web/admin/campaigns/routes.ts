import type { RouteRecordRaw } from 'vue-router';

export const campaignRoutes: RouteRecordRaw[] = [
  { path: '/campaigns', component: () => import('./CampaignsPage.vue'), meta: { title: 'rail.campaigns' } },
];
