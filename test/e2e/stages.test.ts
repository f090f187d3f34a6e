import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Browser } from 'playwright-core';
import { needs } from '../support/shared.ts';
import { buildPages, openBrowser, openPhone, type Phone } from './pages.ts';

/** How a draw goes on: see web/stages/main.ts. */
type Course = 'skipped' | 'finished' | 'edited' | 'resized' | 'hidden' | 'whole';

interface Played {
  spins: number;
  wrong: string[];
}

const KINDS = ['wheel', 'grid', 'slot'] as const;
/** Of all spins of a kind, how many go which way. */
const COURSES: [Course, number][] = [
  ['skipped', 0.3],
  ['finished', 0.2],
  ['edited', 0.2],
  ['resized', 0.2],
  ['hidden', 0.1],
];
/** Together 10,000, most of them where a spin costs least. */
const SPINS = { wheel: 1500, grid: 7500, slot: 1000 };
const REDUCED_SPINS = 40;
const SLOW = 6;

describe('what shows a draw', () => {
  needs('chromium');
  let built: Awaited<ReturnType<typeof buildPages>>;
  let server: Server;
  let browser: Browser;
  const phones: Phone[] = [];
  before('builds the stages and opens a browser', async function () {
    this.timeout(120_000);
    built = await buildPages('web/stages/vite.config.ts');
    server = createServer(express().use(express.static(built.folder))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    server?.close();
    built?.remove();
  });
  afterEach('nothing was wrong in any of them', async () => {
    for (const phone of phones.splice(0)) {
      await phone.close();
      assert.deepEqual(phone.faults, []);
    }
  });

  const openStages = async (options = {}): Promise<Phone> => {
    const phone = await openPhone(browser, options);
    phones.push(phone);
    await phone.page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return phone;
  };
  const play = ({ page }: Phone, kind: string, course: Course, spins: number) =>
    page.evaluate<Played>(`play('${kind}', '${course}', ${spins}, ${spins + kind.length})`);

  for (const kind of KINDS) {
    it(`RW-1 a ${kind} of 2 to 12 comes to rest on the prize that was given, whatever happens meanwhile`, async () => {
      const phone = await openStages();
      for (const [course, share] of COURSES) {
        const spins = Math.round(SPINS[kind] * share);
        const played = await play(phone, kind, course, spins);
        assert.deepEqual([course, played.spins, played.wrong.slice(0, 3)], [course, spins, []]);
      }
    }).timeout(120_000);

    it(`RW-1 RW-9 a ${kind} is there at once where less motion is asked for`, async () => {
      const phone = await openStages({ reducedMotion: 'reduce' });
      const begunMs = performance.now();
      const played = await play(phone, kind, 'whole', REDUCED_SPINS);
      assert.deepEqual(played.wrong, []);
      // A single one would take longer by itself.
      assert.ok(performance.now() - begunMs < REDUCED_SPINS * 500);
    }).timeout(60_000);

    it(`RW-1 a ${kind} marks nothing where what was given does not stand there`, async () => {
      const phone = await openStages();
      assert.deepEqual(await phone.page.evaluate(`playUnknown('${kind}')`), []);
    });

    it(`RW-1 a ${kind} ends its whole way on a slow phone on what was given`, async () => {
      const phone = await openStages();
      const session = await phone.page.context().newCDPSession(phone.page);
      await session.send('Emulation.setCPUThrottlingRate', { rate: SLOW });
      const played = await play(phone, kind, 'whole', 2);
      assert.deepEqual(played.wrong, []);
    }).timeout(60_000);
  }
});
