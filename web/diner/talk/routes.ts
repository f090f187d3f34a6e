import type { RouteRecordRaw } from 'vue-router';

export const talkRoutes: RouteRecordRaw[] = [
  { path: '/talk', name: 'talk', component: () => import('./TalkPage.vue') },
  {
    path: '/talk/:id(\\d+)',
    name: 'chat',
    component: () => import('./ChatPage.vue'),
    props: ({ params }) => ({ conversationId: Number(params['id']) }),
  },
  { path: '/talk/blocked', name: 'blocked', component: () => import('./BlockedPage.vue') },
  { path: '/inbox', name: 'inbox', component: () => import('./InboxPage.vue') },
  { path: '/inbox/settings', name: 'inbox-settings', component: () => import('./NoticeSettingsPage.vue') },
];
