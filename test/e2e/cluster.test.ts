import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { Balancer } from '../client/balancer.ts';
import { startNodes, type Nodes } from '../platform/cluster/nodes.ts';
import { needs } from '../support/shared.ts';
import { enterCampaign } from './face.ts';
import { buildPages, logIn, openBrowser, openPhone } from './pages.ts';

const RESULT = { timeout: 20_000 };

describe('the diner page on several nodes', () => {
  needs('mariadbd', 'redis-server', 'chromium');
  let cluster: Nodes;
  let balancer: Balancer;
  let browser: Browser;
  before('starts three nodes', async function () {
    this.timeout(150_000);
    const { folder } = await buildPages();
    cluster = await startNodes({ main: 'test/e2e/nodeWithPages.ts', environment: { PAGES_FOLDER: folder } });
    balancer = await Balancer.start();
    balancer.pointTo(...cluster.nodes.map(({ origin }) => origin));
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await balancer?.close();
    await cluster?.close();
  });

  it('RW-13 S-5 the node of the campaign is killed: the page comes back by itself, and the next draw works', async () => {
    const phone = await openPhone(browser, { reducedMotion: 'reduce' });
    const { page } = phone;
    await logIn(phone, balancer.origin, '13900000001');
    await enterCampaign(phone, balancer.origin);
    await page.click('[data-testid=draw-one]');
    await page.waitForSelector('[data-testid=draw-result]', RESULT);
    await page.click('[data-testid=result-close]');
    await page.evaluate(`window.isTheSamePage = true`);

    const owner = await cluster.ownerOf(1);
    balancer.pointTo(...cluster.nodes.filter((node) => node !== owner).map(({ origin }) => origin));
    await owner.end('SIGKILL');
    await page.waitForSelector('[data-testid=connection][data-state=reconnecting]', { state: 'attached' });
    await page.waitForSelector('[data-testid=draw-one]:not([disabled])', { timeout: 40_000 });
    await page.click('[data-testid=draw-one]');
    await page.waitForSelector('[data-testid=draw-result]', RESULT);
    assert.equal(await page.evaluate('window.isTheSamePage'), true);
    assert.equal(await page.getAttribute('[data-testid=connection]', 'data-state'), 'online');
    // What was under way to the node that is gone is reported by the browser; of the page nothing is wrong.
    assert.deepEqual(
      phone.faults.filter((text) => !/WebSocket|Failed to load resource/.test(text)),
      [],
    );
    await phone.close();
  }).timeout(120_000);
});
