import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { ImageUse } from '../../entities/images/ImageResource.ts';
import { audit } from '../../src/books/audit.ts';
import { holdImages, releaseImages } from '../../src/images/uses.ts';
import { joinChat } from '../chat/talk.ts';
import { campaignBody } from '../lottery/manage/operators.ts';
import { forEachDatabase } from '../support/databases.ts';
import type { Answer, Login } from '../support/server.ts';
import { nameIn, openGallery, type Gallery } from './gallery.ts';
import { noisy, scene } from './pictures.ts';

const SEED_KEY = Buffer.from('07'.repeat(32), 'hex');

forEachDatabase('what pictures are kept for', (_open, openUrl) => {
  let url: string;
  let gallery: Gallery;
  let [wang, li, author, second]: Login[] = [];
  before(async () => {
    url = await openUrl();
    gallery = await openGallery(url, { environment: { CHAT_RATE_PER_SECOND: '1000' } });
    [wang, li] = [await gallery.server.login('13900000001'), await gallery.server.login('13900000002')];
    [author, second] = [await gallery.server.login('13800000001'), await gallery.server.login('13800000000')];
  });
  after(() => gallery?.close());

  const send = async (by: Login) => (await gallery.send(by, await noisy(16, 16).png().toBuffer())).data;
  const call = (method: string, path: string, { token }: Login, body?: unknown): Promise<Answer<any>> =>
    gallery.server.api<any>(method, path, { token, body });
  const statusOf = async (address: string) => (await gallery.get(address)).status;
  const rowOf = async (address: string) =>
    (await gallery.rows()).find(({ image_key: key }) => nameIn(address).startsWith(key));
  const isUsed = async (address: string) => (await rowOf(address))?.unused_since === null;
  const balances = async () => {
    const lines: string[] = [];
    const target = { databaseUrl: url, seedKey: SEED_KEY, images: gallery.services.imageObjects };
    assert.equal(await audit(target, (line) => lines.push(line)), 0, lines.join('\n'));
  };

  it('R-5 somebody’s picture of themself is kept as long as they show it, the small one as well', async () => {
    const [first, next] = [await send(wang!), await send(wang!)];
    const show = async (address: string | null) =>
      assert.equal((await call('PATCH', '/auth/me', wang!, { avatar_url: address })).code, 'OK');
    await show(first.thumbnail_url);
    assert.equal(await isUsed(first.url), true);
    await show(next.url);
    assert.deepEqual([await isUsed(first.url), await isUsed(next.url)], [false, true]);
    // It is shown for a day still: others may have it on their screens.
    assert.equal(await statusOf(first.url), 200);
    // Another's is theirs to take back.
    await call('PATCH', '/auth/me', li!, { avatar_url: next.url });
    await show(null);
    assert.equal(await isUsed(next.url), false);
    await call('PATCH', '/auth/me', li!, { avatar_url: null });
    await balances();
  });

  it('RA-8 what a draft shows is kept, what is asked for and waits too, and what is left out or deleted is not', async () => {
    const [first, next, other] = [await send(author!), await send(author!), await send(second!)];
    const body = campaignBody();
    const withImages = (...addresses: string[]) => ({
      prizes: (body.prizes as { key: string }[]).map((prize, at) => ({
        ...prize,
        image_url: addresses[at] ?? null,
      })),
    });
    const made = await call('POST', '/admin/campaigns', author!, { ...body, ...withImages(first.url) });
    assert.equal(made.code, 'OK', JSON.stringify(made.details));
    const { campaign_id: id } = made.data;
    assert.equal(made.data.prizes[0].image_url, first.url);
    assert.equal(await isUsed(first.url), true);
    const edited = await call('PUT', `/admin/campaigns/${id}`, author!, {
      version: 1,
      ...withImages(next.url, other.url),
    });
    assert.equal(edited.code, 'OK', JSON.stringify(edited.details));
    assert.deepEqual(
      [await isUsed(first.url), await isUsed(next.url), await isUsed(other.url)],
      [false, true, true],
    );
    await gallery.sweep(30);
    await gallery.sweep(60);
    assert.deepEqual([await statusOf(first.url), await statusOf(next.url)], [404, 200]);
    await balances();
    assert.equal((await call('DELETE', `/admin/campaigns/${id}`, author!)).code, 'OK');
    assert.deepEqual([await isUsed(next.url), await statusOf(next.url)], [false, 200]);
    await balances();
  });

  it('RA-4 RA-8 the photo of a claim is kept, and its address is told to nobody but its sender and whoever decides', async () => {
    const { data: photo } = await gallery.send(wang!, await scene(7).jpeg().toBuffer());
    const claim = {
      ...{ restaurant_id: 1, bill_no: 'P-1', amount: 10, image_id: photo.image_id },
      paid_at: new Date().toISOString(),
    };
    const made = await call('POST', '/spend-claims', wang!, claim);
    assert.equal(made.code, 'OK', JSON.stringify(made.details));
    assert.equal(await isUsed(photo.url), true);
    await gallery.sweep(100);
    await gallery.sweep(102);
    assert.equal(await statusOf(photo.thumbnail_url), 200);
    const review = `/admin/reviews/${made.data.review_id}`;
    assert.equal((await call('GET', review, author!)).data.subject.photo.url, photo.url);
    // Somebody else has got it, smaller, as people pass photos on.
    const copy = await gallery.send(li!, await scene(7).resize(360).jpeg({ quality: 60 }).toBuffer());
    const again = { ...claim, bill_no: 'P-2', image_id: copy.data.image_id };
    const second = (await call('POST', '/spend-claims', li!, again)).data;
    const flagsOf = async (id: number) => (await call('GET', `/admin/reviews/${id}`, author!)).data.flags;
    assert.deepEqual(
      [await flagsOf(made.data.review_id), await flagsOf(second.review_id)],
      [[], ['photo_used']],
    );
    for (const path of ['/spend-claims', review, '/chat/conversations', '/notifications']) {
      const told = await call('GET', path, li!);
      assert.ok(!JSON.stringify(told).includes(nameIn(photo.url)), path);
    }
    await balances();
  });

  it('RC-4 a picture that is recalled, or deleted by moderators, is shown to nobody any more, whoever has passed it on', async () => {
    const group = { type: 'group', name: 'dinner', member_ids: [li!.userId] };
    const ids = [
      (await call('POST', '/chat/conversations', wang!, group)).data.conversation_id as number,
      (await call('POST', '/chat/conversations', wang!, group)).data.conversation_id as number,
    ];
    const seats = await Promise.all([
      joinChat(gallery.server.origin, ids[0]!, wang!),
      joinChat(gallery.server.origin, ids[0]!, li!),
      joinChat(gallery.server.origin, ids[1]!, wang!),
    ]);
    const [here, theirs, there] = seats;
    const [picture, twice, reported] = [await send(wang!), await send(wang!), await send(wang!)];
    const image = { type: 'image' };
    const sent = await here.send(picture.url, 'picture', image);
    await theirs.send(picture.url, 'passed-on', image);
    const [one, two] = [await here.send(twice.url, 'one', image), await there.send(twice.url, 'two', image)];
    assert.deepEqual([await isUsed(picture.url), await isUsed(twice.url)], [true, true]);
    await balances();
    await here.ask('recall', { message_id: sent.message_id });
    for (const address of [picture.url, picture.thumbnail_url]) assert.equal(await statusOf(address), 404);
    await here.ask('recall', { message_id: one.message_id });
    assert.equal(await statusOf(twice.url), 200);
    await there.ask('recall', { message_id: two.message_id });
    assert.equal(await statusOf(twice.url), 404);
    const { message_id: id } = await here.send(reported.url, 'reported', image);
    const removal = await call('DELETE', `/admin/chat/messages/${id}`, second!, { reason: 'spam' });
    assert.equal(removal.code, 'OK', JSON.stringify(removal));
    assert.equal(await statusOf(reported.url), 404);
    // What is no picture of ours is a message like others.
    await here.send('https://images.example/1.png', 'elsewhere', image);
    await here.send(picture.url, 'gone', image);
    await balances();
    await Promise.all(seats.map(({ room }) => room.leave()));
  });

  it('R-5 many who begin and end to use one at once leave it as it is', async () => {
    const picture = await send(wang!);
    const { database } = gallery.services;
    const owners = Array.from({ length: 12 }, (_, at) => ({ kind: 'campaign' as const, id: 900_000 + at }));
    const nowMs = Date.now();
    const hold = (at: number) =>
      database.retryingTransaction(
        (tx) => holdImages(tx, owners[at]!, [picture.url, picture.thumbnail_url], { nowMs }),
        10,
      );
    const release = (at: number) =>
      database.retryingTransaction((tx) => releaseImages(tx, owners[at]!, nowMs), 10);
    await Promise.all(owners.map((_, at) => hold(at)));
    await Promise.all(owners.slice(0, 11).map((_, at) => release(at)));
    assert.equal(await isUsed(picture.url), true);
    await Promise.all([release(11), hold(0)]);
    assert.equal(await isUsed(picture.url), true);
    await release(0);
    assert.equal(await isUsed(picture.url), false);
    const left = await database.currentReader.countBy(ImageUse, {
      owner_kind: 'campaign',
      owner_id: 900_000,
    });
    assert.equal(left, 0);
    await balances();
  });
});
