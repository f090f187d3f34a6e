import assert from 'node:assert/strict';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { onSqlite } from '../support/databases.ts';
import { startServer, type RunningServer } from '../support/server.ts';
import { needs } from '../support/shared.ts';
import { buildPages, logIn, openBrowser, openPhone, type Phone } from './pages.ts';

onSqlite('the talk pages', (_open, openUrl) => {
  needs('chromium');
  let pages: Awaited<ReturnType<typeof buildPages>>;
  let server: RunningServer;
  let browser: Browser;
  const phones: Phone[] = [];
  before('builds the pages and opens a browser', async function () {
    this.timeout(120_000);
    pages = await buildPages();
    server = await startServer(await openUrl(), {
      pages: pages.folder,
      environment: { AUTH_DEV_CODE: '123456', SEED_DEMO: 'on' },
    });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    pages?.remove();
  });
  afterEach('nothing was wrong in any of them', async () => {
    for (const phone of phones.splice(0)) {
      await phone.close();
      assert.deepEqual(phone.faults, []);
    }
  });

  const phoneOf = async (number: number, options: BrowserContextOptions = {}): Promise<Phone> => {
    const phone = await openPhone(browser, options);
    phones.push(phone);
    await logIn(phone, server.origin, `139000000${String(number).padStart(2, '0')}`);
    return phone;
  };

  it('C-1 two people in a restaurant see what the other says, and who is there', async () => {
    const [one, other] = [await phoneOf(1), await phoneOf(2)];
    for (const { page } of [one, other]) {
      await page.click('.tabs a[href="/talk"]');
      await page.click('text=外滩店');
      await page.waitForSelector('[data-state=live]');
    }
    await say(one, '酸菜鱼今天是黑鱼还是龙利鱼？');
    await other.page.waitForSelector('.bubble >> text=龙利鱼');
    await say(other, '今天是黑鱼');
    await one.page.waitForSelector('.row:not(.mine) >> text=今天是黑鱼');
    await one.page.waitForSelector('h1 >> text=2人在线');
    assert.equal(await one.page.locator('.bubble').count(), 2);
  }).timeout(60_000);
});

async function say({ page }: Phone, text: string): Promise<void> {
  await page.fill('textarea', text);
  await page.click('.send');
}
