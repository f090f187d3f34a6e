/**
 * What the site consists of: the repository's own Markdown, in this order. The READMEs are cut at their headings, of which both have
 * the same in the same order; a page is called by the English one. What is not named here comes under `rest`.
 */
export interface Group {
  title: { en: string; zh: string };
  /** Files, and sections of the README. */
  pages: readonly (FilePage | SectionPage)[];
}

export interface FilePage {
  slug: string;
  en?: string;
  zh?: string;
}

export interface SectionPage {
  /** Of README.md. */
  section: string;
}

/** Their first sections are the first page. */
export const READMES = { en: 'README.md', zh: 'README.zh-CN.md' };

export const GROUPS: readonly Group[] = [
  {
    title: { en: 'First steps', zh: '入门' },
    pages: [
      { slug: 'changelog', en: 'CHANGELOG.md' },
      { slug: 'vocabulary', en: 'docs/vocabulary.md' },
    ],
  },
  {
    title: { en: 'Running it', zh: '运维' },
    pages: [
      { slug: 'operators', en: 'docs/operators.md', zh: 'docs/operators.zh-CN.md' },
      { slug: 'deploying', en: 'deploy/README.md' },
      { slug: 'runbook', en: 'deploy/RUNBOOK.md' },
      { section: 'What the database needs, and what is forgotten' },
      { section: 'Several nodes' },
      { section: 'Metrics' },
      { section: 'Limits' },
      { section: 'Configuration' },
      { section: 'Administration' },
      { slug: 'data-for-years', en: 'docs/data-for-years.md' },
      { slug: 'performance', en: 'docs/performance.md' },
    ],
  },
  {
    title: { en: 'Building on it', zh: '对接' },
    pages: [
      { slug: 'integrators', en: 'docs/integrators.md', zh: 'docs/integrators.zh-CN.md' },
      { slug: 'client-package', en: 'docs/client.md' },
      { section: 'Client' },
      { section: 'API keys for machines' },
      { section: 'Webhooks' },
      { section: 'Events' },
      { slug: 'event-types', en: 'docs/events.md' },
    ],
  },
  {
    title: { en: 'Fairness', zh: '公平' },
    pages: [
      { slug: 'fairness', en: 'docs/fairness.md', zh: 'docs/fairness.zh-CN.md' },
      { section: 'Market rules' },
      { section: 'Two people' },
    ],
  },
  {
    title: { en: 'Campaigns', zh: '活动' },
    pages: [
      { section: 'Who may draw' },
      { section: 'Stock and coupons' },
      { section: 'Simulating a campaign' },
      { section: 'Won prizes' },
    ],
  },
  {
    title: { en: 'Points', zh: '积分' },
    pages: [
      { slug: 'points', en: 'docs/points.md' },
      { section: 'Points in lots' },
      { section: 'Points: rules, bills, check-in, tasks, levels' },
      { section: 'Claimed bills and reviews' },
      { section: 'Holidays' },
      { section: 'Products and items' },
    ],
  },
  {
    title: { en: 'People', zh: '人' },
    pages: [
      { section: 'Restaurants and chat' },
      { section: 'Notifications' },
      { section: 'Pictures' },
      { section: 'What diners do on the pages' },
      { slug: 'behavior', en: 'docs/behavior.md' },
      { slug: 'profiles', en: 'docs/profiles.md' },
      { section: 'Statistics' },
      { section: 'Recommendations' },
      { section: 'Trends and insights' },
    ],
  },
  {
    title: { en: 'Working on it', zh: '参与开发' },
    pages: [
      { slug: 'contributing', en: 'CONTRIBUTING.md' },
      { section: 'The path of one draw' },
      { section: 'Layout' },
      { section: 'Add a domain' },
      { slug: 'raw-sql', en: 'docs/raw-sql.md' },
    ],
  },
];

export const REST = { en: 'More', zh: '其他' };
