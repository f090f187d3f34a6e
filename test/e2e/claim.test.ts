import assert from 'node:assert/strict';
import sharp from 'sharp';
import { ADMIN, onFace } from './face.ts';
import { loseAnswerOf, mustBeAccessible } from './pages.ts';
import { eventually } from '../support/seat.ts';

const SOON = { timeout: 15_000 };
const DINER = '13900000001';

interface Waiting {
  review_id: number;
  subject: { bill_no: string; photo: { url: string } | null };
}

onFace('claims of bills', (face) => {
  const pointsOf = async (mobile: string): Promise<number> =>
    (await face.call(mobile, 'GET', '/points/account')).available_points;
  const waitingOf = async (billNo: string): Promise<Waiting[]> => {
    const { items } = await face.call<{ items: Waiting[] }>(ADMIN, 'GET', '/admin/reviews?status=pending');
    return items.filter(({ subject }) => subject.bill_no === billNo);
  };
  /** As a telephone takes it: on its side, which its EXIF data says. */
  const photo = async (background: string) => {
    const plain = sharp({ create: { width: 1200, height: 900, channels: 3, background } });
    const buffer = await plain.jpeg().withMetadata({ orientation: 6 }).toBuffer();
    return { name: 'bill.jpg', mimeType: 'image/jpeg', buffer };
  };

  it('R-1 P-9 a bill goes from the phone with its photo, by another person’s decision, to points, once', async () => {
    const before = await pointsOf(DINER);
    const phone = await face.phoneOf(DINER, { path: '/claims' });
    const { page } = phone;
    await page.click('text=补记一单');
    await page.click('form .primary');
    await page.waitForSelector('.problem >> text=拍一张账单');
    await page.setInputFiles('input[capture]', await photo('#c84'));
    await page.waitForSelector('.preview img', SOON);
    await page.selectOption('[data-testid=claim-shop]', { label: '外滩店' });
    await page.fill('[data-testid=claim-bill]', 'T01-0042');
    await page.fill('[data-testid=claim-amount]', '288.50');
    // A telephone that has thrown the page away for its camera.
    await page.waitForSelector('.picture-field[aria-busy=false]', SOON);
    await phone.settled();
    await page.reload();
    await eventually(async () => assert.equal(await page.inputValue('[data-testid=claim-bill]'), 'T01-0042'));
    await page.waitForSelector('.preview img', SOON);
    await mustBeAccessible(phone);
    await page.emulateMedia({ colorScheme: 'dark' });
    await mustBeAccessible(phone, ['color-contrast']);
    await loseAnswerOf(page, '**/spend-claims');
    await page.click('form .primary');
    await page.waitForSelector('.problem >> text=不会重复提交', SOON);
    phone.allow(/net::ERR_FAILED/);
    await page.click('form .primary');
    await page.waitForSelector('[data-status=pending] >> text=审核中', SOON);
    await mustBeAccessible(phone);

    const [waiting, ...others] = await waitingOf('T01-0042');
    assert.deepEqual(others, []);
    const { url } = waiting!.subject.photo!;
    const picture = await fetch(face.server.origin + url);
    const { width, height } = await sharp(Buffer.from(await picture.arrayBuffer())).metadata();
    assert.ok(height > width, 'it stands upright');
    const desk = await face.deskOf(ADMIN, '/reviews');
    await desk.page.click('.said >> text=T01-0042');
    await desk.page.waitForSelector('.review .photo img', SOON);
    await desk.page.click('.review .button.primary >> text=通过');
    // It is told where it is looked at.
    await page.waitForSelector('[data-status=approved] >> text=+2.88', SOON);
    await desk.settled();
    assert.equal(await pointsOf(DINER), Math.round((before + 2.88) * 100) / 100);
  }).timeout(90_000);

  it('R-1 a claim that is refused says why, and its notice leads there', async () => {
    const { token } = await face.server.login('13900000002');
    const { image_id } = await sent(token, await photo('#48c'));
    const body = {
      restaurant_id: 1,
      bill_no: 'T01-0043',
      amount: 96,
      paid_at: new Date(Date.now() - 3_600_000).toISOString(),
      image_id,
    };
    await face.call('13900000002', 'POST', '/spend-claims', body);
    const [waiting] = await waitingOf('T01-0043');
    const decision = { decision: 'reject', reason: '照片看不清账单号' };
    await face.call(ADMIN, 'POST', `/admin/reviews/${waiting!.review_id}`, decision);
    const { page } = await face.phoneOf('13900000002', { path: '/inbox' });
    await page.click('.notice >> text=看进度');
    await page.waitForSelector('[data-status=rejected] >> text=照片看不清账单号', SOON);
  }).timeout(60_000);

  async function sent(
    token: string,
    picture: { buffer: Buffer; name: string },
  ): Promise<{ image_id: number }> {
    const form = new FormData();
    form.append('file', new Blob([Uint8Array.from(picture.buffer)]), picture.name);
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${face.server.origin}/api/v3/images`, {
      method: 'POST',
      headers,
      body: form,
    });
    return ((await answer.json()) as { data: { image_id: number } }).data;
  }
});
