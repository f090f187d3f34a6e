import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import express from 'express';
import { after, before, it } from 'mocha';
import { systemClock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { AppError } from '../../src/platform/errors.ts';
import { configureHttp } from '../../src/platform/http/app.ts';
import { API_ROOT } from '../../src/platform/http/route.ts';
import { gzipOf, jsonPiece, KeptPieces } from '../../src/platform/jsonPieces.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { lotteryRoutes } from '../../src/lottery/routes.ts';
import type { FairnessView, LogEntry } from '../../src/lottery/views.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { logSearch } from '../support/logs.ts';
import { writeManyRows } from '../support/manyRows.ts';
import { readingOf } from '../support/rowsRead.ts';
import { draw, openScene, type Scene } from './scene.ts';

interface Published<Data> {
  status: number;
  headers: Headers;
  body: { data: Data; request_id: string };
}

forEachDatabase('published fairness', (open) => {
  let database: Database;
  let scene: Scene;
  let server: Server;
  let origin: string;
  before(async () => {
    database = await open();
    scene = await openScene(database);
    const app = express();
    configureHttp(app, {
      // Another key: nothing of this server can decrypt a seed.
      routes: lotteryRoutes({
        database,
        clock: systemClock,
        owners: { draw: () => Promise.reject(new Error()) },
        seedKey: Buffer.alloc(32, 9),
      }),
      identify: () => Promise.reject(new AppError('UNAUTHENTICATED')),
      access: { can: () => false, isAddressAllowed: () => true },
      checkReady: async () => [],
      logger: createLogger('debug', logSearch.destination),
    });
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    origin = `http://127.0.0.1:${port}${API_ROOT}/lottery/campaigns`;
  });
  after(async () => {
    if (server === undefined) return;
    server.close();
    server.closeAllConnections();
    await scene.campaign.close();
  });

  async function get<Data>(path: string, headers: Record<string, string> = {}): Promise<Published<Data>> {
    // fetch asks past every cache when it is given a validator and nothing else.
    const response = await fetch(`${origin}/${path}`, {
      headers: { 'Cache-Control': 'max-age=0', ...headers },
    });
    const text = await response.text();
    const body = (text === '' ? {} : JSON.parse(text)) as Published<Data>['body'];
    return { status: response.status, headers: response.headers, body };
  }
  const epochsOf = ({ body }: Published<FairnessView>) => body.data.epochs.map(({ epoch }) => epoch);

  it('L-5 seeds are told without decrypting any, and in pages with the head of one moment', async () => {
    const path = `${scene.campaignId}/fairness`;
    for (let rotation = 1; rotation <= 6; rotation++) await scene.campaign.rotateSeed();
    const whole = await get<FairnessView>(path);
    assert.deepEqual(epochsOf(whole), [1, 2, 3, 4, 5, 6, 7]);
    assert.equal(whole.body.data.next_after_epoch, undefined);
    assert.equal(whole.body.data.epochs.filter((epoch) => epoch.server_seed === null).length, 1);
    const first = await get<FairnessView>(`${path}?limit=3`);
    assert.deepEqual([epochsOf(first), first.body.data.next_after_epoch], [[1, 2, 3], 3]);
    const second = await get<FairnessView>(`${path}?after_epoch=3&limit=3`);
    assert.deepEqual([epochsOf(second), second.body.data.next_after_epoch], [[4, 5, 6], 6]);
    const last = await get<FairnessView>(`${path}?after_epoch=6&limit=3`);
    assert.deepEqual([epochsOf(last), last.body.data.next_after_epoch], [[7], undefined]);
    assert.deepEqual(last.body.data.chain_head, whole.body.data.chain_head);
    for (const query of ['limit=0', 'limit=10001', 'after_epoch=-1', 'epoch=1']) {
      assert.equal((await get(`${path}?${query}`)).status, 400, query);
    }
  });

  it('L-5 the epochs are read again after a rotation only, and head and length each time', async () => {
    const path = `${scene.campaignId}/fairness`;
    const userId = await createUser(database, { points: 10_000_00 });
    const before = await get<FairnessView>(path);
    const unchanged = await get(path, { 'If-None-Match': before.headers.get('ETag')! });
    assert.equal(unchanged.status, 304);
    await draw(scene.campaign, userId, 'a', 5);
    let drawn: Published<FairnessView> | undefined;
    const { plans } = await readingOf(database, async () => {
      drawn = await get<FairnessView>(path, { 'If-None-Match': before.headers.get('ETag')! });
    });
    assert.equal(drawn!.status, 200);
    assert.equal(drawn!.body.data.log_length, before.body.data.log_length + 5);
    assert.equal(drawn!.body.data.chain_head, scene.campaign.pool.chainHead);
    assert.deepEqual([plans.length, plans.filter((plan) => plan.includes('epochs'))], [1, []]);
    await scene.campaign.rotateSeed();
    const rotated = await get<FairnessView>(path);
    assert.deepEqual(epochsOf(rotated), [...epochsOf(before), before.body.data.epochs.length + 1]);
    assert.equal(rotated.body.data.epochs.at(-2)!.to_draw_no, 5);
  });

  it('L-5 a full page of the log is read and compressed once, and may be kept by whoever has it', async () => {
    const { campaignId, campaign } = await openScene(database);
    await campaign.close();
    await writeManyRows(database, { campaignId, diners: 10, draws: 1500 });
    const path = `${campaignId}/fairness-log?after=0&limit=1000`;
    const first = await get<{ items: LogEntry[] }>(path, { 'X-Request-Id': 'one' });
    assert.equal(first.headers.get('Content-Encoding'), 'gzip');
    assert.equal(first.headers.get('Cache-Control'), 'public, max-age=3600, immutable');
    assert.deepEqual(
      first.body.data.items.map((item) => item.log_no),
      Array.from({ length: 1000 }, (_, at) => at + 1),
    );
    const { plans } = await readingOf(database, async () => {
      const again = await get<{ items: LogEntry[] }>(path, { 'X-Request-Id': 'two' });
      assert.deepEqual(again.body.data, first.body.data);
      assert.deepEqual([first.body.request_id, again.body.request_id], ['one', 'two']);
      const plain = await get(path, { 'Accept-Encoding': 'identity' });
      assert.equal(plain.headers.get('Content-Encoding'), null);
      assert.deepEqual(plain.body.data, first.body.data);
      const known = await get(path, { 'If-None-Match': first.headers.get('ETag')! });
      assert.equal(known.status, 304);
    });
    assert.deepEqual(plans, []);
    const rest = `${campaignId}/fairness-log?after=1000&limit=1000`;
    const part = await get<{ items: LogEntry[] }>(rest);
    assert.equal(part.body.data.items.length, 502);
    assert.equal(part.headers.get('Cache-Control'), 'no-cache');
    const later = await readingOf(database, () => get(rest));
    assert.ok(later.plans.length > 0);
  });
});

describe('pieces of JSON', () => {
  it('make one gzip file, whatever is in them', async () => {
    const texts = ['{"a":', JSON.stringify('恭喜'.repeat(40_000)), '', `,"b":${'1'.repeat(70_000)}`, '}'];
    const pieces = await Promise.all(texts.map((text) => jsonPiece(text)));
    assert.equal(gunzipSync(gzipOf(pieces)).toString(), texts.join(''));
    const repeated = [...pieces, ...pieces];
    assert.equal(gunzipSync(gzipOf(repeated)).toString(), texts.join('') + texts.join(''));
  });

  it('S-3 that are short are sent as they are: to begin a compressor costs more than the rest of the answer', async () => {
    const lengths = [0, 1, 255, 256, 1023, 1024, 5000];
    const pieces = await Promise.all(lengths.map((length) => jsonPiece('x'.repeat(length))));
    assert.equal(gunzipSync(gzipOf(pieces)).toString(), pieces.map(({ text }) => text.toString()).join(''));
    for (const { text, deflated } of pieces) {
      const isStored = text.length < 1024;
      assert.equal(deflated.includes(text), isStored, `${text.length} bytes`);
    }
  });

  it('DRAW-7 are kept within their bytes, those asked for last', async () => {
    const piece = await jsonPiece('x'.repeat(1000));
    const size = piece.text.length + piece.deflated.length;
    const kept = new KeptPieces(3 * size, 60_000);
    for (const key of ['a', 'b', 'c']) kept.keep(key, piece);
    kept.get('a');
    kept.keep('d', piece);
    kept.keep('d', piece);
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].filter((key) => kept.get(key) !== undefined),
      ['a', 'c', 'd'],
    );
    assert.equal(kept.bytes, 3 * size);
    kept.keep('large', await jsonPiece('y'.repeat(10_000)));
    assert.ok(kept.bytes <= 3 * size);
  });

  it('are not kept for longer than they may be', async () => {
    const kept = new KeptPieces(1_000_000, -1);
    kept.keep('a', await jsonPiece('1'));
    assert.equal(kept.get('a'), undefined);
    assert.equal(kept.bytes, 0);
  });
});
