/** What a diner's phone loads before it shows anything, and what an operator's browser does; see `npm run size`. */
import { readFileSync } from 'node:fs';

const FOLDER = 'dist/web';
const manifest = JSON.parse(readFileSync(`${FOLDER}/.vite/manifest.json`, 'utf8'));

/** Scripts that these need, and all that those need. */
function scriptsOf(...entries) {
  const found = new Set();
  const follow = (name) => {
    if (manifest[name] === undefined) throw new Error(`${name} is not in the build`);
    if (found.has(name)) return;
    found.add(name);
    for (const next of manifest[name].imports ?? []) follow(next);
  };
  entries.forEach(follow);
  return [...found].map((name) => `${FOLDER}/${manifest[name].file}`);
}

export default [
  {
    name: 'diner: login, home and campaign, with their texts',
    path: scriptsOf(
      'index.html',
      'diner/locales/zh-CN.ts',
      'diner/home/HomePage.vue',
      'diner/campaign/CampaignPage.vue',
    ),
    gzip: true,
    limit: '250 kB',
  },
  {
    name: 'console: the frame and its texts',
    path: scriptsOf('admin/index.html', 'admin/locales/zh-CN.ts'),
    gzip: true,
    limit: '400 kB',
  },
];
