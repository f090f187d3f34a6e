import { createApp } from 'vue';
import { bringTexts, i18n } from '../shared/language.ts';
import 'element-plus/dist/index.css';
import '../shared/base.css';
import './elementTheme.css';
import './console.css';
import AdminApp from './AdminApp.vue';
import { router } from './routes.ts';

void bringTexts({
  'zh-CN': () => import('./locales/zh-CN.ts'),
  en: () => import('./locales/en.ts'),
}).then(() => createApp(AdminApp).use(i18n).use(router).mount('#app'));
