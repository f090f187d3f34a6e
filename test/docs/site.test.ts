import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { addressOf, readPages, SOURCES, textOf } from '../../site/pages.ts';

describe('S-10 the documentation as a site', () => {
  const pages = readPages();

  it('has every document of the repository, each section of the READMEs once, and each address once', () => {
    assert.deepEqual([...new Set(pages.map(({ file }) => file))].sort(), globSync(SOURCES).sort());
    const addresses = pages.map(addressOf);
    assert.equal(new Set(addresses).size, addresses.length);
    for (const file of ['README.md', 'README.zh-CN.md']) {
      const told = pages.filter((page) => page.file === file).flatMap(({ lines }) => lines);
      assert.equal(told.length, readFileSync(file, 'utf8').split('\n').length, file);
    }
  });

  it('leads from page to page, and fails where a link or a picture leads nowhere', () => {
    for (const page of pages) textOf(page, pages);
    const [first] = pages;
    const written = (text: string, isCode = false) => textOf({ ...first!, lines: [{ text, isCode }] }, pages);
    assert.equal(
      written('[a](docs/points.md#reminders), [b](README.zh-CN.md)'),
      '[a](/points#reminders), [b](/zh/)',
    );
    assert.equal(
      written('[`x`](#webhooks) <img src="docs/screens/home.png">'),
      '[`x`](/webhooks#webhooks) <img src="/home.png">',
    );
    assert.equal(written('[MIT](LICENSE)'), 'MIT');
    assert.equal(written('[a](nowhere.md)', true), '[a](nowhere.md)');
    for (const text of [
      '[a](nowhere.md)',
      '[a](docs/points.md#nowhere)',
      '[a](#nowhere)',
      '<img src="docs/screens/no.png">',
    ])
      assert.throws(() => written(text), /nothing is at/, text);
  });

  it('is built, and loads nothing from elsewhere', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kaijiang-site-'));
    try {
      const vitepress = 'node_modules/vitepress/bin/vitepress.js';
      await promisify(execFile)(process.execPath, [vitepress, 'build', 'site', '--outDir', folder]);
      const built = readdirSync(folder, { recursive: true, encoding: 'utf8' });
      for (const page of pages) {
        const file = `${addressOf(page)
          .slice(1)
          .replace(/(^|\/)$/, '$1index')}.html`;
        assert.ok(built.includes(file), file);
        const html = readFileSync(join(folder, file), 'utf8');
        const loaded = [...html.matchAll(/<(?:script|link|img)[^>]* (?:src|href)="([^"]+)"/g)].map(
          ([, from]) => from!,
        );
        assert.ok(loaded.length > 3, file);
        for (const from of loaded) assert.match(from, /^\/(?!\/)/, file);
      }
      for (const style of built.filter((name) => name.endsWith('.css')))
        assert.doesNotMatch(readFileSync(join(folder, style), 'utf8'), /url\(["']?(https?:)?\/\/|@import/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }).timeout(180_000);
});
