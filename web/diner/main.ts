import { createApp } from 'vue';
import { bringTexts, i18n } from '../shared/language.ts';
import '../shared/base.css';
import DinerApp from './DinerApp.vue';
import { router } from './routes.ts';

void bringTexts({
  'zh-CN': () => import('./locales/zh-CN.ts'),
  en: () => import('./locales/en.ts'),
}).then(() => createApp(DinerApp).use(i18n).use(router).mount('#app'));
