/** What VitePress asks for the pages of one language. */
import { resolve } from 'node:path';
import { readPages, SOURCES, textOf, type Locale } from './pages.ts';

interface Paths {
  watch: string[];
  paths: () => { params: { page: string }; content: string }[];
}

export function pathsOf(locale: Locale): Paths {
  return {
    watch: SOURCES.map((pattern) => resolve(import.meta.dirname, '..', pattern)),
    paths: () => {
      const pages = readPages();
      return pages
        .filter((page) => page.locale === locale)
        .map((page) => ({ params: { page: page.slug }, content: textOf(page, pages) }));
    },
  };
}
