/** The documentation as a site: `npm run docs:build` (dist/docs) and `npm run docs:dev`. A link that leads nowhere ends the build. */
import { resolve } from 'node:path';
import { defineConfig, type DefaultTheme } from 'vitepress';
import { anchorOf } from '../../build/markdown.ts';
import { addressOf, readPages, type Locale, type Page } from '../pages.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const pages = readPages();

export default defineConfig({
  title: 'Kaijiang 开奖',
  cleanUrls: true,
  outDir: resolve(ROOT, 'dist/docs'),
  cacheDir: resolve(ROOT, 'node_modules/.cache/vitepress'),
  // Anchors as links within the repository name them.
  markdown: { anchor: { slugify: anchorOf } },
  vite: { publicDir: resolve(ROOT, 'docs/screens') },
  locales: {
    root: { label: 'English', lang: 'en', themeConfig: { sidebar: sidebarOf('en'), nav: navOf('en') } },
    zh: {
      label: '中文',
      lang: 'zh-CN',
      themeConfig: {
        sidebar: sidebarOf('zh'),
        nav: navOf('zh'),
        outline: { label: '本页' },
        docFooter: { prev: '上一页', next: '下一页' },
        darkModeSwitchLabel: '深色',
        sidebarMenuLabel: '目录',
        returnToTopLabel: '回到顶部',
        langMenuLabel: '语言',
        lightModeSwitchTitle: '浅色',
        darkModeSwitchTitle: '深色',
      },
    },
  },
  themeConfig: {
    search: {
      provider: 'local',
      options: {
        miniSearch: { options: { tokenize: wordsOf } },
        locales: {
          zh: { translations: { button: { buttonText: '搜索' }, modal: { noResultsText: '没有找到' } } },
        },
      },
    },
  },
});

/** Each Chinese character is a word: there are no spaces between them. VitePress sends this function to the page as text. */
function wordsOf(text: string): string[] {
  return text.split(/[\s\p{P}\p{Z}]+|(?<=\p{Script=Han})|(?=\p{Script=Han})/u).filter((word) => word !== '');
}

function sidebarOf(locale: Locale): DefaultTheme.SidebarItem[] {
  const ofLocale = pages.filter((page) => page.locale === locale);
  const groups = Map.groupBy(ofLocale, ({ group }) => group);
  return [...groups].flatMap(([group, found]): DefaultTheme.SidebarItem[] => {
    const items = found.map(itemOf);
    return group === undefined ? items : [{ text: group, items, collapsed: false }];
  });
}

function itemOf(page: Page): { text: string; link: string } {
  return { text: page.title, link: addressOf(page) };
}

function navOf(locale: Locale): DefaultTheme.NavItem[] {
  const named = ['operators', 'integrators', 'fairness'].map((slug) =>
    pages.find((page) => page.locale === locale && page.slug === slug)!,
  );
  return [...named.map(itemOf), { text: 'OpenAPI', link: '/openapi.json', target: '_blank' }];
}
