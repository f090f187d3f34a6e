import { createApp } from 'vue';
import { i18n } from '../shared/language.ts';
import '../shared/base.css';
import DinerApp from './DinerApp.vue';
import { router } from './routes.ts';

createApp(DinerApp).use(i18n).use(router).mount('#app');
