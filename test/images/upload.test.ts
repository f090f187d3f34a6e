import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, it } from 'mocha';
import sharp from 'sharp';
import { ImageResource } from '../../entities/images/ImageResource.ts';
import { insertAll } from '../../src/platform/database/bulk.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import type { Login } from '../support/server.ts';
import { nameIn, openGallery, type Gallery } from './gallery.ts';
import { coloursOf, noisy, quarters, turnOf } from './pictures.ts';

const YEAR = 'public, max-age=31536000, immutable';

forEachDatabase('a picture that somebody sends', (_open, openUrl) => {
  let gallery: Gallery;
  let [wang, li]: Login[] = [];
  let jpeg: Buffer;
  before(async () => {
    gallery = await openGallery(await openUrl());
    [wang, li] = [await gallery.server.login('13900000001'), await gallery.server.login('13900000002')];
    jpeg = await (await quarters(640, 400)).jpeg({ quality: 95 }).toBuffer();
  });
  after(() => gallery?.close());

  /** The first bytes of a form with a file that says to be so long; nothing of its end. */
  const begin = async ({ token }: Login, bytes: number): Promise<Socket> => {
    const { hostname, port } = new URL(gallery.server.origin);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    const head = `--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n`;
    socket.write(
      [
        'POST /api/v3/images HTTP/1.1',
        'Host: localhost',
        `Authorization: Bearer ${token}`,
        'Content-Type: multipart/form-data; boundary=b',
        `Content-Length: ${bytes}`,
        '',
        head,
      ].join('\r\n'),
    );
    return socket;
  };
  const answerOf = async (socket: Socket): Promise<string> => {
    const [data] = (await once(socket, 'data')) as [Buffer];
    return data.toString();
  };

  it('R-5 is answered with what it is and where, and read by anybody with its exact type, for ever', async () => {
    const { status, data } = await gallery.send(wang!, jpeg);
    assert.equal(status, 201);
    assert.deepEqual([data.width, data.height], [640, 400]);
    assert.match(data.url, /^\/api\/v3\/images\/[0-9a-f]{32}$/);
    for (const [address, type] of [
      [data.url, 'image/jpeg'],
      [data.thumbnail_url, 'image/webp'],
    ] as const) {
      const response = await gallery.get(address, { origin: 'https://elsewhere.example' });
      const bytes = Buffer.from(await response.arrayBuffer());
      const header = (name: string) => response.headers.get(name);
      assert.deepEqual(
        [response.status, header('content-type'), header('cache-control'), header('x-content-type-options')],
        [200, type, YEAR, 'nosniff'],
      );
      assert.equal(header('content-length'), String(bytes.length));
      assert.equal(header('cross-origin-resource-policy'), 'cross-origin');
      assert.equal(header('content-security-policy'), "default-src 'none'; sandbox");
      assert.equal(header('set-cookie'), null);
      assert.ok(turnOf(await coloursOf(bytes)) < 30);
      const etag = header('etag')!;
      assert.match(etag, /^"[0-9a-f]{32}"$/);
      // Without the second header fetch asks for no answer from what is kept.
      const asked = { 'if-none-match': etag, 'cache-control': 'max-age=0' };
      const known = await gallery.get(address, asked);
      assert.deepEqual(
        [known.status, await known.text(), known.headers.get('cache-control')],
        [304, '', YEAR],
      );
      const part = await gallery.get(address, { range: 'bytes=2-9' });
      assert.deepEqual(
        [part.status, part.headers.get('content-range'), part.headers.get('content-length')],
        [206, `bytes 2-9/${bytes.length}`, '8'],
      );
      assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes.subarray(2, 10));
      for (const [name, value] of [
        ['range', `bytes=${bytes.length}-`],
        ['range', 'bytes=0-1,4-5'],
        ['range', 'lines=1-2'],
      ] as const) {
        const whole = await gallery.get(address, { [name]: value });
        assert.deepEqual([whole.status, Buffer.from(await whole.arrayBuffer())], [200, bytes], value);
      }
      const other = await gallery.get(address, { range: 'bytes=2-9', 'if-range': '"another"' });
      assert.deepEqual([other.status, (await other.arrayBuffer()).byteLength], [200, bytes.length]);
      const head = await gallery.get(address, {}, 'HEAD');
      assert.deepEqual(
        [head.status, head.headers.get('content-length'), await head.text()],
        [200, String(bytes.length), ''],
      );
    }
  });

  it('RA-14 R-5 sent again it is the same one, also twice at once; somebody else’s is their own', async () => {
    const small = await sharp({ create: { width: 32, height: 16, channels: 3, background: 'teal' } })
      .png()
      .toBuffer();
    const sent = await Promise.all([gallery.send(wang!, small), gallery.send(wang!, small)]);
    const later = await gallery.send(wang!, small);
    for (const { status, data } of [...sent, later]) {
      assert.deepEqual([status, data.width, data.height], [201, 32, 16]);
      assert.deepEqual(data, sent[0].data);
    }
    const other = await gallery.send(li!, small);
    assert.notEqual(other.data.url, later.data.url);
    assert.equal((await gallery.rows()).filter(({ width }) => width === 32).length, 2);
  });

  it('R-5 an address that is not one of a picture leads nowhere', async () => {
    for (const [address, status] of [
      [`/api/v3/images/${'0'.repeat(32)}`, 404],
      [`/api/v3/images/${'0'.repeat(32)}-t`, 404],
      ['/api/v3/images/..%2f..%2fetc%2fpasswd', 400],
      ['/api/v3/images/victim', 400],
      [`/api/v3/images/${'A'.repeat(32)}`, 400],
    ] as const) {
      const response = await gallery.get(address);
      assert.equal(response.status, status, address);
      assert.equal(response.headers.get('cache-control'), null);
    }
  });

  it('R-5 what is no such form is refused before it is a picture, and nothing is kept', async () => {
    const count = (await gallery.rows()).length;
    const files = gallery.files();
    const refused = async (
      work: Promise<{ status: number; details?: unknown }>,
      status: number,
      about: string,
    ) => {
      const answer = await work;
      assert.equal(answer.status, status, `${about}: ${JSON.stringify(answer)}`);
    };
    await refused(gallery.send(wang!, jpeg, 'picture'), 400, 'another field');
    await refused(gallery.send(wang!, Buffer.from('<svg/>')), 400, 'svg');
    await refused(gallery.send(wang!, Buffer.alloc(0)), 400, 'nothing');
    const heic = await gallery.send(wang!, Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'));
    assert.match(JSON.stringify(heic.details), /HEIC/);
    const post = (headers: Record<string, string>, body: string) =>
      gallery.server.api('POST', '/images', { token: wang!.token, headers, rawBody: body });
    const multipart = 'multipart/form-data; boundary=b';
    const file = 'Content-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n';
    for (const [type, body] of [
      ['application/json', '{}'],
      ['application/json', '{"file":"x"}'],
      ['multipart/form-data', 'x'],
      [multipart, ''],
      [multipart, 'x'],
      [multipart, `--b\r\n${file}`],
      [multipart, `--b\r\n${file}--b\r\n${file}--b--\r\n`],
      // Without a name, and with one that cannot be read.
      [multipart, '--b\r\nContent-Disposition: form-data; filename="a"\r\n\r\nx\r\n--b--\r\n'],
      [multipart, '--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n'],
      [
        multipart,
        `--b\r\nContent-Disposition: form-data; name*=utf-8''%ff%; filename*=x''%\r\n\r\nx\r\n--b--\r\n`,
      ],
      [multipart, `--b\r\nContent-Type: text/plain; charset="nothing"\r\n${file}--b--\r\n`],
      [multipart, `--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nx\r\n--b\r\n${file}--b--\r\n`],
      ['image/jpeg', 'x'],
    ] as const)
      await refused(post({ 'content-type': type }, body), 400, `${type} ${JSON.stringify(body)}`);
    const { status } = await fetch(`${gallery.server.origin}/api/v3/images`, {
      method: 'POST',
      body: new FormData(),
    });
    assert.equal(status, 401);
    assert.equal((await gallery.rows()).length, count);
    assert.deepEqual(gallery.files(), files);
  });

  it('R-5 what is too large is refused by what it says, and by what comes, and 50 MB as well', async () => {
    for (const bytes of [LIMITS.imageBytes + 1, LIMITS.imageBytes + 20_000, 50 * 1024 * 1024]) {
      const startMs = performance.now();
      const { status, code } = await gallery.send(wang!, Buffer.alloc(bytes, 0xff));
      assert.deepEqual([status, code], [413, 'PAYLOAD_TOO_LARGE'], String(bytes));
      assert.ok(performance.now() - startMs < 5000);
    }
    // As long as one that is taken, in full.
    const large = await noisy(1500, 1200).png({ compressionLevel: 0 }).toBuffer();
    assert.ok(large.length > 5_000_000 && large.length < LIMITS.imageBytes);
    assert.equal((await gallery.send(wang!, large)).status, 201);
  }).timeout(60_000);

  it('RA-8 an upload that breaks off in the middle leaves neither row nor object', async () => {
    const [rows, files] = [(await gallery.rows()).length, gallery.files()];
    const socket = await begin(li!, jpeg.length + 200);
    socket.write(jpeg.subarray(0, jpeg.length / 2));
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    await once(socket, 'close');
    // And nobody waits for it.
    assert.equal((await gallery.send(li!, await noisy(20, 20).png().toBuffer())).status, 201);
    assert.equal((await gallery.rows()).length, rows + 1);
    assert.equal(gallery.files().length, files.length + 2);
  });

  it('R-5 one person sends three at a time, and all together so many: one more is refused until one is over', async () => {
    const people = await Promise.all(
      Array.from({ length: 8 }, (_, at) => gallery.server.login(`139000000${10 + at}`)),
    );
    const open: Socket[] = [];
    for (let at = 0; at < LIMITS.imageUploads; at++)
      open.push(await begin(people[Math.floor(at / 3)]!, 1000));
    await new Promise((resolve) => setTimeout(resolve, 600));
    const own = await gallery.send(people[0]!, jpeg);
    assert.deepEqual([own.status, own.code, own.retryAfter], [429, 'RATE_LIMITED', '1']);
    const busy = await gallery.send(people[7]!, jpeg);
    assert.deepEqual([busy.status, busy.code, busy.retryAfter], [503, 'BUSY', '1']);
    const refused = await begin(people[7]!, 1000);
    assert.match(await answerOf(refused), /^HTTP\/1.1 503/);
    refused.destroy();
    for (const socket of open) socket.destroy();
    await eventually(async () => assert.equal((await gallery.send(people[7]!, jpeg)).status, 201));
  });

  it('R-5 however many come at once, two are made at a time, and what is refused says when to come again', async () => {
    const people = await Promise.all(
      Array.from({ length: 8 }, (_, at) => gallery.server.login(`139000001${10 + at}`)),
    );
    const pictures = await Promise.all(
      people.map((_, at) =>
        noisy(1000 + at, 800)
          .jpeg()
          .toBuffer(),
      ),
    );
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, sharp.counters().process)), 1);
    const sent = await Promise.all(
      people.flatMap((one, at) =>
        [0, 1, 2, 3].map((copy) => gallery.send(one, Buffer.concat([pictures[at]!, Buffer.alloc(1 + copy)]))),
      ),
    );
    clearInterval(watch);
    assert.ok(most > 0 && most <= LIMITS.imageConversions, String(most));
    const kept = sent.filter(({ status }) => status === 201);
    assert.ok(kept.length >= LIMITS.imageConversions, String(kept.length));
    for (const { status, code, retryAfter } of sent.filter((one) => !kept.includes(one))) {
      assert.ok([429, 503].includes(status), `${status} ${code}`);
      assert.ok(Number(retryAfter) > 0);
    }
    assert.ok(kept.length < sent.length);
  }).timeout(30_000);

  it('R-5 within a minute and within a day a person sends so many, and no more on any node', async () => {
    const [quick, daily] = [
      await gallery.server.login('13900000018'),
      await gallery.server.login('13900000019'),
    ];
    for (let sent = 0; sent < LIMITS.imagesPerMinute; sent++)
      assert.equal((await gallery.send(quick, Buffer.from('no picture'))).status, 400);
    const { status, retryAfter } = await gallery.send(quick, jpeg);
    assert.deepEqual([status, Number(retryAfter) > 0], [429, true]);
    const at = new Date();
    const rows = Array.from({ length: LIMITS.imagesPerDay }, (_, n) => ({
      ...{
        image_key: `${daily.userId}`.padStart(16, '0') + String(n).padStart(16, '0'),
        user_id: daily.userId,
      },
      ...{
        source_hash: String(n),
        content_type: 'image/png',
        width: 1,
        height: 1,
        bytes: 1,
        content_hash: '',
      },
      ...{ likeness: '', thumbnail_bytes: 1, thumbnail_hash: '', created_at: at, unused_since: at },
    }));
    const { database } = gallery.services;
    await database.transaction((tx) => insertAll(tx, ImageResource, rows));
    const refused = await gallery.send(daily, jpeg);
    assert.deepEqual([refused.status, refused.code], [429, 'RATE_LIMITED']);
    await database.transaction((tx) => tx.manager.delete(ImageResource, { user_id: daily.userId }));
  });

  it('A-11 what somebody has sent is of their export, and goes with their account; what a campaign shows stays', async () => {
    const leaver = await gallery.server.login('13600000002');
    const { data: face } = await gallery.send(leaver, jpeg);
    const { data: unused } = await gallery.send(leaver, await noisy(30, 20).png().toBuffer());
    const { token } = leaver;
    const { api } = gallery.server;
    assert.equal((await api('PATCH', '/auth/me', { token, body: { avatar_url: face.url } })).code, 'OK');
    const exported = (await api<any>('GET', '/auth/export', { token })).data.images;
    assert.deepEqual(
      exported.items.map(({ url }: { url: string }) => url),
      [unused.url, face.url],
    );
    assert.equal((await api('DELETE', '/auth/me', { token, body: { code: '123456' } })).code, 'OK');
    for (const { url, thumbnail_url: thumbnail } of [face, unused])
      for (const address of [url, thumbnail]) assert.equal((await gallery.get(address)).status, 404);
    assert.equal(
      (await gallery.rows()).some(({ image_key: key }) =>
        [nameIn(face.url), nameIn(unused.url)].includes(key),
      ),
      false,
    );
  });
});
