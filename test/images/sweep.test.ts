import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, it } from 'mocha';
import { ImageResource, ImageSweep } from '../../entities/images/ImageResource.ts';
import { audit } from '../../src/books/audit.ts';
import { Images } from '../../src/images/images.ts';
import type { Objects } from '../../src/images/objects.ts';
import { holdImages } from '../../src/images/uses.ts';
import { asAppError } from '../../src/platform/errors.ts';
import { forEachDatabase } from '../support/databases.ts';
import type { Login } from '../support/server.ts';
import { nameIn, openGallery, type Gallery } from './gallery.ts';
import { noisy } from './pictures.ts';

const SEED_KEY = Buffer.from('07'.repeat(32), 'hex');
const STRAY = 'f'.repeat(32);

forEachDatabase('pictures that nobody needs', (_open, openUrl) => {
  let url: string;
  let gallery: Gallery;
  let wang: Login;
  before(async () => {
    url = await openUrl();
    gallery = await openGallery(url);
    wang = await gallery.server.login('13900000001');
  });
  after(() => gallery?.close());
  beforeEach(async () => {
    const { database } = gallery.services;
    await database.transaction(async (tx) => {
      await tx.manager.createQueryBuilder().delete().from(ImageResource).execute();
      await tx.manager.createQueryBuilder().delete().from(ImageSweep).execute();
    });
    for (const name of gallery.files()) rmSync(join(gallery.folder, name.slice(0, 2), name));
  });

  const send = async () => (await gallery.send(wang, await noisy(16, 16).png().toBuffer())).data;
  const put = (name: string) => {
    mkdirSync(join(gallery.folder, name.slice(0, 2)), { recursive: true });
    writeFileSync(join(gallery.folder, name.slice(0, 2), name), 'x');
  };
  const run = async (hours = 0) => {
    const lines: string[] = [];
    const target = { databaseUrl: url, seedKey: SEED_KEY, images: gallery.services.imageObjects };
    const now = Date.now;
    Date.now = () => now() + hours * 3_600_000;
    try {
      return { code: await audit(target, (line) => lines.push(line)), lines };
    } finally {
      Date.now = now;
    }
  };

  it('RA-8 go a day after they were sent, first the row, then the objects; nothing younger does', async () => {
    const { url: address } = await send();
    const files = gallery.files();
    assert.equal(files.length, 2);
    assert.deepEqual(await gallery.sweep(23.9), { objects: 0, rows: 0 });
    assert.equal((await gallery.get(address)).status, 200);
    assert.deepEqual(await gallery.sweep(25), { objects: 0, rows: 1 });
    assert.equal((await gallery.get(address)).status, 404);
    // Whoever has read the row just before finds them.
    assert.deepEqual(gallery.files(), files);
    assert.deepEqual(await gallery.sweep(26.1), { objects: 2, rows: 0 });
    assert.deepEqual(gallery.files(), []);
  });

  it('RA-8 an upload that dies between its objects and its row leaves nothing after a day', async () => {
    const { imageObjects } = gallery.services;
    for (const dying of ['the second object', 'the row'] as const) {
      let puts = 0;
      const failing: Objects = {
        put: async (...object) => {
          puts += 1;
          if (puts === 2 && dying === 'the second object') throw new Error('gone');
          await imageObjects.put(...object);
          if (puts === 2) throw new Error('gone');
        },
        open: (...which) => imageObjects.open(...which),
        remove: (name) => imageObjects.remove(name),
        list: (...which) => imageObjects.list(...which),
      };
      const images = new Images({ ...gallery.services, imageObjects: failing });
      await assert.rejects(images.keep(wang.userId, await noisy(16, 16).png().toBuffer()), /gone/);
    }
    assert.deepEqual([gallery.files().length, (await gallery.rows()).length], [3, 0]);
    // A write that was cut off by the end of the process.
    put(`${STRAY}.part`);
    assert.deepEqual(await gallery.sweep(23), { objects: 0, rows: 0 });
    assert.deepEqual(await gallery.sweep(25), { objects: 4, rows: 0 });
    assert.deepEqual(gallery.files(), []);
  });

  it('RA-8 a disk that is full is BUSY, and keeps no half of a picture', async () => {
    const path = join(gallery.folder, STRAY.slice(0, 2), `${STRAY}.part`);
    mkdirSync(dirname(path), { recursive: true });
    // What is written there is written to a device that has no room.
    symlinkSync('/dev/full', path);
    const put = (bytes: number) => gallery.services.imageObjects.put(STRAY, Buffer.alloc(bytes), 'image/png');
    await assert.rejects(put(100_000), (error) => {
      assert.deepEqual([(error as NodeJS.ErrnoException).code, asAppError(error).code], ['ENOSPC', 'BUSY']);
      return true;
    });
    assert.deepEqual(gallery.files(), []);
    await put(10);
    assert.deepEqual(gallery.files(), [STRAY]);
  });

  it('RA-8 nothing that is used goes, however old, nor what is sent again, nor what is no picture of ours', async () => {
    const [used, again] = [await send(), await noisy(16, 16).png().toBuffer()];
    const { database } = gallery.services;
    await gallery.send(wang, again);
    const owner = { kind: 'campaign' as const, id: 7 };
    await database.transaction((tx) => holdImages(tx, owner, [used.url], { nowMs: Date.now() }));
    put('ff-a note of the operator.txt');
    writeFileSync(join(gallery.folder, 'README'), 'x');
    const at = new Date(Date.now() - 30 * 3_600_000);
    await database.transaction((tx) =>
      tx.manager.update(ImageResource, { user_id: wang.userId }, { created_at: at }),
    );
    await database.transaction((tx) =>
      tx.manager.update(ImageResource, { image_key: nameIn(used.url) }, { unused_since: null }),
    );
    const [, second] = await gallery.rows();
    await database.transaction((tx) =>
      tx.manager.update(ImageResource, { image_id: second!.image_id }, { unused_since: at }),
    );
    assert.equal((await gallery.send(wang, again)).status, 201);
    assert.deepEqual(await gallery.sweep(20), { objects: 0, rows: 0 });
    assert.deepEqual(await gallery.sweep(400), { objects: 0, rows: 1 });
    assert.deepEqual(await gallery.sweep(402), { objects: 2, rows: 0 });
    assert.equal((await gallery.get(used.url)).status, 200);
    assert.equal(gallery.files().length, 3);
    assert.equal(readFileSync(join(gallery.folder, 'README'), 'utf8'), 'x');
    await database.transaction((tx) => holdImages(tx, owner, [], { nowMs: Date.now() }));
  });

  it('RA-8 one node looks at a time, and goes on where another one has ended', async () => {
    const all = await Promise.all([gallery.sweep(0), gallery.sweep(0), gallery.sweep(0)]);
    assert.equal(all.filter((swept) => swept !== undefined).length, 1);
    assert.equal(await gallery.sweep(0.9), undefined);
    // A clock that was set back keeps nobody from it.
    assert.notEqual(await gallery.sweep(-2), undefined);
    for (let at = 0; at < 450; at++) put(at.toString(16).padStart(8, '0').padEnd(32, '0'));
    const { database } = gallery.services;
    await database.transaction((tx) =>
      tx.manager.update(ImageSweep, { name: 'images' }, { after_object: '000000ff'.padEnd(32, '0') }),
    );
    const swept = await gallery.sweep(30);
    assert.equal(swept?.objects, 450 - 256);
    assert.equal((await gallery.sweep(32))?.objects, 256);
  });

  it('RA-8 the audit names a row without an object and an object of no row, each once they are wrong', async () => {
    const { url: address } = await send();
    assert.equal((await run()).code, 0);
    const name = nameIn(address);
    for (const missing of [name, `${name}-t`]) {
      const path = join(gallery.folder, name.slice(0, 2), missing);
      const bytes = readFileSync(path);
      rmSync(path);
      const { code, lines } = await run();
      assert.equal(code, 1);
      assert.deepEqual(lines, ['RA-8 violated: each picture has its two objects', `  object ${missing}`]);
      const shown = await gallery.get(`/api/v3/images/${missing}`);
      assert.equal(shown.status, 404);
      writeFileSync(path, bytes);
    }
    for (const stray of ['0'.repeat(32), STRAY]) {
      put(stray);
      assert.equal((await run()).code, 0);
      const { code, lines } = await run(49);
      assert.equal(code, 1);
      assert.deepEqual(lines, [
        'RA-8 violated: an object of no picture is gone after a day',
        `  object ${stray}`,
      ]);
      rmSync(join(gallery.folder, stray.slice(0, 2), stray));
    }
    assert.equal((await run(49)).code, 0);
  });
});
