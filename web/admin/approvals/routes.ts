import type { RouteRecordRaw } from 'vue-router';

export const approvalRoutes: RouteRecordRaw[] = [
  { path: '/approvals', redirect: '/reviews' },
  {
    path: '/approvals/:id(\\d+)',
    component: () => import('./ApprovalPage.vue'),
    props: ({ params }) => ({ approvalId: Number(params['id']) }),
    meta: { title: 'rail.approvals' },
  },
];
