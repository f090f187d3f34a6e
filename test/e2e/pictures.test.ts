import assert from 'node:assert/strict';
import { ImageResource } from '../../entities/images/ImageResource.ts';
import { noisy } from '../images/pictures.ts';
import { onFace } from './face.ts';
import { loseAnswerOf, mustBeAccessible } from './pages.ts';
import { mobileOf } from './talkers.ts';

const UPLOAD = '**/api/v3/images';
const HEIC = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');

onFace('pictures on the pages', (face) => {
  const sizesSent = async () => {
    const rows = await face.server.context.database.currentReader.find(ImageResource, {
      order: { image_id: 'ASC' },
    });
    return rows.map(({ width, height }) => [width, height]);
  };
  /** The widths of those that are shown, once they are. */
  const SHOWN = `[...document.querySelectorAll('.picture-field img, img.avatar, .said .picture')].map((one) => one.naturalWidth)`;

  it('R-5 RW-13 somebody shows themself: what cannot be read is told, an answer that is lost costs no second picture', async () => {
    const phone = await face.phoneOf(mobileOf(1), { path: '/me' });
    const { page } = phone;
    const choose = (name: string, mimeType: string, buffer: Buffer) =>
      page.setInputFiles('.picture-field input >> nth=0', { name, mimeType, buffer });
    await page.click('text=头像');
    await page.waitForSelector('.picture-field');
    await choose('IMG_1.HEIC', 'image/heic', HEIC);
    await page.waitForSelector('.problem >> text=HEIC');
    await choose('notes.jpg', 'image/jpeg', Buffer.from('no picture'));
    await page.waitForSelector('.problem >> text=无法读取');
    assert.deepEqual(await sizesSent(), []);
    // A photo of a phone: it is made smaller before it is sent.
    const photo = await noisy(2600, 1300).jpeg({ quality: 95 }).toBuffer();
    let sentBytes = 0;
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith('/images'))
        sentBytes = request.postDataBuffer()?.length ?? 0;
    });
    phone.allow(/Failed to load resource: net::ERR_FAILED/);
    await loseAnswerOf(page, UPLOAD);
    await choose('photo.jpg', 'image/jpeg', photo);
    await page.waitForSelector('.picture-field .problem button');
    await mustBeAccessible(phone);
    await page.click('.picture-field .problem button');
    await page.waitForSelector('.row .avatar', { state: 'attached' });
    assert.deepEqual(await sizesSent(), [[2048, 1024]]);
    assert.ok(sentBytes < photo.length, `${sentBytes} of ${photo.length}`);
    await phone.settled();
    await page.reload();
    await page.waitForSelector('.row .avatar');
    await phone.settled();
    assert.deepEqual(await page.evaluate(SHOWN), [320]);
  }).timeout(60_000);

  it('R-5 C-2 a picture is sent in a conversation, and seen by whoever is in it', async () => {
    const [one, other] = [await face.phoneOf(mobileOf(2)), await face.phoneOf(mobileOf(3))];
    for (const { page } of [one, other]) {
      await page.click('.tabs a[href="/talk"]');
      await page.click('text=外滩店');
      await page.waitForSelector('[data-state=live]');
    }
    await one.page.click('.composer .icon-button >> nth=0');
    const buffer = await noisy(400, 200).png().toBuffer();
    await one.page.setInputFiles('.picture-field input >> nth=0', {
      ...{ name: 'dish.png', mimeType: 'image/png', buffer },
    });
    for (const phone of [one, other]) {
      await phone.page.waitForSelector('.said button .picture');
      await phone.settled();
      assert.deepEqual(await phone.page.evaluate(SHOWN), [320]);
    }
    await mustBeAccessible(other);
  }).timeout(60_000);
});
