import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProofFile } from '../../src/verifier/checkProof.ts';
import { onSqlite } from '../support/databases.ts';
import { needs } from '../support/shared.ts';
import { TAMPERINGS, tampered } from '../verifier/proofs.ts';
import { enterCampaign, openFace, type Face } from './face.ts';
import { mustBeAccessible, type Phone } from './pages.ts';

const RESULT = { timeout: 20_000 };
const ADMIN = '13800000000';

onSqlite('proofs on the diner page', (_open, openUrl) => {
  needs('chromium');
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-proofs-'));
  let face: Face;
  before('opens the pages', async function () {
    this.timeout(120_000);
    face = await openFace(openUrl);
  });
  after(async () => {
    await face?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach('nothing was wrong on any phone', () => face.putAway());

  const verdictOf = ({ page }: Phone) => page.getAttribute('[data-verdict]', 'data-verdict');
  const rotate = async () => {
    const { token } = await face.server.login(ADMIN);
    await face.server.api('POST', '/admin/campaigns/1/fairness/rotate', { token });
  };
  /** Chooses a file on the page for that, and waits for what is said of it. */
  const verdictOn = async (phone: Phone, name: string, content: string) => {
    const file = join(folder, name);
    writeFileSync(file, content);
    await phone.page.setInputFiles('input[type=file]', file);
    await phone.page.waitForSelector('.file >> text=选文件');
    await phone.page.waitForSelector('[data-verdict]');
    return verdictOf(phone);
  };
  const saved = async (phone: Phone, button: string) => {
    const [download] = await Promise.all([phone.page.waitForEvent('download'), phone.page.click(button)]);
    return readFileSync(await download.path(), 'utf8');
  };

  it('L-5 RW-12 a draw is sealed, then valid, and its file is verified off line; each tampering is found', async () => {
    const phone = await face.phoneOf('13900000001', { reducedMotion: 'reduce' });
    const { page } = phone;
    await enterCampaign(phone, face.origin);
    // Until something is won, which most tamperings are about.
    let prizeId = '';
    while (prizeId === '') {
      await page.click('[data-testid=draw-one]:not([disabled])');
      await page.waitForSelector('[data-testid=draw-result]', RESULT);
      prizeId = (await page.getAttribute('[data-testid=draw-result]', 'data-prize-id'))!;
      if (prizeId === '') await page.click('[data-testid=result-close]');
    }
    await page.click('.proof');
    await page.waitForSelector('[data-verdict=sealed]');
    assert.match(await page.innerText('.steps'), /与当时收到的相同/);
    await rotate();
    await page.reload();
    await page.waitForSelector('[data-verdict=valid]');
    const { proof, receipt } = JSON.parse(await saved(phone, '.actions .button >> nth=1')) as ProofFile;
    assert.equal(receipt?.draw_id, proof.draw_id);

    await page.goto(`${face.origin}/verify`);
    await page.waitForSelector('input[type=file]', { state: 'attached' });
    // The first one brings all that is needed; from here on there is no network.
    assert.equal(await verdictOn(phone, 'proof.json', JSON.stringify({ proof, receipt })), 'valid');
    await page.context().setOffline(true);
    assert.equal(await verdictOn(phone, 'again.json', JSON.stringify({ proof, receipt })), 'valid');
    const found: Record<string, string | null> = {};
    for (const [name, change] of Object.entries(TAMPERINGS))
      found[name] = await verdictOn(
        phone,
        'tampered.json',
        JSON.stringify({ proof: tampered(proof, change) }),
      );
    assert.deepEqual(found, Object.fromEntries(Object.keys(TAMPERINGS).map((name) => [name, 'invalid'])));
    const other = { ...receipt, roll: receipt.roll + 1 };
    assert.equal(await verdictOn(phone, 'noted.json', JSON.stringify({ proof, receipt: other })), 'invalid');
    assert.equal(await verdictOn(phone, 'nothing.json', '{"a":1}'), 'unreadable');
    await page.context().setOffline(false);
    // Other seats have tried to come back meanwhile.
    phone.faults.splice(0);
  }).timeout(120_000);

  it('L-5 a whole campaign is replayed beside the page, and from its file; a changed one is found', async () => {
    const phone = await face.phoneOf('13900000002', { reducedMotion: 'reduce' });
    const { page } = phone;
    await enterCampaign(phone, face.origin);
    await page.click('[data-testid=draw-ten]');
    await page.waitForSelector('[data-testid=draw-result]', RESULT);
    await page.click('.tenth .pill');
    await page.waitForSelector('.draw');
    await page.click('.actions .primary');
    await page.waitForSelector('[data-verdict=valid]');
    const whole = await saved(phone, '.actions a');
    await page.goto(`${face.origin}/verify`);
    await page.waitForSelector('input[type=file]', { state: 'attached' });
    assert.equal(await verdictOn(phone, 'whole.json', whole), 'valid');
    assert.equal(
      await verdictOn(phone, 'changed.json', whole.replace(/"roll":(\d)/, '"roll":1$1')),
      'invalid',
    );
  }).timeout(60_000);

  it('L-5 a proof can be seen by whoever has its address, without a login', async () => {
    const { token } = await face.server.login('13900000003');
    const { data } = await face.server.api<{ draws: { draw_id: number }[] }>('POST', '/lottery/draw', {
      token,
      body: { campaign_id: 1, draw_count: 1, request_id: 'seen-by-all' },
    });
    const phone = await face.phone();
    await phone.page.goto(`${face.origin}/draws/${data.draws[0]!.draw_id}`);
    await phone.page.waitForSelector('[data-verdict=sealed]');
  }).timeout(60_000);

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`axe finds nothing serious, ${colorScheme}`, async () => {
      const mobile = colorScheme === 'light' ? '13900000004' : '13900000005';
      const { token } = await face.server.login(mobile);
      const body = { campaign_id: 1, draw_count: 3, request_id: `axe-${colorScheme}` };
      await face.server.api('POST', '/lottery/draw', { token, body });
      const phone = await face.phoneOf(mobile, { colorScheme, reducedMotion: 'reduce' });
      const { page } = phone;
      await page.goto(`${face.origin}/campaigns/1/fairness`);
      await page.waitForSelector('.draw');
      await mustBeAccessible(phone);
      await page.click('.draw a');
      await page.waitForSelector('[data-verdict]');
      await mustBeAccessible(phone);
      await page.goto(`${face.origin}/campaigns/1/odds`);
      await page.waitForSelector('tbody .figure');
      await mustBeAccessible(phone);
      await page.goto(`${face.origin}/verify`);
      await page.waitForSelector('h1');
      await mustBeAccessible(phone);
    }).timeout(60_000);
  }
});
