/** The pages of the site, made of the repository's Markdown: cut, with links that lead to pages. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { posix, resolve } from 'node:path';
import { anchorOf, headingOf, linesOf, sectionsOf, type Line } from '../build/markdown.ts';
import { GROUPS, READMES, REST, type FilePage, type SectionPage } from './contents.ts';

export type Locale = 'en' | 'zh';

export interface Page {
  locale: Locale;
  slug: string;
  title: string;
  /** Which group of the contents it is of; undefined: the first page. */
  group: string | undefined;
  /** Where it was written. */
  file: string;
  lines: Line[];
}

/** Where pages come from, from the repository's root. */
export const SOURCES = ['*.md', 'docs/*.md', 'deploy/*.md'];
const ROOT = resolve(import.meta.dirname, '..');
const SCREENS = 'docs/screens/';
const LOCALES: readonly Locale[] = ['en', 'zh'];

/** @throws {Error} where the READMEs differ, a page is missing, or a link leads nowhere */
export function readPages(): Page[] {
  const sections = readmeSections();
  const placed = GROUPS.flatMap(({ title, pages }) =>
    pages.flatMap((page) => ('section' in page ? ofSection(page, title, sections) : ofFile(page, title))),
  );
  const first = LOCALES.map((locale): Page => {
    const [intro, start] = sections.get(locale)!;
    const { text } = intro!.lines.find(({ text }) => text.startsWith('# '))!;
    const lines = [...intro!.lines, ...start!.lines];
    return { locale, slug: 'index', title: text.slice(2), group: undefined, file: READMES[locale], lines };
  });
  const pages = [...first, ...placed, ...unnamed([...first, ...placed], sections)];
  return pages;
}

/** The text of a page, as VitePress takes it. */
export function textOf(page: Page, pages: readonly Page[]): string {
  const links = new Links(page, pages);
  return page.lines.map(({ text, isCode }) => (isCode ? text : links.adapt(text))).join('\n');
}

type Sections = Map<Locale, ReturnType<typeof sectionsOf>>;

function readmeSections(): Sections {
  const sections: Sections = new Map(LOCALES.map((locale) => [locale, sectionsOf(read(READMES[locale]))]));
  const [en, zh] = LOCALES.map((locale) => sections.get(locale)!.length);
  if (en !== zh) throw new Error(`${READMES.en} has ${en} sections and ${READMES.zh} ${zh}`);
  return sections;
}

function ofSection({ section }: SectionPage, title: Record<Locale, string>, sections: Sections): Page[] {
  const at = sections.get('en')!.findIndex(({ heading }) => heading === section);
  if (at < 0) throw new Error(`${READMES.en} has no section ${section}`);
  return LOCALES.map((locale) => {
    const { heading, lines } = sections.get(locale)![at]!;
    return {
      locale,
      slug: anchorOf(section),
      title: heading!,
      group: title[locale],
      file: READMES[locale],
      lines: lines.map((line) => (line.isCode ? line : { ...line, text: line.text.replace(/^##/, '#') })),
    };
  });
}

function ofFile(page: FilePage, title: Record<Locale, string>): Page[] {
  return LOCALES.flatMap((locale) => {
    const file = page[locale];
    if (file === undefined) return [];
    const lines = linesOf(read(file));
    const heading = lines.map(({ text }) => headingOf(text, 1)).find((found) => found !== undefined);
    if (heading === undefined) throw new Error(`${file} has no title`);
    return [{ locale, slug: page.slug, title: heading, group: title[locale], file, lines }];
  });
}

/** What the contents do not name yet is not left out. */
function unnamed(pages: readonly Page[], sections: Sections): Page[] {
  const slugs = new Set(pages.map(({ slug }) => slug));
  const files = new Set(pages.map(({ file }) => file));
  const rest = sections
    .get('en')!
    .slice(2)
    .filter(({ heading }) => !slugs.has(anchorOf(heading!)));
  return [
    ...rest.flatMap(({ heading }) => ofSection({ section: heading! }, REST, sections)),
    ...globSync(SOURCES, { cwd: ROOT })
      .filter((file) => !files.has(file))
      .flatMap((file) =>
        ofFile({ slug: anchorOf(posix.basename(file, '.md')), [localeOf(file)]: file }, REST),
      ),
  ];
}

function localeOf(file: string): Locale {
  return file.endsWith('.zh-CN.md') ? 'zh' : 'en';
}

function read(file: string): string {
  return readFileSync(resolve(ROOT, file), 'utf8');
}

/** Links of one page. */
class Links {
  constructor(
    private readonly page: Page,
    private readonly pages: readonly Page[],
  ) {}

  adapt(text: string): string {
    return text
      .replaceAll(
        /(src=")([^"]+)"/g,
        (_all, before: string, path: string) => `${before}${this.picture(path)}"`,
      )
      .replaceAll(/(?<!`)\[([^\]`]*|`[^`]*`)\]\(([^)\s]+)\)/g, (_all, shown: string, target: string) =>
        this.link(shown, target),
      );
  }

  private picture(path: string): string {
    const file = this.fromRoot(path);
    if (!file.startsWith(SCREENS) || !existsSync(resolve(ROOT, file))) this.fail(path);
    return `/${file.slice(SCREENS.length)}`;
  }

  private link(shown: string, target: string): string {
    if (/^[a-z]+:/.test(target)) return `[${shown}](${target})`;
    const [path, anchor] = target.split('#') as [string, string | undefined];
    const file = path === '' ? this.page.file : this.fromRoot(path);
    if (!existsSync(resolve(ROOT, file))) this.fail(target);
    const page = this.find(file, anchor);
    if (page !== undefined)
      return `[${shown}](${addressOf(page)}${anchor === undefined ? '' : `#${anchor}`})`;
    // Its heading is gone, or it is no page: what is in the repository alone is named and no link.
    if (file.endsWith('.md')) this.fail(target);
    return shown;
  }

  /** Without an anchor, the first page that is made of the file. */
  private find(file: string, anchor: string | undefined): Page | undefined {
    return this.pages
      .filter((page) => page.file === file)
      .find(({ lines }) => anchor === undefined || lines.some((line) => anchorIn(line) === anchor));
  }

  private fromRoot(path: string): string {
    return posix.normalize(posix.join(posix.dirname(this.page.file), path));
  }

  private fail(target: string): never {
    throw new Error(`${this.page.file}: nothing is at ${target}`);
  }
}

function anchorIn({ text, isCode }: Line): string | undefined {
  const [, heading] = (isCode ? null : /^#{1,6} (.*)$/.exec(text)) ?? [];
  return heading === undefined ? undefined : anchorOf(heading.trim());
}

/** From the site's root. */
export function addressOf({ locale, slug }: Page): string {
  return `${locale === 'zh' ? '/zh' : ''}/${slug === 'index' ? '' : slug}`;
}
