/** The pages in the system's Chromium, on a server of this process. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import type { Request, Route } from 'playwright-core';
import { eventually } from '../support/seat.ts';
import { findBinary, requireBinary } from '../support/services.ts';
import { goneAtExit } from '../support/goneAtExit.ts';

const run = promisify(execFile);
const ROOT = new URL('../../', import.meta.url).pathname;
const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  locale: 'zh-CN',
  isMobile: true,
  hasTouch: true,
};

/** What has been built already, by its configuration: one build serves all files of a run. */
const built = new Map<string, Promise<string>>();

/**
 * Made as `npm run build:web` makes them, in a folder of their own. @param config another one of Vite.
 * @returns the folder; it goes with the process
 */
export async function buildPages(config = 'web/vite.config.ts'): Promise<{ folder: string; remove(): void }> {
  const building = built.get(config) ?? build(config);
  built.set(config, building);
  return { folder: await building, remove: () => undefined };
}

async function build(config: string): Promise<string> {
  const folder = goneAtExit(mkdtempSync(join(tmpdir(), 'kaijiang-pages-')));
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const asked = ['build', '--config', config, '--logLevel', 'error', '--outDir', folder];
  await run(process.execPath, [vite, ...asked], { cwd: ROOT });
  return folder;
}

/** @param switches more of Chromium's */
export async function openBrowser(switches: string[] = []): Promise<Browser> {
  // The one without windows takes a quarter less of the processor; what it shows is the same.
  const executablePath =
    findBinary('chromium-headless-shell') ?? findBinary('chromium') ?? requireBinary('google-chrome');
  // Without a graphics card one that is emulated costs more than it saves.
  const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', ...switches];
  return chromium.launch({ executablePath, args });
}

/** Somebody's phone. */
export interface Phone {
  page: Page;
  /** Errors of the console, of scripts, and violations of the pages' policy. */
  faults: string[];
  /** What a browser reports of answers that the test itself has asked for, before and after: no faults. */
  allow(report: RegExp): void;
  /** Resolves when nothing that the page has asked for is still to be answered. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** What the page tells of in the background is told again, where a test has cut the line or ended the login. */
const TOLD_LATER = /(net::ERR_|status of (401|429|503)).*\/analytics\/behaviors$/;

export async function openPhone(browser: Browser, options: BrowserContextOptions = {}): Promise<Phone> {
  const context = await browser.newContext({ ...PHONE, ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  const allowed: RegExp[] = [];
  const isFault = (text: string) => ![TOLD_LATER, ...allowed].some((report) => report.test(text));
  const note = (text: string) => isFault(text) && faults.push(text);
  page.on('console', (message) => {
    if (message.type() === 'error') note(`${message.text()} ${message.location().url}`.trim());
  });
  page.on('pageerror', (error) => note(String(error)));
  const asked = new Set<Request>();
  page.on('request', (request) => asked.add(request));
  for (const event of ['requestfinished', 'requestfailed'] as const)
    page.on(event as 'requestfinished', (request) => asked.delete(request));
  const settled = async () => {
    // What comes may ask for more, once it is shown.
    do {
      await eventually(() => assert.equal(asked.size, 0, [...asked].map((one) => one.url()).join()), 15_000);
      await page.evaluate(
        'new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(() => shown())))',
      );
    } while (asked.size > 0);
  };
  // One that is caught is told of all the same.
  await page.addInitScript(`addEventListener('securitypolicyviolation', (event) =>
    console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI));`);
  return {
    ...{ page, faults, settled },
    allow: (report) => {
      allowed.push(report);
      faults.splice(0, faults.length, ...faults.filter(isFault));
    },
    close: () => context.close(),
  };
}

export async function logIn({ page }: Phone, origin: string, mobile: string): Promise<void> {
  await page.goto(origin);
  await page.fill('input[type=tel]', mobile);
  await page.click('.send');
  await page.waitForSelector('.send[disabled]');
  await page.fill('.code', '123456');
  await page.click('.button.primary');
  await page.waitForSelector('.balance span:not(.skeleton)');
}

/** Somebody's desk, for the console. */
export function openDesk(browser: Browser, options: BrowserContextOptions = {}): Promise<Phone> {
  const viewport = { width: 1440, height: 900 };
  return openPhone(browser, { viewport, isMobile: false, hasTouch: false, ...options });
}

/** Logs in to the console. */
export async function enterConsole({ page }: Phone, origin: string, mobile: string): Promise<void> {
  await page.goto(`${origin}/admin/login`);
  await page.fill('input[type=tel]', mobile);
  await page.click('.send');
  await page.waitForSelector('.send[disabled]');
  await page.fill('.code', '123456');
  await page.click('.entrance .button.primary');
  await page.waitForSelector('.rail');
}

/** The next request there is done by the server, and its answer gets lost on the way. @param path a pattern of addresses */
export async function loseAnswerOf(page: Page, path: string): Promise<void> {
  const lose = async (route: Route) => {
    await route.fetch();
    await route.abort();
  };
  await page.route(path, lose, { times: 1 });
}

/** What moves and comes to an end; what goes round for ever does not count. */
const MOVING = `document.getAnimations().filter(({ playState, effect }) =>
  playState === 'running' && Number.isFinite(effect.getComputedTiming().endTime)).length`;

/** What moves for longer than a moment, or again and again, though somebody asked for reduced motion: by its element, how long. */
const RESTLESS = `!matchMedia('(prefers-reduced-motion: reduce)').matches ? [] :
  [...document.querySelectorAll('*')].flatMap((element) => {
    const { transitionDuration, animationName, animationDuration, animationIterationCount } = getComputedStyle(element);
    const animation = animationName === 'none' ? '' : ',' + animationDuration + ',' + animationIterationCount;
    const durations = (transitionDuration + animation).split(/, */);
    const isRestless = (one) => one === 'infinite' || (one.endsWith('s') && parseFloat(one) > 0.001);
    return durations.some(isRestless) ? [element.outerHTML.slice(0, 120) + ' ' + durations] : [];
  })`;

/**
 * Of a page that has all it asked for and stands still, as what fades in has other colours on its way: nothing that shuts somebody
 * out. `rules`: those alone, as where only the colours are others.
 */
export async function mustBeAccessible({ page, settled }: Phone, rules?: string[]): Promise<void> {
  await settled();
  assert.deepEqual(await page.evaluate<string[]>(RESTLESS), [], page.url());
  await eventually(async () => assert.equal(await page.evaluate<number>(MOVING), 0, page.url()));
  // There are no frames that it would have to go through.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] });
  const { violations } = await (rules === undefined ? axe : axe.withRules(rules)).analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  assert.deepEqual(
    serious.map(({ id, nodes }) => [id, nodes.map(({ html, any }) => [html.slice(0, 120), any[0]?.message])]),
    [],
    page.url(),
  );
}

/** Walks through a face: each page is accessible in both themes, and none is wider than the screen of a phone. */
export async function mustBeWalkable(desk: Phone, origin: string, paths: readonly string[]): Promise<void> {
  const { page } = desk;
  for (const path of paths) {
    await page.goto(origin + path);
    await page.waitForSelector('h1');
    await page.waitForSelector('main .skeleton', { state: 'detached' });
    await mustBeAccessible(desk);
    // Colours are all that a theme changes.
    await page.emulateMedia({ colorScheme: 'dark' });
    await mustBeAccessible(desk, ['color-contrast']);
    await page.emulateMedia({ colorScheme: 'light' });
    const before = page.viewportSize()!;
    await page.setViewportSize({ width: 390, height: 844 });
    // Charts take the new width a moment later.
    await eventually(async () => {
      const width = await page.evaluate<number>('document.documentElement.scrollWidth');
      assert.ok(width <= 390, `${path} is ${width} px wide`);
    });
    await page.setViewportSize(before);
  }
}
