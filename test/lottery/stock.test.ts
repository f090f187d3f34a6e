import assert from 'node:assert/strict';
import { it } from 'mocha';
import { LotteryCampaign } from '../../entities/lottery/LotteryCampaign.ts';
import { LotteryFairnessEntry } from '../../entities/lottery/LotteryFairnessEntry.ts';
import { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';
import type { Market } from '../../src/draw/market.ts';
import { Campaign, type StockAdjustment } from '../../src/lottery/campaign.ts';
import { claimCampaign, lockOwned, saveOwned, type OwnedChange } from '../../src/lottery/ownership.ts';
import { restock } from '../../src/lottery/restock.ts';
import { changeStockTo, returnStock } from '../../src/lottery/stock.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { Database, Tx } from '../../src/platform/database/transaction.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createCampaign, createUser } from '../support/factories.ts';
import { countStatements } from '../support/statements.ts';
import { assertBooksBalance, draw, openScene, refused, RICH, sureWin } from './scene.ts';

const ACTOR = { userId: 1, ip: '127.0.0.1', requestId: 'restock' };

function restocking(database: Database, market: Market, campaign?: Campaign) {
  const owners = {
    adjustStock: (_key: unknown, change: StockAdjustment) =>
      campaign?.adjustStock(change) ?? Promise.reject(new Error('A draft has no owner')),
  };
  return (prizeId: number, delta: number, key?: string) =>
    restock({ database, clock: systemClock, owners, market }, { prizeId, delta, actor: ACTOR, key });
}

const stockOf = async (database: Database, prizeId: number) => {
  const prize = await database.currentReader.findOneByOrFail(LotteryPrize, { prize_id: prizeId });
  return [prize.remaining_quantity, prize.total_quantity];
};

/** A change of the owner, as `Campaign` makes it, of a campaign that no room has. */
async function owning(
  database: Database,
  campaignId: number,
  work: (tx: Tx, change: OwnedChange) => Promise<void>,
): Promise<void> {
  const claim = { campaignId, seedKey: Buffer.alloc(32, 7), nowMs: Date.now() };
  const { ownerEpoch } = await database.transaction((tx) => claimCampaign(tx, claim));
  await database.transaction((tx) => work(tx, { ...claim, ownerEpoch }));
}

const entriesOf = async (database: Database) =>
  (
    await database.currentReader.find(LotteryFairnessEntry, {
      where: { kind: 'stock' },
      order: { log_no: 'ASC' },
    })
  ).map(({ payload }) => Object.values(JSON.parse(payload) as object));

forEachDatabase('the stock of prizes', (open) => {
  it('RL-6 a draft’s is changed without an owner, once per key, and its document has another version', async () => {
    const database = await open();
    const { campaignId, prizeIds } = await createCampaign(database, {
      campaign: { status: 'draft' },
      prizes: [{ total_quantity: 10 }, { total_quantity: null }],
    });
    const [limited, unlimited] = prizeIds as [number, number];
    const change = restocking(database, 'CN');
    assert.deepEqual(await change(limited, 5, 'a'), { result: 15, replayed: false });
    assert.deepEqual(await change(limited, 5, 'a'), { result: 15, replayed: true });
    assert.deepEqual(await change(limited, -12, 'b'), { result: 3, replayed: false });
    await assert.rejects(change(limited, -4), refused('CONFLICT'));
    await assert.rejects(change(limited, 5, 'b'), refused('IDEMPOTENCY_KEY_REUSED'));
    await assert.rejects(change(unlimited, 1), refused('CONFLICT'));
    await assert.rejects(change(99_999, 1), refused('NOT_FOUND'));
    assert.deepEqual(await stockOf(database, limited), [3, 3]);
    const campaign = await database.reader.findOneByOrFail(LotteryCampaign, { campaign_id: campaignId });
    assert.deepEqual([campaign.version, campaign.log_no], [3, 0]);
    // The key is the same key for its owner, who answers it from now on.
    await database.transaction((tx) => tx.manager.update(LotteryCampaign, campaignId, { status: 'active' }));
    const services = (await openScene(await open(), sureWin(1))).services;
    const owner = await Campaign.open({ ...services, database }, campaignId);
    const published = restocking(database, 'CN', owner);
    assert.deepEqual(await published(limited, 5, 'a'), { result: 15, replayed: true });
    assert.deepEqual(await stockOf(database, limited), [3, 3]);
    assert.deepEqual(await entriesOf(database), []);
    await owner.close();
  });

  it('RL-1 RL-6 what is published is not made less in the market CN, and never less than what is won', async () => {
    const { database, campaign, prizeIds } = await openScene(await open(), sureWin(5));
    const prizeId = prizeIds[0]!;
    const userId = await createUser(database, RICH);
    await draw(campaign, userId, 'a', 3);
    const isMarket = (error: unknown) =>
      refused('CONFLICT')(error) && (error as { details: { reason: string } }).details.reason === 'market';
    await assert.rejects(restocking(database, 'CN', campaign)(prizeId, -1), isMarket);
    assert.deepEqual((await restocking(database, 'CN', campaign)(prizeId, 1)).result, 3);
    const change = restocking(database, 'none', campaign);
    await assert.rejects(change(prizeId, -4), refused('CONFLICT'));
    assert.equal((await change(prizeId, -3)).result, 0);
    assert.deepEqual(await stockOf(database, prizeId), [0, 3]);
    assert.equal((await draw(campaign, userId, 'b')).draws[0]!.prize, null);
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('RL-9 DB-6 what comes back is there again: total and remaining grow, by as many statements for few prizes as for many', async () => {
    const database = await open();
    const counted = countStatements(database);
    const statements: number[] = [];
    for (const count of [2, 40]) {
      const prizes = Array.from({ length: count }, (_, at) => ({
        total_quantity: at === 0 ? null : 10,
        win_probability: 1,
      }));
      const { campaignId, prizeIds } = await createCampaign(database, { prizes });
      const counts = new Map(prizeIds.map((prizeId) => [prizeId, 2]));
      await owning(database, campaignId, async (tx, change) => {
        counted.take();
        await returnStock(tx, change, counts);
        statements.push(counted.take());
      });
      assert.deepEqual(await stockOf(database, prizeIds[0]!), [null, null]);
      for (const prizeId of prizeIds.slice(1)) assert.deepEqual(await stockOf(database, prizeId), [12, 12]);
    }
    assert.equal(statements[0], statements[1]);
    assert.equal((await entriesOf(database)).length, 1 + 39);
    await assertBooksBalance(database);
  });

  it('RL-6 other totals: entries where a prize is limited before and after, and nothing below what is won', async () => {
    const scene = await openScene(await open(), {
      campaign: { guarantee_threshold: null },
      prizes: [
        { prize_type: 'coupon', win_probability: 100_000_000, total_quantity: 10 },
        { prize_type: 'virtual', win_probability: 0, total_quantity: 4 },
        { prize_type: 'virtual', win_probability: 0, total_quantity: null },
      ],
    });
    const { database, campaignId, prizeIds } = scene;
    await draw(scene.campaign, await createUser(database, RICH), 'a', 4);
    await scene.campaign.close();
    const setTotals = (totals: (number | null)[]) =>
      owning(database, campaignId, async (tx, change) => {
        const campaign = await lockOwned(tx, change);
        const prizes = await tx.manager.find(LotteryPrize, { order: { prize_id: 'ASC' } });
        const wanted = prizes.map((prize, at) => ({ prize, total: totals[at]! }));
        await changeStockTo(tx, { campaign, nowMs: change.nowMs }, wanted);
        await saveOwned(tx, campaign, change.nowMs);
      });
    await assert.rejects(setTotals([3, 4, null]), refused('CONFLICT'));
    await setTotals([12, 4, null]);
    assert.deepEqual(await stockOf(database, prizeIds[0]!), [8, 12]);
    assert.deepEqual(await entriesOf(database), [[prizeIds[0], 2, 8]]);
    await assertBooksBalance(database);
    // The configuration that follows tells of these.
    await setTotals([12, null, 5]);
    assert.deepEqual(await stockOf(database, prizeIds[1]!), [null, null]);
    assert.deepEqual(await stockOf(database, prizeIds[2]!), [5, 5]);
    assert.equal((await entriesOf(database)).length, 1);
  });
});
