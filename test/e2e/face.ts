/** The pages on a server of this process, with the demo's people, behind an address where connections can be cut. */
import assert from 'node:assert/strict';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { Balancer } from '../client/balancer.ts';
import type { Login } from '../../src/client/kaijiangClient.ts';
import { onSqlite } from '../support/databases.ts';
import { needs } from '../support/shared.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { buildPages, openBrowser, openDesk, openPhone, type Phone } from './pages.ts';

/** The demo's people of the house. */
export const SUPER_ADMIN = '13800000000';
export const ADMIN = '13800000001';
export const STAFF = '13800000002';

export interface Face {
  server: Venue;
  browser: Browser;
  balancer: Balancer;
  /** Where the pages are opened. */
  origin: string;
  /** Somebody's phone, where they have logged in before: it opens at `path`, or at home and shows what they have. */
  phoneOf(mobile: string, options?: BrowserContextOptions & { path?: string }): Promise<Phone>;
  /** Opened, and not logged in. */
  phone(options?: BrowserContextOptions): Promise<Phone>;
  /** A desk at a page of the console; its login is one that the face has already. */
  deskOf(mobile: string, path: string, options?: BrowserContextOptions): Promise<Phone>;
  /** Opened, and not logged in. */
  desk(options?: BrowserContextOptions): Promise<Phone>;
  /** What the API answers to somebody. @throws where it refuses */
  call<Data = any>(
    mobile: string,
    method: string,
    path: string,
    body?: unknown,
    idempotencyKey?: string,
  ): Promise<Data>;
  userIdOf(mobile: string): Promise<number>;
  /** Closes the phones. @throws where anything was wrong in one of them */
  putAway(): Promise<void>;
  close(): Promise<void>;
}

let shared: Promise<Browser> | undefined;
// Of the root suite: nothing else ends the process while a browser is open.
after('closes the browser', async () => (await shared)?.close());

export interface FaceOptions {
  environment?: NodeJS.ProcessEnv;
  /** More of the browser's. */
  switches?: string[];
}

/** A suite on pages that are opened once, on SQLite. After each test nothing may have been wrong on any screen. */
export function onFace(title: string, define: (face: Face) => void): void {
  onFaceWith(title, {}, define);
}

/** As `onFace`, with settings of its own. */
export function onFaceWith(title: string, options: FaceOptions, define: (face: Face) => void): void {
  onSqlite(title, (_open, openUrl) => {
    needs('chromium');
    // It is there once the suite begins.
    const face = {} as Face;
    before('opens the pages', async function () {
      this.timeout(120_000);
      Object.assign(face, await openFace(openUrl, options));
    });
    after(() => (face as Partial<Face>).close?.());
    afterEach('nothing was wrong on any screen', () => face.putAway());
    define(face);
  });
}

export async function openFace(
  openUrl: () => Promise<string>,
  { environment = {}, switches = [] }: FaceOptions = {},
): Promise<Face> {
  const pages = await buildPages();
  const server = await openVenue(await openUrl(), {
    pages: pages.folder,
    environment: { AUTH_DEV_CODE: '123456', SEED_DEMO: 'on', ...environment },
  });
  const balancer = await Balancer.start();
  balancer.pointTo(server.origin);
  const browser = switches.length > 0 ? await openBrowser(switches) : await (shared ??= openBrowser());
  const { origin } = balancer;
  const phones: Phone[] = [];
  const keep = async (opening: Promise<Phone>) => {
    const opened = await opening;
    phones.push(opened);
    return opened;
  };
  const phone: Face['phone'] = (options) => keep(openPhone(browser, options));
  const desk: Face['desk'] = (options) => keep(openDesk(browser, options));
  const logins = new Map<string, Promise<Login>>();
  const loginOf = (mobile: string) => {
    const login = logins.get(mobile) ?? loggedIn(server, mobile);
    logins.set(mobile, login);
    return login;
  };
  /** What a browser keeps of somebody's login, each face of the pages under its own name. */
  const kept = (name: string, login: Login) => {
    const localStorage = [{ name, value: JSON.stringify(login) }];
    return { cookies: [], origins: [{ origin, localStorage }] };
  };
  const putAway = async () => {
    const faults = phones.flatMap((one) => one.faults);
    for (const one of phones.splice(0)) await one.close();
    assert.deepEqual(faults, []);
  };
  return {
    ...{ server, browser, balancer, origin, phone, desk },
    deskOf: async (mobile, path, options) => {
      const storageState = kept('kaijiang.console.login', await loginOf(mobile));
      const opened = await desk({ ...options, storageState });
      await opened.page.goto(`${origin}/admin${path}`);
      await opened.page.waitForSelector('.rail');
      return opened;
    },
    call: async <Data>(mobile: string, method: string, path: string, body?: unknown, key?: string) => {
      const { access_token: token } = await loginOf(mobile);
      const headers: Record<string, string> = key === undefined ? {} : { 'Idempotency-Key': key };
      const asked = { token, headers, ...(body !== undefined && { body }) };
      const answer = await server.api<Data>(method, path, asked);
      assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.code}`);
      return answer.data;
    },
    userIdOf: async (mobile) => (await loginOf(mobile)).user.user_id,
    phoneOf: async (mobile, { path, ...options } = {}) => {
      const storageState = kept('kaijiang.login', await loggedIn(server, mobile));
      const opened = await phone({ ...options, storageState });
      await opened.page.goto(origin + (path ?? '/'));
      if (path === undefined) await opened.page.waitForSelector('.balance span:not(.skeleton)');
      return opened;
    },
    putAway,
    close: async () => {
      await putAway();
      if (switches.length > 0) await browser.close();
      await balancer.close();
      await server.close();
      pages.remove();
    },
  };
}

async function loggedIn(server: Venue, mobile: string): Promise<Login> {
  const body = { mobile, code: '123456' };
  const { code, data } = await server.api<Login>('POST', '/auth/login', { body });
  assert.equal(code, 'OK');
  return data;
}

/** Takes a seat at the demo's campaign. */
export async function enterCampaign({ page }: Phone, origin: string, campaignId = 1): Promise<void> {
  await page.goto(`${origin}/campaigns/${campaignId}`);
  await page.waitForSelector('[data-testid=draw-one]:not([disabled])');
}
