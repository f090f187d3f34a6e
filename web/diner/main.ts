import { startPage } from '../shared/startPage.ts';
import '../shared/base.css';
import DinerApp from './DinerApp.vue';
import { router } from './routes.ts';
import { client } from './session.ts';
import { trackPages } from './tracking.ts';

trackPages(router);
void startPage(DinerApp, {
  router,
  texts: { 'zh-CN': () => import('./locales/zh-CN.ts'), en: () => import('./locales/en.ts') },
  about: () => client.api.get('/about'),
});
