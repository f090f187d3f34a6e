import type { RouteRecordRaw } from 'vue-router';

export const approvalRoutes: RouteRecordRaw[] = [
  { path: '/approvals', component: () => import('./ApprovalsPage.vue'), meta: { title: 'rail.approvals' } },
  {
    path: '/approvals/:id(\\d+)',
    component: () => import('./ApprovalPage.vue'),
    props: ({ params }) => ({ approvalId: Number(params['id']) }),
    meta: { title: 'rail.approvals' },
  },
];
