import { startPage } from '../shared/startPage.ts';
import 'element-plus/dist/index.css';
import '../shared/base.css';
import './elementTheme.css';
import './console.css';
import AdminApp from './AdminApp.vue';
import { router } from './routes.ts';
import { client } from './session.ts';

void startPage(AdminApp, {
  router,
  texts: { 'zh-CN': () => import('./locales/zh-CN.ts'), en: () => import('./locales/en.ts') },
  about: () => client.api.get('/about'),
});
