import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { verify } from '../../src/books/verify.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { AppError } from '../../src/platform/errors.ts';
import { configureHttp } from '../../src/platform/http/app.ts';
import { API_ROOT } from '../../src/platform/http/route.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { logSearch } from '../support/logs.ts';
import type { Campaign } from '../../src/lottery/campaign.ts';
import type { CampaignOwners } from '../../src/lottery/ownerCalls.ts';
import { lotteryRoutes } from '../../src/lottery/routes.ts';
import { configOf, prizeOf } from '../draw/configs.ts';
import { forEachDatabase } from '../support/databases.ts';
import { openCampaign, playBooks, SEED_KEY } from '../books/playedBooks.ts';
import { CAMPAIGN_ID, chained, LogWriter, type Published } from '../books/publishedLogs.ts';

const DELAY_MS = 60_000;

async function listen(handler: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function stop(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}

async function run(url: string, campaignId: number): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  const code = await verify({ campaignId, url }, (line) => lines.push(line));
  return { code, lines };
}

forEachDatabase('verify', (open) => {
  let database: Database;
  let campaign: Campaign;
  let campaignIds: number[];
  let server: Server;
  let url: string;

  before(async function () {
    this.timeout(DELAY_MS);
    database = await open();
    campaignIds = await playBooks(database);
    campaign = await openCampaign(database, campaignIds[0]!);
    const app = express();
    const draw: CampaignOwners['draw'] = (_campaignId, { diner, message }) => campaign.draw(diner, message);
    const routes = lotteryRoutes({ database, clock: systemClock, owners: { draw }, seedKey: SEED_KEY });
    const identify = async () => {
      throw new AppError('UNAUTHENTICATED');
    };
    configureHttp(app, {
      routes,
      identify,
      access: { can: () => false, isAddressAllowed: () => true },
      checkReady: async () => [],
      logger: createLogger('debug', logSearch.destination),
    });
    ({ server, url } = await listen(app));
  });
  after(async () => {
    // Without its database the suite was skipped and nothing was started.
    if (campaign === undefined) return;
    await stop(server);
    await campaign.close();
  });

  it('L-5 agrees with real draws, as their routes publish them', async () => {
    assert.deepEqual(await run(url, campaignIds[0]!), {
      code: 0,
      lines: ['campaign 1: 104 draws in 2 epochs agree (65 rolls recomputed, 39 await their seed)', 'agrees'],
    });
    assert.equal((await run(`${url}/`, campaignIds[1]!)).code, 0);
  });

  it('L-5 recomputes the last rolls once the campaign has ended', async () => {
    await campaign.setStatus('ended');
    const { code, lines } = await run(url, campaignIds[0]!);
    assert.equal(
      lines[0],
      'campaign 1: 104 draws in 2 epochs agree (104 rolls recomputed, 0 await their seed)',
    );
    assert.equal(code, 0);
  });

  it('L-5 finds a stored draw that was changed', async () => {
    await database.transaction((tx) =>
      tx.execute('UPDATE lottery_draws SET roll = 0 WHERE campaign_id = ? AND draw_no = 30', [
        campaignIds[1],
      ]),
    );
    const { code, lines } = await run(url, campaignIds[1]!);
    assert.match(lines[0] ?? '', /^campaign 2: log_no 3[23]: \w+: expected .+, published .+$/);
    assert.equal(code, 1);
  });

  it('a campaign that is not there exits 2', async () => {
    const { code, lines } = await run(url, 999);
    assert.match(lines[0] ?? '', /answers 404 NOT_FOUND$/);
    assert.equal(code, 2);
  });
});

describe('verify', () => {
  const config = configOf({ prizes: [prizeOf({ prize_id: 1, p: 20_000_000 })] });

  function play(draws: number): Published {
    const log = new LogWriter().rotate().publish(config);
    for (let draw = 1; draw <= draws; draw++) log.draw(1 + (draw % 7));
    return log.published();
  }

  /** Runs against a server that publishes the log, in pages, and more fields than the format has. */
  async function runOn(
    { fairness, items }: Published,
    epochsPerPage = 1000,
  ): Promise<{ code: number; lines: string[] }> {
    const { server, url } = await listen((request, response) => {
      const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
      assert.equal(request.headers.authorization, undefined);
      const after = Number(searchParams.get('after'));
      const page = items.slice(after, after + Math.min(1000, Number(searchParams.get('limit'))));
      const data = pathname.endsWith('/fairness')
        ? { ...pageOf(fairness, Number(searchParams.get('after_epoch')), epochsPerPage), more: 1 }
        : { items: page.map((item) => ({ ...item, more: 1 })) };
      assert.ok(pathname.startsWith(`${API_ROOT}/lottery/campaigns/${CAMPAIGN_ID}/fairness`));
      response.end(JSON.stringify({ success: true, code: 'OK', message: '', data }));
    });
    try {
      return await run(url, CAMPAIGN_ID);
    } finally {
      await stop(server);
    }
  }

  /** Before the last page the log is told as it was at some other moment. */
  function pageOf(fairness: Published['fairness'], after: number, limit: number): object {
    const epochs = fairness.epochs.slice(after, after + limit);
    const next = after + limit;
    if (next >= fairness.epochs.length) return { ...fairness, epochs };
    return { ...fairness, epochs, log_length: 1, chain_head: '0'.repeat(64), next_after_epoch: next };
  }

  it('reads all pages of epochs', async () => {
    const log = new LogWriter().rotate().publish(config);
    for (let epoch = 1; epoch <= 6; epoch++) {
      for (let draw = 1; draw <= 5; draw++) log.draw(draw);
      log.rotate();
    }
    const { code, lines } = await runOn(log.published(), 3);
    const summary = 'campaign 7: 30 draws in 7 epochs agree (30 rolls recomputed, 0 await their seed)';
    assert.deepEqual([lines, code], [[summary, 'agrees'], 0]);
  });

  it('reads all pages and ignores additions', async () => {
    const { code, lines } = await runOn(play(2500));
    const summary = 'campaign 7: 2,500 draws in 1 epochs agree (0 rolls recomputed, 2,500 await their seed)';
    assert.deepEqual(lines, [summary, 'agrees']);
    assert.equal(code, 0);
  });

  it('leaves out what was appended after the summary was read', async () => {
    const published = play(20);
    const earlier = chained({ fairness: published.fairness, items: published.items.slice(0, 12) }).fairness;
    assert.equal((await runOn({ fairness: earlier, items: published.items })).code, 0);
  });

  it('a log that ends early is a difference', async () => {
    const published = play(20);
    const { code, lines } = await runOn({ ...published, items: published.items.slice(0, 12) });
    assert.deepEqual(lines, ['campaign 7: log_length: expected 12, published 22']);
    assert.equal(code, 1);
  });

  it('an entry in another format is a difference, by its log_no', async () => {
    const published = play(20);
    const items = published.items.map((item) =>
      item.log_no === 5 ? { ...item, roll: '12' as unknown as number } : item,
    );
    const { code, lines } = await runOn({ ...published, items });
    assert.match(lines[0] ?? '', /^campaign 7: log_no 5: roll: expected .*number.*, published 12$/);
    assert.equal(code, 1);
  });

  it('says in one line that no server answers, and exits 2', async () => {
    const { code, lines } = await run('http://127.0.0.1:1', 1);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /^no server answers at http:\/\/127\.0\.0\.1:1\//);
    assert.equal(code, 2);
  });

  it('comes back later when the server asks for it, and gives up in the end on other answers', async () => {
    let asked = 0;
    const { server, url } = await listen((_request, response) => {
      response.statusCode = asked++ === 0 ? 503 : 418;
      response.setHeader('Retry-After', '1');
      response.end('busy');
    });
    try {
      const { code, lines } = await run(url, 1);
      assert.equal(asked, 2);
      assert.match(lines[0] ?? '', /answers 418 and no JSON/);
      assert.equal(code, 2);
    } finally {
      await stop(server);
    }
  });
});
