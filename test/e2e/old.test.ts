import assert from 'node:assert/strict';
import { TAKEN_AWAY } from '../client/chromium.ts';
import { onSqlite } from '../support/databases.ts';
import { needs } from '../support/shared.ts';
import { startServer, type RunningServer } from '../support/server.ts';
import { buildPages, openBrowser, openPhone, type Phone } from './pages.ts';
import { enterCampaign } from './face.ts';
import type { Browser } from 'playwright-core';

/** An address of a restaurant's network, which is no secure context: `crypto.subtle` and `crypto.randomUUID` are not there. */
const RESTAURANT = '192.168.7.7';
const RESULT = { timeout: 20_000 };

onSqlite('the diner page in a restaurant', (_open, openUrl) => {
  needs('chromium');
  let server: RunningServer;
  let browser: Browser;
  let origin: string;
  before('opens the pages under an address of the network', async function () {
    this.timeout(120_000);
    const { folder } = await buildPages();
    server = await startServer(await openUrl(), {
      pages: folder,
      environment: { AUTH_DEV_CODE: '123456', SEED_DEMO: 'on' },
    });
    browser = await openBrowser([`--host-resolver-rules=MAP ${RESTAURANT} 127.0.0.1`]);
    origin = server.origin.replace('127.0.0.1', RESTAURANT);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const lives = async (phone: Phone, mobile: string) => {
    const { page } = phone;
    await page.goto(origin);
    await page.fill('[data-testid=login-mobile]', mobile);
    await page.fill('[data-testid=login-code]', '123456');
    await page.press('[data-testid=login-code]', 'Enter');
    await page.waitForSelector('[data-testid=balance]');
    await enterCampaign(phone, origin);
    await page.click('[data-testid=draw-one]');
    await page.waitForSelector('[data-testid=draw-result]', RESULT);
    await page.click('.proof');
    await page.waitForSelector('[data-verdict=sealed]');
    const { token } = await server.login('13800000000');
    await server.api('POST', '/admin/campaigns/1/fairness/rotate', { token });
    await page.reload();
    await page.waitForSelector('[data-verdict=valid]');
    await page.goto(`${origin}/campaigns/1/fairness`);
    await page.click('.actions .primary');
    await page.waitForSelector('[data-verdict=valid]');
    assert.deepEqual(phone.faults, []);
  };

  it('over plain http one logs in, draws and verifies all the same', async () => {
    const phone = await openPhone(browser);
    await phone.page.goto(origin);
    assert.equal(await phone.page.evaluate('isSecureContext'), false);
    assert.equal(
      await phone.page.evaluate('typeof crypto.subtle + typeof crypto.randomUUID'),
      'undefinedundefined',
    );
    await lives(phone, '13900000001');
    await phone.close();
  }).timeout(90_000);

  it('in a browser like Chrome 87 and Safari 14 as well', async () => {
    const phone = await openPhone(browser);
    await phone.page.addInitScript(TAKEN_AWAY);
    await lives(phone, '13900000002');
    await phone.close();
  }).timeout(90_000);
});
