import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { onSqlite } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import { needs } from '../support/shared.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { buildPages, enterConsole, openBrowser, openDesk } from './pages.ts';

const RULES = 130;

onSqlite('the rules of the console', (_open, openUrl) => {
  needs('chromium');
  let pages: Awaited<ReturnType<typeof buildPages>>;
  let venue: Venue;
  let browser: Browser;
  before('builds the pages and opens a browser', async function () {
    this.timeout(120_000);
    pages = await buildPages();
    venue = await openVenue(await openUrl(), {
      pages: pages.folder,
      environment: { AUTH_DEV_CODE: '123456', SEED_DEMO: 'on' },
    });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await venue?.close();
    pages?.remove();
  });

  it('P-11 all rules are listed by their priority, also those that one answer of the server has no room for', async () => {
    const { token } = await venue.login('13800000001');
    const before = (await venue.api<any>('GET', '/admin/rules', { token })).data.total;
    for (let at = 0; at < RULES; at++) {
      const definition = { condition: 'true', amount: '1', priority: at };
      const body = { type: 'first_login', name: `规则${at}`, definition };
      const { code } = await venue.api('POST', '/admin/rules', { token, body });
      assert.equal(code, 'OK');
    }
    const desk = await openDesk(browser);
    const { page } = desk;
    await enterConsole(desk, venue.origin, '13800000001');
    await page.goto(`${venue.origin}/admin/rules`);
    await page.waitForSelector('.group >> text=规则0');
    const links = page.locator('.group a');
    assert.equal(await links.count(), before + RULES);
    const names = async () =>
      (await links.locator('b').allInnerTexts()).filter((name) => /^规则\d+$/.test(name));
    const byPriority = Array.from({ length: RULES }, (_, at) => `规则${RULES - 1 - at}`);
    assert.deepEqual(await names(), byPriority);
    await page.selectOption('select.filter', 'first_login');
    await page.waitForURL(/type=first_login/);
    await eventually(async () => assert.equal(await page.locator('.group').count(), 1));
    assert.deepEqual(await names(), byPriority);
    await desk.close();
    assert.deepEqual(desk.faults, []);
  }).timeout(60_000);
});
