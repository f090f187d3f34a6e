import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { after, afterEach, before, it } from 'mocha';
import { audit } from '../../src/books/audit.ts';
import { BucketObjects } from '../../src/images/bucketObjects.ts';
import { signedLink } from '../../src/images/signedLink.ts';
import { AppError } from '../../src/platform/errors.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { onSqlite } from '../support/databases.ts';
import type { Login } from '../support/server.ts';
import { openBucket, refusesChecksums, type TestBucket } from './buckets.ts';
import { nameIn, openGallery, type Gallery } from './gallery.ts';
import { noisy } from './pictures.ts';

const SEED_KEY = Buffer.from('07'.repeat(32), 'hex');
const name = (at: number) => at.toString(16).padStart(32, '0');

describe('a bucket of pictures', () => {
  let store: TestBucket;
  let objects: BucketObjects;
  before(async () => {
    store = await openBucket();
    objects = await BucketObjects.of(store.bucket, systemClock);
  });
  after(() => store?.close());
  afterEach(() => store.setDoor(() => undefined));

  it('R-5 has what was put there, in whole and in part, lists it in order, and loses what is removed', async () => {
    const bytes = Buffer.from('the bytes of a picture');
    await objects.put(name(1), bytes, 'image/png');
    const read = async (range?: { start: number; end: number }) =>
      buffer((await objects.open(name(1), range))!);
    assert.deepEqual(await read(), bytes);
    assert.deepEqual(await read({ start: 4, end: 8 }), bytes.subarray(4, 9));
    assert.equal(await objects.open(name(2)), undefined);
    for (const at of [3, 2, 5, 4]) await objects.put(name(at), bytes, 'image/png');
    const names = async (after: string, limit: number) =>
      (await objects.list(after, limit)).map((object) => object.name);
    assert.deepEqual(await names('', 100), [1, 2, 3, 4, 5].map(name));
    assert.deepEqual(await names(name(2), 2), [3, 4].map(name));
    const [first] = await objects.list('', 1);
    assert.ok(Math.abs(first!.writtenAtMs - Date.now()) < 60_000);
    await objects.remove(name(1));
    await objects.remove(name(1));
    assert.equal(await objects.open(name(1)), undefined);
    for (const at of [2, 3, 4, 5]) await objects.remove(name(at));
    assert.deepEqual(await names('', 100), []);
  });

  it('R-5 is asked for nothing that a store of old does not know: no checksums, no trailers, no lists to delete', async () => {
    store.setDoor(refusesChecksums);
    store.asked.length = 0;
    await objects.put(name(7), Buffer.alloc(100_000, 7), 'image/png');
    assert.equal((await buffer((await objects.open(name(7)))!)).length, 100_000);
    await objects.list('', 10);
    await objects.remove(name(7));
    assert.deepEqual(store.asked, [`PUT ${name(7)}`, `GET ${name(7)}`, 'GET pictures', `DELETE ${name(7)}`]);
    // What the library sends by itself does not pass this door.
    const { endpoint, region, keyId: accessKeyId, secret: secretAccessKey } = store.bucket;
    const credentials = { accessKeyId, secretAccessKey };
    const stock = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
    const put = new PutObjectCommand({ Bucket: store.bucket.name, Key: 'x', Body: Buffer.alloc(10) });
    await assert.rejects(stock.send(put), { name: 'NotImplemented' });
    stock.destroy();
  });

  it('R-5 one that refuses or breaks off is busy, and tells nothing of its key', async () => {
    for (const what of ['refuse', 'break off'] as const) {
      store.setDoor(() => what);
      await assert.rejects(objects.put(name(8), Buffer.alloc(10), 'image/png'), (error) => {
        assert.ok(error instanceof AppError);
        assert.equal(error.code, 'BUSY');
        assert.ok(!JSON.stringify([error, error.cause, (error.cause as Error).message]).includes('S3RVER'));
        return true;
      });
    }
  });

  it('R-5 a key that is not the store’s opens nothing', async () => {
    const other = await BucketObjects.of({ ...store.bucket, secret: 'another' }, systemClock);
    await assert.rejects(other.put(name(8), Buffer.alloc(10), 'image/png'), /BUSY/);
  });

  it('R-5 a link is good for one object and so long, and for nobody who changes it', async () => {
    const bytes = Buffer.from('x');
    await objects.put(name(9), bytes, 'image/png');
    await objects.put(name(10), bytes, 'image/png');
    const link = (nowMs: number) =>
      signedLink(store.bucket, { key: `images/${name(9)}`, seconds: 60, nowMs });
    const statusOf = async (url: string) => (await fetch(url)).status;
    assert.equal(await statusOf(link(Date.now())), 200);
    assert.equal(await statusOf(link(Date.now()).replace(name(9), name(10))), 403);
    assert.equal(await statusOf(link(Date.now() - 120_000)), 403);
    const byHost = signedLink(
      { ...store.bucket, byPath: false, endpoint: 'https://cos.example.com' },
      {
        key: 'images/a',
        seconds: 60,
        nowMs: 0,
      },
    );
    assert.match(
      byHost,
      /^https:\/\/pictures\.cos\.example\.com\/images\/a\?X-Amz-Algorithm=AWS4-HMAC-SHA256&/,
    );
  });
});

onSqlite('pictures in a bucket', (_open, openUrl) => {
  let url: string;
  let store: TestBucket;
  let gallery: Gallery;
  let wang: Login;
  before(async () => {
    store = await openBucket();
    url = await openUrl();
    gallery = await openGallery(url, { environment: store.environment });
    wang = await gallery.server.login('13900000001');
  });
  after(async () => {
    await gallery?.close();
    await store?.close();
  });
  afterEach(() => store.setDoor(() => undefined));
  const picture = () => noisy(40, 30).png().toBuffer();

  it('R-5 are sent and read as others, through the server', async () => {
    const { status, data } = await gallery.send(wang, await picture());
    assert.equal(status, 201);
    assert.deepEqual(gallery.files(), []);
    const response = await gallery.get(data.url);
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'image/png']);
    const part = await gallery.get(data.url, { range: 'bytes=1-3' });
    assert.deepEqual([part.status, await part.text()], [206, bytes.subarray(1, 4).toString()]);
    assert.equal((await gallery.get(data.thumbnail_url)).headers.get('content-type'), 'image/webp');
  });

  it('RA-8 one that fails in the middle of an upload keeps nothing of it, and the next one is well', async () => {
    const rows = (await gallery.rows()).length;
    let puts = 0;
    store.setDoor(({ method }) => (method === 'PUT' && ++puts > 1 ? 'break off' : undefined));
    const sent = await picture();
    const { status, code } = await gallery.send(wang, sent);
    assert.deepEqual([status, code, (await gallery.rows()).length], [503, 'BUSY', rows]);
    store.setDoor(() => undefined);
    assert.equal((await store.list()).length, 2 * rows + 1);
    const again = await gallery.send(wang, sent);
    assert.equal(again.status, 201);
    await gallery.sweep(25);
    await gallery.sweep(27);
    assert.deepEqual(await store.list(), []);
    assert.deepEqual(await gallery.rows(), []);
  });

  it('R-5 while it is away what is asked for is BUSY, and a sweep goes on later', async () => {
    const { data } = await gallery.send(wang, await picture());
    store.setDoor(() => 'refuse');
    assert.equal((await gallery.get(data.url)).status, 503);
    await assert.rejects(gallery.sweep(100));
    store.setDoor(() => undefined);
    assert.equal((await gallery.get(data.url)).status, 200);
    const target = { databaseUrl: url, seedKey: SEED_KEY, images: gallery.services.imageObjects };
    const lines: string[] = [];
    assert.equal(await audit(target, (line) => lines.push(line)), 0, lines.join('\n'));
    const objects = await BucketObjects.of(store.bucket, systemClock);
    await objects.remove(nameIn(data.url));
    assert.equal(await audit(target, (line) => lines.push(line)), 1);
    assert.equal((await gallery.get(data.url)).status, 404);
    store.setDoor(() => 'refuse');
    assert.equal(await audit(target, (line) => lines.push(line)), 2);
  });
});

onSqlite('pictures in a bucket that others are sent to', (_open, openUrl) => {
  it('R-5 are read there, by a link that a browser keeps for less long than it is good', async () => {
    const store = await openBucket({ redirects: true });
    const gallery = await openGallery(await openUrl(), { environment: store.environment });
    try {
      const wang = await gallery.server.login('13900000001');
      const { data } = await gallery.send(wang, await noisy(40, 30).png().toBuffer());
      for (const address of [data.url, data.thumbnail_url]) {
        const response = await gallery.get(address);
        assert.deepEqual(
          [response.status, response.headers.get('cache-control')],
          [302, 'public, max-age=300'],
        );
        const there = await fetch(response.headers.get('location')!);
        assert.equal(there.status, 200);
        assert.match(there.headers.get('content-type')!, /^image\/(png|webp)$/);
      }
      assert.equal((await gallery.get(`/api/v3/images/${'0'.repeat(32)}`)).status, 404);
      // And pages may show them from there.
      const policy = (await gallery.get('/')).headers.get('content-security-policy')!;
      assert.ok(policy.includes(`img-src 'self' data: ${new URL(store.bucket.endpoint).origin};`), policy);
    } finally {
      await gallery.close();
      await store.close();
    }
  });
});
