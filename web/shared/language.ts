import { createI18n } from 'vue-i18n';
import en from './locales/en.json';
import zhCN from './locales/zh-CN.json';

export const LANGUAGES = ['zh-CN', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

const KEY = 'kaijiang.language';

export const i18n = createI18n<[typeof zhCN], Language, false>({
  legacy: false,
  locale: firstLanguage(),
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zhCN, en },
});

/** Chosen before, or what the browser asks for. */
function firstLanguage(): Language {
  const chosen = LANGUAGES.find((language) => language === localStorage.getItem(KEY));
  return chosen ?? (navigator.language.startsWith('zh') ? 'zh-CN' : 'en');
}

export function speak(language: Language): void {
  localStorage.setItem(KEY, language);
  i18n.global.locale.value = language;
  document.documentElement.lang = language;
}
