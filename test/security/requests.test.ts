import assert from 'node:assert/strict';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { after, before, it } from 'mocha';
import { LIMITS } from '../../src/platform/limits.ts';
import { readOperations, type Operation } from '../fuzz/document.ts';
import { exampleOf, requestOf } from '../fuzz/requests.ts';
import { onSqlite } from '../support/databases.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { MOBILES } from './people.ts';

onSqlite('hostile requests', (_open, openUrl) => {
  let venue: Venue;
  let token: string;
  let withBody: Operation[];
  before(async () => {
    venue = await openVenue(await openUrl());
    ({ token } = await venue.login(MOBILES.superAdmin));
    withBody = (await readOperations(venue.origin)).filter(({ body }) => body !== undefined);
    assert.ok(withBody.length > 0);
  });
  after(() => venue?.close());
  afterEach('the server lives', async () => {
    assert.equal((await fetch(`${venue.origin}/health`)).status, 200);
    assert.equal((await venue.api('GET', '/points/account', { token })).code, 'OK');
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

  const post = async (
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ) => {
    const response = await fetch(`${venue.origin}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        'idempotency-key': 'k',
        ...headers,
      },
      body,
    });
    const text = await response.text();
    const isJson = /^application\/json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      text,
      code: isJson ? (JSON.parse(text) as { code?: unknown }).code : undefined,
    };
  };
  const pathOf = (operation: Operation) => `/api/v3${requestOf(operation, exampleOf(operation)).path}`;
  const postPaths = () => withBody.filter(({ method }) => method === 'POST').map(pathOf);
  /** The object of a body of so many bytes. */
  const bodyOf = (bytes: number) => `{"a":"${'x'.repeat(bytes - 8)}"}`;

  it('S-3 a body of 64 KiB, of coupons a MiB, is read and one of a byte more is not, on every route', async () => {
    for (const path of postPaths()) {
      const bytes = /\/coupons$/.test(path) ? LIMITS.couponUploadBytes : LIMITS.httpBodyBytes;
      const most = bodyOf(bytes);
      assert.equal(Buffer.byteLength(most), bytes);
      assert.deepEqual((await post(path, most)).code, 'VALIDATION_FAILED', path);
      const { status, code } = await post(path, `${most} `);
      assert.deepEqual([status, code], [413, 'PAYLOAD_TOO_LARGE'], path);
    }
  });

  it('S-3 a compressed body counts as what it becomes', async () => {
    const bomb = Buffer.alloc(200 * 1024 * 1024, 'x');
    const packed: [encoding: string, body: Buffer][] = [
      ['gzip', gzipSync(bomb)],
      ['deflate', deflateSync(bomb)],
      ['br', brotliCompressSync(bomb.subarray(0, 8 * 1024 * 1024), {})],
    ];
    for (const [encoding, body] of packed) {
      const before = process.memoryUsage().rss;
      const { status } = await post('/api/v3/points/consume', new Uint8Array(body), {
        'content-encoding': encoding,
      });
      assert.equal(status, 413, encoding);
      assert.ok(process.memoryUsage().rss - before < 100 * 1024 * 1024, `${encoding} was unpacked`);
    }
    const twice = new Uint8Array(gzipSync(gzipSync('{}')));
    for (const encoding of ['gzip, gzip', 'zstd', 'x', 'gzip']) {
      const { status, code } = await post('/api/v3/points/consume', twice, { 'content-encoding': encoding });
      assert.deepEqual([status, code], [400, 'VALIDATION_FAILED'], encoding);
    }
  }).timeout(60_000);

  it('S-3 nesting of 50,000 levels is refused on every route and at the door of a room', async () => {
    for (const depth of [16_000, 50_000]) {
      const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`;
      const objects = `${'{"a":'.repeat(depth / 4)}1${'}'.repeat(depth / 4)}`;
      for (const path of postPaths()) {
        for (const body of [deep, objects, `{"mobile":${deep},"reason":${'1'}}`]) {
          const { status } = await post(path, body);
          assert.ok([400, 413].includes(status), `${path}: ${status}`);
        }
      }
      for (const body of [deep, `{"campaign_id":${deep}}`]) {
        const { status } = await post('/matchmake/joinOrCreate/campaign', body);
        assert.ok([400, 413].includes(status), `join: ${status}`);
      }
      const { status } = await post('/matchmake/joinOrCreate/campaign', `{"campaign_id":1,"more":${deep}}`);
      assert.ok(status < 500, `join: ${status}`);
    }
  });

  it('S-3 a join with too large a body is refused before it is held in memory', async () => {
    const chunk = new Uint8Array(64 * 1024).fill(120);
    const most = 192 * 1024 * 1024;
    for (const authorization of ['', `Bearer ${token}`]) {
      let sent = 0;
      let heldMost = 0;
      const before = process.memoryUsage().arrayBuffers;
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          heldMost = Math.max(heldMost, process.memoryUsage().arrayBuffers - before);
          if (sent >= most) controller.close();
          else controller.enqueue(chunk);
          sent += chunk.length;
        },
      });
      const status = await fetch(`${venue.origin}/matchmake/joinOrCreate/campaign`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body,
        duplex: 'half',
      }).then(
        (response) => response.status,
        // It may be cut off while it is still being sent.
        () => 413,
      );
      assert.equal(status, 413);
      // What the server throws away may wait for the garbage collector for a while.
      assert.ok(heldMost < most * 0.9, `${heldMost} bytes were held`);
    }
  });

  it('S-3 a join in any form but JSON is refused, and never a fault of the server', async () => {
    const forms: [type: string, body: string][] = [
      ['multipart/form-data; boundary=x', '--x\r\n'],
      ['multipart/form-data', 'x'],
      ['application/json', '{bad'],
      ['application/x-www-form-urlencoded', 'campaign_id=1'],
      ['text/plain', '{"campaign_id":1}'],
      ['application/octet-stream', '\u0000'],
      ['application/json', 'null'],
      ['application/json', '7'],
      ['application/json', '[1]'],
      ['application/json', '{"__proto__":{"campaign_id":1}}'],
    ];
    for (const [type, body] of forms) {
      const { status, text } = await post('/matchmake/joinOrCreate/campaign', body, { 'content-type': type });
      assert.ok([400, 413, 415].includes(status), `${type} ${body}: ${status} ${text}`);
      assert.ok(!text.includes('node_modules'));
    }
  });

  it('S-2 prototypes are out of reach by JSON, by queries and by headers', async () => {
    const queries = [
      '__proto__[polluted]=1',
      'a[__proto__]=1',
      'a[__proto__][polluted]=1',
      'constructor[prototype][polluted]=1',
      'constructor.prototype.polluted=1',
      '__proto__.polluted=1',
      '__proto__=1&polluted=1',
    ];
    for (const query of queries) {
      const { status, code } = await venue.api('GET', `/lottery/history?${query}`, { token });
      assert.deepEqual([status, code], [400, 'VALIDATION_FAILED'], query);
      const open = await venue.api('GET', `/lottery/campaigns/1/fairness-log?${query}`);
      assert.deepEqual([open.status, open.code], [400, 'VALIDATION_FAILED'], query);
    }
    for (const json of [
      '{"__proto__":{"polluted":1}}',
      '{"constructor":{"prototype":{"polluted":1}}}',
      '{"a":{"__proto__":{"polluted":1}}}',
    ]) {
      for (const path of postPaths()) assert.equal((await post(path, json)).status, 400, `${path} ${json}`);
      assert.equal((await post('/matchmake/joinOrCreate/campaign', json)).status, 400);
    }
    for (const type of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const response = await fetch(`${venue.origin}/matchmake/joinOrCreate/${type}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
      });
      assert.equal(response.status, 404, type);
    }
    // What an inherited key would have let through: a draw whose fields are the prototype's.
    assert.equal((await venue.api('POST', '/lottery/draw', { token, body: {} })).code, 'VALIDATION_FAILED');
  });

  it('S-2 a body that is no JSON in UTF-8 is refused', async () => {
    const good = '{"amount":1,"reason":"tea"}';
    const path = '/api/v3/points/consume';
    const types = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/xml',
      'multipart/form-data; boundary=x',
      '',
      'application/json; charset=x',
      'application/jsonp',
      'application/json, text/plain',
      'APPLICATION/XML',
    ];
    for (const type of types) {
      const { status, code } = await post(path, good, { 'content-type': type });
      assert.deepEqual([status, code], [400, 'VALIDATION_FAILED'], type);
    }
    const broken = [
      '{"amount":1,}',
      "{'amount':1}",
      '{amount:1}',
      '{"amount":0x10}',
      '{"amount":1}{"amount":2}',
      '{"amount":01}',
      '\u0000{"amount":1}',
      '{"amount":1 /* */}',
      'NaN',
      '"text"',
      'true',
    ];
    for (const body of broken) assert.equal((await post(path, body)).status, 400, body);
  });

  it('S-2 characters that are none are kept out or kept as they are', async () => {
    const account = async () =>
      (await venue.api<{ available_points: number }>('GET', '/points/account', { token: diner })).data;
    const { token: diner } = await venue.login(MOBILES.diner);
    const before = (await account()).available_points;
    const reasons = [
      Buffer.from([0xff, 0xfe]),
      Buffer.from([0xc0, 0x80]),
      Buffer.from([0xed, 0xa0, 0x80]),
      Buffer.from('\\u0000'),
      Buffer.from('\\ud800'),
      Buffer.from('\\udfff\\ud800'),
    ];
    let spent = 0;
    for (const [at, reason] of reasons.entries()) {
      const body = Buffer.concat([Buffer.from('{"amount":1,"reason":"'), reason, Buffer.from('"}')]);
      const headers = { authorization: `Bearer ${diner}`, 'idempotency-key': `text-${at}` };
      const { status, text } = await post('/api/v3/points/consume', new Uint8Array(body), headers);
      assert.ok([200, 400].includes(status), text);
      if (status === 200) spent += 1;
      const again = await post('/api/v3/points/consume', new Uint8Array(body), headers);
      assert.equal(again.status, status);
    }
    assert.equal((await account()).available_points, before - spent);
    const { status } = await venue.api('GET', '/points/transactions?limit=100', { token: diner });
    assert.equal(status, 200);
  });

  it('S-2 of a key given twice in JSON the last counts, and a query given twice is refused', async () => {
    const { token: diner } = await venue.login(MOBILES.otherDiner);
    const headers = { authorization: `Bearer ${diner}`, 'idempotency-key': 'twice' };
    const { text } = await post('/api/v3/points/consume', '{"amount":500,"reason":"a","amount":1}', headers);
    assert.equal((JSON.parse(text) as { data: { balance: number } }).data.balance, 9_999);
    const { code } = await venue.api('GET', '/lottery/history?limit=1&limit=2', { token: diner });
    assert.equal(code, 'VALIDATION_FAILED');
  });
});
