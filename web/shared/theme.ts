const KEY = 'kaijiang.theme';

export type Theme = 'light' | 'dark';

/** What shows now: chosen, or the system's. */
export function themeNow(): Theme {
  const chosen = chosenTheme();
  if (chosen !== undefined) return chosen;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

/** undefined: as the system has it. */
export function chosenTheme(): Theme | undefined {
  const chosen = document.documentElement.dataset['theme'];
  return chosen === 'light' || chosen === 'dark' ? chosen : undefined;
}

/** `public/before-paint.js` shows it again when the page is opened the next time. */
export function chooseTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  document.documentElement.dataset['theme'] = theme;
}

/** As the system has it from here on. */
export function followSystem(): void {
  localStorage.removeItem(KEY);
  delete document.documentElement.dataset['theme'];
}
