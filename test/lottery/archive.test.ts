import assert from 'node:assert/strict';
import { LotteryDraw } from '../../entities/lottery/LotteryDraw.ts';
import { LotteryDrawPack } from '../../entities/lottery/LotteryDrawPack.ts';
import { verifyLog } from '../../src/verifier/verifyLog.ts';
import { ExportedLog } from '../../src/verifier/exportedLog.ts';
import { canonicalJson } from '../../src/verifier/canonicalJson.ts';
import { checkProof, readProofFile } from '../../src/verifier/checkProof.ts';
import { PackError } from '../../src/lottery/archive/drawPack.ts';
import { refusalOf } from '../../src/lottery/archive/archiveDraws.ts';
import { packNext } from '../../src/lottery/archive/packDraws.ts';
import { countDraws } from '../../src/lottery/countDraws.ts';
import { drawIdOf } from '../../src/lottery/drawIds.ts';
import { exportDraws } from '../../src/lottery/exportDraws.ts';
import { FairnessExports } from '../../src/lottery/fairnessExport.ts';
import { readProof } from '../../src/lottery/fairnessLog.ts';
import { listDraws } from '../../src/lottery/history.ts';
import { listAllDraws, type DrawFilter, type ListedDraw } from '../../src/lottery/listedDraws.ts';
import { nodeSha256 } from '../../src/lottery/sha256.ts';
import { readRecentWinners } from '../../src/lottery/standings.ts';
import { readUncountedDraws } from '../../src/lottery/statistics/uncountedDraws.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { endCampaigns, LATER, packAll } from '../books/packedBooks.ts';
import { openCampaign, SEED_KEY } from '../books/playedBooks.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createCampaign, createUser } from '../support/factories.ts';

const DELAY_MS = 60_000;
const DAY_MS = 86_400_000;
const TOOLS = { sha256: nodeSha256, canonicalJson };
const NOTHING_KEPT = { keptEntries: () => undefined };

forEachDatabase('draws in packs', (open) => {
  let database: Database;
  let over: number[];
  let running: number;
  let userIds: number[];
  let tester: number;

  const drawIn = async (campaignId: number, round: number) => {
    const campaign = await openCampaign(database, campaignId);
    const requests = [...userIds, tester].flatMap((userId) =>
      [1, 10, 3].map((draw_count, at) =>
        campaign.draw({ userId }, { request_id: `r-${round}-${at}`, draw_count, client_seed: `s${userId}` }),
      ),
    );
    await Promise.all(requests);
    await campaign.close();
  };

  before(async function () {
    this.timeout(DELAY_MS);
    database = await open();
    userIds = [];
    for (let user = 0; user < 4; user++) userIds.push(await createUser(database, { points: 1_000_000_00 }));
    tester = await createUser(database, { points: 1_000_000_00 });
    await database.transaction((tx) =>
      tx.execute('UPDATE users SET is_test = 1 WHERE user_id = ?', [tester]),
    );
    const create = async () => {
      const prizes = [
        { prize_type: 'coupon' as const, total_quantity: 500, win_probability: 30_000_000 },
        {
          prize_type: 'points' as const,
          prize_value: 5_00,
          total_quantity: 500,
          win_probability: 20_000_000,
        },
      ];
      const campaign = { seed_rotation_draws: 30 };
      return (await createCampaign(database, { campaign, prizes })).campaignId;
    };
    over = [await create(), await create()];
    running = await create();
    // In turns, so that draws of the one that goes on are older than some of those that are over.
    for (let round = 0; round < 3; round++) {
      for (const campaignId of [over[0]!, running, over[1]!]) await drawIn(campaignId, round);
    }
    await endCampaigns(database, over);
  });

  /** All that anybody may read of draws. */
  const readAll = async () => {
    const all: Record<string, unknown> = {};
    const draws = await database.currentReader.find(LotteryDraw, { order: { draw_id: 'ASC' } });
    for (const campaignId of [...over, running]) {
      const exports = new FairnessExports({ database, seedKey: SEED_KEY, kept: NOTHING_KEPT });
      let text = '';
      for await (const piece of exports.make(campaignId, '127.0.0.1')) text += piece.text.toString();
      all[`log of ${campaignId}`] = JSON.parse(text);
      for (let no = 1; no <= 210; no++)
        all[`proof ${campaignId}/${no}`] = await readProof(database, drawIdOf(campaignId, no), SEED_KEY);
      const campaign = await openCampaign(database, campaignId);
      const winners = await readRecentWinners(database, campaign.pool);
      all[`winners of ${campaignId}`] = winners;
      await campaign.close();
      all[`list of ${campaignId}`] = await walk({ campaignId, limit: 17 });
      all[`winning list of ${campaignId}`] = await walk({ campaignId, isWinner: true, limit: 17 });
    }
    all['list'] = await walk({ limit: 40 });
    for (const userId of [...userIds, tester]) {
      all[`list of user ${userId}`] = await walk({ userId, limit: 17 });
      all[`export of ${userId}`] = await exportDraws(database, userId, 1000);
      all[`ever ${userId}`] = await countDraws(database.currentReader, {
        userId,
        sinceMs: undefined,
        most: 1000,
      });
      for (const campaignId of [undefined, ...over]) {
        const pages = [1, 2, 3, 9].map((page) =>
          listDraws(database, { userId, campaignId, page, limit: 13 }),
        );
        all[`pages of ${userId} in ${campaignId}`] = await Promise.all(pages);
      }
    }
    const uncounted = await readUncountedDraws(database, { fromMs: Date.now() - DAY_MS, toMs: Date.now() });
    all['uncounted'] = uncounted.reduce((sum, of) => sum + of.draws, 0);
    return { all, rows: draws.length };
  };

  const walk = async (filter: DrawFilter): Promise<ListedDraw[]> => {
    const items: ListedDraw[] = [];
    for (let before = filter.before; ;) {
      const page = await listAllDraws(database, { ...filter, before });
      items.push(...page.items);
      if (page.next === undefined) return items;
      before = page.next;
    }
  };

  it('RO-6 whatever is read of draws is the same once they are in packs', async function () {
    this.timeout(DELAY_MS);
    const before = await readAll();
    assert.equal(before.rows, 3 * 210);
    assert.equal(before.all['uncounted'], 3 * 42);
    await packAll(database, 20);
    assert.ok((await database.currentReader.count(LotteryDrawPack)) >= 12);
    const after = await readAll();
    assert.equal(after.rows, 210, 'the campaign that goes on keeps its rows');
    for (const [what, read] of Object.entries(before.all)) assert.deepEqual(after.all[what], read, what);
  });

  it('RO-6 a proof of a draw in a pack is valid, and the log of its campaign verifies', async () => {
    const proof = await readProof(database, drawIdOf(over[0]!, 57), SEED_KEY);
    const checked = checkProof(readProofFile(JSON.stringify({ data: proof })), TOOLS);
    assert.equal(checked.verdict, 'valid');
    const exports = new FairnessExports({ database, seedKey: SEED_KEY, kept: NOTHING_KEPT });
    const pieces: Uint8Array[] = [];
    for await (const piece of exports.make(over[0]!, '127.0.0.1')) pieces.push(piece.text);
    const lines: string[] = [];
    const file = { name: 'export', chunks: () => chunksOf(pieces) };
    const verdict = await verifyLog(new ExportedLog(file), TOOLS, (line) => lines.push(line));
    assert.equal(verdict, 0, lines.join('\n'));
    assert.match(lines[0]!, /210 draws/);
  });

  it('RO-6 whoever packs again finds nothing to do, and a campaign that goes on is not packed', async () => {
    const before = await database.currentReader.count(LotteryDrawPack);
    assert.deepEqual(await packAll(database), []);
    const asked = { campaignId: running, endedBeforeMs: Date.now() + DAY_MS };
    assert.equal(await packNext({ database, clock: LATER }, asked), 0);
    assert.equal(await database.currentReader.count(LotteryDrawPack), before);
  });

  it('RO-6 a pack that is damaged is an error, and no draw of another one', async () => {
    const [pack] = await database.currentReader.find(LotteryDrawPack, {
      where: { campaign_id: over[0]!, first_draw_no: 1 },
    });
    const write = (content: Buffer) =>
      database.transaction((tx) =>
        tx.manager.update(LotteryDrawPack, { campaign_id: over[0]!, first_draw_no: 1 }, { content }),
      );
    const damaged = Buffer.from(pack!.content);
    damaged[30]! ^= 1;
    await write(damaged);
    await assert.rejects(readProof(database, drawIdOf(over[0]!, 3), SEED_KEY), PackError);
    await write(pack!.content);
    assert.equal((await readProof(database, drawIdOf(over[0]!, 3), SEED_KEY)).draw_no, 3);
  });

  it('RO-6 draws of a running campaign go on while others are packed, and two who pack lose and double nothing', async function () {
    this.timeout(DELAY_MS);
    const { campaignId } = await createCampaign(database, { prizes: [] });
    const ending = await openCampaign(database, campaignId);
    for (let at = 0; at < 150; at++)
      await ending.draw({ userId: userIds[at % 4]! }, { request_id: `e${at}`, draw_count: 10 });
    await ending.close();
    await endCampaigns(database, [campaignId]);
    const campaign = await openCampaign(database, running);
    let isPacking = true;
    let drawn = 0;
    let slowestMs = 0;
    const draws = (async () => {
      while (isPacking) {
        const beganMs = performance.now();
        await campaign.draw({ userId: userIds[0]! }, { request_id: `beside-${drawn}`, draw_count: 1 });
        slowestMs = Math.max(slowestMs, performance.now() - beganMs);
        drawn += 1;
      }
    })();
    const both = await Promise.all([packAll(database, 10), packAll(database, 10)]);
    isPacking = false;
    await draws;
    await campaign.close();
    const packed = both.flat().reduce((sum, one) => sum + one.packed, 0);
    assert.equal(packed, 1500);
    assert.ok(drawn > 50, `${drawn} draws were made meanwhile`);
    assert.ok(slowestMs < 1000, `one took ${slowestMs} ms`);
    const { total } = await listDraws(database, { userId: userIds[1]!, campaignId, page: 1, limit: 10 });
    assert.equal(total, 380);
    const { items } = await listDraws(database, { userId: userIds[1]!, campaignId, page: 1, limit: 1000 });
    assert.equal(new Set(items.map((item) => item.draw_id)).size, 380);
  });
});

describe('archiving', () => {
  it('RO-6 refuses what is younger than the legal hold, or than the time that draws are looked at', () => {
    const nowMs = Date.parse('2026-06-01T00:00:00Z');
    const ask = (beforeDays: number, holdDays: number) =>
      refusalOf(nowMs - beforeDays * DAY_MS, { nowMs, holdDays });
    assert.equal(ask(100, 0), undefined);
    assert.equal(
      ask(99, 0),
      'LEGAL_HOLD: draws stay in their table for 100 days: --before 2026-02-21 is the latest',
    );
    assert.equal(ask(365, 365), undefined);
    assert.equal(
      ask(364, 365),
      'LEGAL_HOLD: LEGAL_HOLD_DAYS keeps everything for 365 days as it is: --before 2025-06-01 is the latest',
    );
  });
});

async function* chunksOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}
