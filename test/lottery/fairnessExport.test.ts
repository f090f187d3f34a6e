import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get as httpGet, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { after, before, it } from 'mocha';
import { canonicalJson } from '../../src/verifier/canonicalJson.ts';
import { Replay, type LogItem, type PublishedFairness } from '../../src/draw/replay.ts';
import { FairnessExports } from '../../src/lottery/fairnessExport.ts';
import { lotteryRoutes } from '../../src/lottery/routes.ts';
import { nodeSha256 } from '../../src/lottery/sha256.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { AppError } from '../../src/platform/errors.ts';
import { configureHttp } from '../../src/platform/http/app.ts';
import { API_ROOT } from '../../src/platform/http/route.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';

import { logSearch } from '../support/logs.ts';
import { eventually } from '../support/seat.ts';
import { writeManyRows } from '../support/manyRows.ts';
import { draw, openScene, refused, type Scene } from './scene.ts';

interface Exported {
  fairness: PublishedFairness;
  log: LogItem[];
}

const NOTHING_KEPT = { keptEntries: () => undefined };
const SEED_KEY = Buffer.alloc(32, 7);

forEachDatabase('the fairness export', (open) => {
  let database: Database;
  let scene: Scene;
  let server: Server;
  let origin: string;
  let userId: number;
  before(async () => {
    database = await open();
    scene = await openScene(database, { campaign: { seed_rotation_draws: 20 } });
    userId = await createUser(database, { points: 1_000_000_00 });
    const app = express();
    configureHttp(app, {
      routes: lotteryRoutes({
        database,
        clock: systemClock,
        owners: { draw: () => Promise.reject(new Error()) },
        seedKey: SEED_KEY,
      }),
      identify: () => Promise.reject(new AppError('UNAUTHENTICATED')),
      access: { can: () => false, isAddressAllowed: () => true },
      checkReady: async () => [],
      logger: createLogger('debug', logSearch.destination),
    });
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}${API_ROOT}/lottery/campaigns`;
  });
  after(async () => {
    if (server === undefined) return;
    server.close();
    server.closeAllConnections();
    await scene.campaign.close();
  });

  const ask = (campaignId: number, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${origin}/${campaignId}/fairness-export`, { headers, method });
  const exportOf = async (campaignId: number, headers: Record<string, string> = {}) =>
    ((await (await ask(campaignId, headers)).json()) as { data: Exported }).data;

  it('L-5 is all that is published in one file, each entry on a line of its own, however it is compressed', async () => {
    const { campaign, campaignId } = scene;
    for (let at = 0; at < 6; at++) await draw(campaign, userId, `r${at}`, 10);
    const { data: fairness } = (await (await fetch(`${origin}/${campaignId}/fairness`)).json()) as any;
    const { data: log } = (await (
      await fetch(`${origin}/${campaignId}/fairness-log?limit=1000`)
    ).json()) as any;
    for (const encoding of ['gzip', 'br', 'identity']) {
      const response = await ask(campaignId, { 'Accept-Encoding': encoding });
      const disposition = `attachment; filename="kaijiang-campaign-${campaignId}.json"`;
      assert.equal(response.headers.get('Content-Disposition'), disposition);
      assert.match(response.headers.get('Content-Type') ?? '', /^application\/json/);
      const sent = encoding === 'identity' ? null : encoding;
      assert.equal(response.headers.get('Content-Encoding'), sent);
      const text = await response.text();
      const body = JSON.parse(text) as Record<string, unknown>;
      assert.deepEqual([body['success'], body['request_id']], [true, response.headers.get('X-Request-Id')]);
      assert.deepEqual(body['data'], { fairness, log: log.items });
      const lines = text.split('\n').slice(-1 - log.items.length, -1);
      assert.deepEqual(
        lines.map((line) => JSON.parse(line.replace(/,$/, '')) as unknown),
        log.items,
      );
    }
    const head = await ask(campaignId, {}, 'HEAD');
    assert.deepEqual([head.status, await head.text()], [200, '']);
  });

  it('L-5 a campaign that nobody may see is not there, and one without draws is whole', async () => {
    assert.equal((await ask(999)).status, 404);
    const empty = await openScene(database);
    const { fairness, log } = await exportOf(empty.campaignId);
    assert.deepEqual([fairness.log_length, log.length, fairness.epochs.length], [2, 2, 1]);
    await empty.campaign.close();
  });

  it('L-5 is of one moment, whatever is drawn, rotated and ended while it is made', async () => {
    const { campaign, campaignId } = await openScene(database, { campaign: { seed_rotation_draws: 7 } });
    for (let at = 0; at < 5; at++) await draw(campaign, userId, `a${at}`, 10);
    const exports = new FairnessExports({ database, seedKey: SEED_KEY, kept: NOTHING_KEPT }, 3);
    const before = campaign.pool.chainHead;
    let text = '';
    for await (const piece of exports.make(campaignId, '127.0.0.1')) {
      text += piece.text.toString();
      await draw(campaign, userId, `b${text.length}`, 10);
      await campaign.rotateSeed();
    }
    await campaign.setStatus('ended');
    const { fairness, log } = JSON.parse(text) as Exported;
    assert.equal(fairness.chain_head, before);
    assert.equal(log.length, fairness.log_length);
    assert.equal(fairness.epochs.filter((epoch) => epoch.server_seed === null).length, 1);
    const replay = replayed({ fairness, log });
    assert.equal(replay.counts.draws, 50);
    assert.ok(replay.counts.epochs > 3, 'there is more than one page of epochs');
    const whole = replayed(await exportOf(campaignId));
    assert.equal(whole.counts.draws, whole.counts.rollsRecomputed);
    await campaign.close();
  });

  it('DRAW-7 a node makes so many at once, and is free again when they are made or their client is gone', async () => {
    const { campaignId } = scene;
    const exports = new FairnessExports({ database, seedKey: SEED_KEY, kept: NOTHING_KEPT });
    const begun: AsyncGenerator[] = [];
    for (let at = 0; at < LIMITS.fairnessExports; at++) {
      const made = exports.make(campaignId, `192.0.2.${Math.floor(at / LIMITS.fairnessExportsPerNetwork)}`);
      await made.next();
      begun.push(made);
    }
    await assert.rejects(exports.make(campaignId, '198.51.100.1').next(), refused('BUSY'));
    await begun.pop()!.return(undefined);
    await assert.rejects(exports.make(campaignId, '192.0.2.0').next(), refused('BUSY'));
    for await (const _ of exports.make(campaignId, '198.51.100.1'));
    await assert.rejects(exports.make(999, '198.51.100.1').next(), refused('NOT_FOUND'));
    const again = exports.make(campaignId, '198.51.100.1');
    await again.next();
    begun.push(again);
    for (const made of begun) await made.return(undefined);
    assert.equal(exports['making'].size, 0);
  });

  it('DRAW-7 goes no faster than its client reads, and ends when the client does', async function () {
    this.timeout(60_000);
    const { campaign, campaignId } = await openScene(database);
    await campaign.close();
    await writeManyRows(database, { campaignId, diners: 10, draws: 40_000 });
    let read = 0;
    const { reader } = database;
    const count = reader.findBy.bind(reader);
    reader.findBy = (async (...given: Parameters<typeof count>) => {
      read += 1;
      return count(...given);
    }) as typeof reader.findBy;
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) =>
        httpGet(`${origin}/${campaignId}/fairness-export`, resolve).on('error', reject),
      );
      response.once('readable', () => response.read(1));
      let before = -1;
      await eventually(async () => {
        const now = read;
        await new Promise((resolve) => setTimeout(resolve, 300));
        assert.deepEqual([now > before, read], [true, now]);
        before = now - 1;
      });
      assert.ok(read < 80, `${read} of 80 reads were made for nobody`);
      response.destroy();
      const seen = read;
      await new Promise((resolve) => setTimeout(resolve, 500));
      assert.ok(read <= seen + 2, `${read - seen} reads more`);
    } finally {
      reader.findBy = count;
    }
    assert.equal((await exportOf(campaignId)).log.length, 40_002);
  });

  it('L-5 a file that cannot be finished is no whole JSON', async () => {
    const { campaign, campaignId } = await openScene(database);
    await draw(campaign, userId, 'a', 10);
    await campaign.close();
    const { reader } = database;
    const find = reader.findBy.bind(reader);
    for (const encoding of ['gzip', 'identity']) {
      reader.findBy = () => Promise.reject(new Error('the disk is gone'));
      try {
        const failed = ask(campaignId, { 'Accept-Encoding': encoding }).then((response) => response.text());
        await assert.rejects(failed, /terminated|fetch failed/);
      } finally {
        reader.findBy = find;
      }
    }
  });
});

function replayed({ fairness, log }: Exported): Replay {
  const replay = new Replay(fairness, { sha256: nodeSha256, canonicalJson });
  for (const item of log) replay.apply(item);
  replay.finish();
  return replay;
}
