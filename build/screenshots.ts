/**
 * `npm run screenshots`: the pictures of the READMEs, from a new demo that runs at `--url`, by default http://127.0.0.1:2567,
 * after an evening that is played on it. `--every` takes each page in both themes, on a phone and on a desk, into the folder of `--out`.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { playEvening } from './demoEvening.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:2567' },
    out: { type: 'string', default: 'docs/screens' },
    browser: { type: 'string', default: '/usr/bin/chromium' },
    every: { type: 'boolean', default: false },
  },
});
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1440, height: 900 };
const SETTLE_MS = 900;
const CODE = '123456';
const DINER = '13900000001';
const ADMIN = '13800000000';

const DINER_PAGES = `
  / /campaigns/1 /campaigns/1/odds /campaigns/1/fairness /draws/1 /verify /prizes
  /points /points/statistics /points/leaderboard /points/transfer /points/bills
  /shop /market /claims /claims/new
  /talk /talk/1 /talk/blocked /inbox /inbox/settings /me /me/devices /me/close
`;
const CONSOLE_PAGES = `
  / /campaigns /campaigns/new /campaigns/1 /campaigns/1/statistics /simulator /simulator?campaign=1&simulation=1
  /live /live/1 /coupons /draws /approvals /approvals/1
  /people /people?person=4 /people/segments /people/blacklist /points /points/transfers?status= /rules /rules/1 /rules/holidays
  /redeem /redeem/deliveries /service /moderation /moderation/restrictions /moderation/words /notices
  /events /events/types /events/live /webhooks /restaurants /keys /roles /audit /logins /networks
`;

mkdirSync(values.out, { recursive: true });
const browser = await chromium.launch({ executablePath: values.browser, args: ['--no-sandbox'] });
try {
  await playEvening(values.url);
  if (values.every) await takeEvery(browser);
  else await takeReadme(browser);
} finally {
  await browser.close();
}

async function takeReadme(browser: Browser): Promise<void> {
  const phone = await open(browser, '/', DINER, { viewport: PHONE, isMobile: true, deviceScaleFactor: 2 });
  await shot(phone, 'home');
  await phone.goto(`${values.url}/campaigns/1`);
  await phone.locator('[data-testid=draw-one]:not([disabled])').waitFor();
  await shot(phone, 'campaign');
  await phone.click('[data-testid=draw-ten]');
  await phone.locator('[data-testid=draw-result]').first().waitFor();
  await shot(phone, 'ten');
  await phone.goto(`${values.url}/campaigns/1/fairness`);
  await phone.click('.draw a');
  await phone.locator('[data-verdict]').waitFor();
  await shot(phone, 'proof');
  const desk = await open(browser, '/admin/login', ADMIN, { viewport: DESK });
  await shot(desk, 'console');
}

async function takeEvery(browser: Browser): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [size, viewport] of [
      ['phone', PHONE],
      ['desk', DESK],
    ] as const) {
      const isMobile = size === 'phone';
      const diner = await open(browser, '/', DINER, { viewport, isMobile, colorScheme });
      for (const path of words(DINER_PAGES)) await shotOf(diner, path, `diner-${size}-${colorScheme}`);
      const desk = await open(browser, '/admin/login', ADMIN, { viewport, isMobile, colorScheme });
      for (const path of words(CONSOLE_PAGES))
        await shotOf(desk, `/admin${path}`, `console-${size}-${colorScheme}`);
    }
  }
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** Logs in, with less motion: what is shown is what it comes to. */
async function open(
  browser: Browser,
  path: string,
  mobile: string,
  options: BrowserContextOptions,
): Promise<Page> {
  const context = await browser.newContext({ locale: 'zh-CN', reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  await page.goto(values.url + path);
  await page.fill('[data-testid=login-mobile]', mobile);
  await page.fill('[data-testid=login-code]', CODE);
  await page.press('[data-testid=login-code]', 'Enter');
  await page.locator('[data-testid=balance], [data-testid=admin-nav]').first().waitFor({ state: 'attached' });
  await page.waitForTimeout(SETTLE_MS);
  return page;
}

async function shotOf(page: Page, path: string, kind: string): Promise<void> {
  await page.goto(values.url + path);
  await shot(page, `${kind}${path.replaceAll(/[/?&=]/g, '-')}`);
}

async function shot(page: Page, name: string): Promise<void> {
  await page.locator('.skeleton').first().waitFor({ state: 'detached' });
  await page.waitForTimeout(SETTLE_MS);
  await page.screenshot({ path: join(values.out, `${name}.png`) });
}
