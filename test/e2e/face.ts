/** The pages on a server of this process, with the demo's people, behind an address where connections can be cut. */
import assert from 'node:assert/strict';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { Balancer } from '../client/balancer.ts';
import { startServer, type RunningServer } from '../support/server.ts';
import { buildPages, openBrowser, openPhone, type Phone } from './pages.ts';

export interface Face {
  server: RunningServer;
  browser: Browser;
  balancer: Balancer;
  /** Where the pages are opened. */
  origin: string;
  /** Somebody's phone, where they have logged in before: it opens at `path`, or at home and shows what they have. */
  phoneOf(mobile: string, options?: BrowserContextOptions & { path?: string }): Promise<Phone>;
  /** Opened, and not logged in. */
  phone(options?: BrowserContextOptions): Promise<Phone>;
  /** Closes the phones. @throws where anything was wrong in one of them */
  putAway(): Promise<void>;
  close(): Promise<void>;
}

export async function openFace(
  openUrl: () => Promise<string>,
  environment: NodeJS.ProcessEnv = {},
): Promise<Face> {
  const pages = await buildPages();
  const server = await startServer(await openUrl(), {
    pages: pages.folder,
    environment: { AUTH_DEV_CODE: '123456', SEED_DEMO: 'on', ...environment },
  });
  const balancer = await Balancer.start();
  balancer.pointTo(server.origin);
  const browser = await openBrowser();
  const phones: Phone[] = [];
  const phone = async (options?: BrowserContextOptions) => {
    const opened = await openPhone(browser, options);
    phones.push(opened);
    return opened;
  };
  return {
    ...{ server, browser, balancer, phone },
    origin: balancer.origin,
    phoneOf: async (mobile, { path, ...options } = {}) => {
      const login = await loginOf(server, mobile);
      const localStorage = [{ name: 'kaijiang.login', value: JSON.stringify(login) }];
      const origins = [{ origin: balancer.origin, localStorage }];
      const opened = await phone({ ...options, storageState: { cookies: [], origins } });
      await opened.page.goto(balancer.origin + (path ?? '/'));
      if (path === undefined) await opened.page.waitForSelector('.balance span:not(.skeleton)');
      return opened;
    },
    putAway: async () => {
      const faults = phones.flatMap((one) => one.faults);
      for (const one of phones.splice(0)) await one.close();
      assert.deepEqual(faults, []);
    },
    close: async () => {
      await browser.close();
      await balancer.close();
      await server.close();
      pages.remove();
    },
  };
}

/** What the pages keep of a login in the browser: the whole answer. */
async function loginOf(server: RunningServer, mobile: string): Promise<unknown> {
  const body = { mobile, code: '123456' };
  const { code, data } = await server.api('POST', '/auth/login', { body });
  assert.equal(code, 'OK');
  return data;
}

/** Takes a seat at the demo's campaign. */
export async function enterCampaign({ page }: Phone, origin: string, campaignId = 1): Promise<void> {
  await page.goto(`${origin}/campaigns/${campaignId}`);
  await page.waitForSelector('[data-testid=draw-one]:not([disabled])');
}
