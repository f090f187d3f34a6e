import { createRouter, createWebHistory } from 'vue-router';
import AdminApp from './AdminApp.vue';

export const router = createRouter({
  history: createWebHistory('/admin'),
  routes: [{ path: '/:rest(.*)', component: AdminApp }],
});
