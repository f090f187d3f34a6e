import { createI18n, type LocaleMessageDictionary, type VueMessageType } from 'vue-i18n';

export const LANGUAGES = ['zh-CN', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];
type Texts = LocaleMessageDictionary<VueMessageType>;
/** Fetches the texts of a face in one language. */
export type TextLoaders = Record<Language, () => Promise<{ texts: object }>>;

const KEY = 'kaijiang.language';

/** Of both faces; which texts it has, each says with `bringTexts`. */
export const i18n = createI18n<false>({ legacy: false, locale: firstLanguage() });

let loaders: TextLoaders | undefined;
const brought = new Set<Language>();

/** @returns when the texts of the present language are there */
export async function bringTexts(of: TextLoaders): Promise<void> {
  loaders = of;
  document.documentElement.lang = languageNow();
  await load(languageNow());
}

export function languageNow(): Language {
  return i18n.global.locale.value as Language;
}

export async function speak(language: Language): Promise<void> {
  localStorage.setItem(KEY, language);
  await load(language);
  i18n.global.locale.value = language;
  document.documentElement.lang = language;
}

async function load(language: Language): Promise<void> {
  if (brought.has(language)) return;
  const { texts } = await loaders![language]();
  i18n.global.setLocaleMessage(language, texts as Texts);
  brought.add(language);
}

/** Chosen before, or what the browser asks for. */
function firstLanguage(): Language {
  const chosen = LANGUAGES.find((language) => language === localStorage.getItem(KEY));
  return chosen ?? (navigator.language.startsWith('zh') ? 'zh-CN' : 'en');
}
