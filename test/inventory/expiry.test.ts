import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, before, it } from 'mocha';
import type { Database } from '../../src/platform/database/transaction.ts';
import { LotteryFairnessEntry } from '../../entities/lottery/LotteryFairnessEntry.ts';
import { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import { claimItem } from '../../src/inventory/claim.ts';
import { ItemCodes } from '../../src/inventory/codes.ts';
import { expireDueItems } from '../../src/inventory/expiry.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { assertBooksBalance, draw, openScene, refused, RICH, sureWin, type Scene } from '../lottery/scene.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { logSearch } from '../support/logs.ts';
import { countStatements } from '../support/statements.ts';

const CODES = new ItemCodes(Buffer.alloc(32, 7), () => assert.fail('no pool is used here'));
const logger = createLogger('debug', logSearch.destination);

forEachDatabase('the end of won items', (open) => {
  let database: Database;
  let scene: Scene;
  let userId: number;
  let requests = 0;
  const openWith = async (stock: number | null, terms: object) => {
    const { campaign, prizes } = sureWin(stock);
    scene = await openScene(database, {
      campaign: { ...campaign, cost_per_draw: 100, ...terms },
      prizes: prizes!,
    });
    userId = await createUser(database, RICH);
  };
  const win = async (count: number) => {
    for (let won = 0; won < count; won += 10)
      await draw(scene.campaign, userId, `r${++requests}`, Math.min(10, count - won));
    return database.currentReader.find(UserInventory, {
      where: { campaign_id: scene.campaignId },
      order: { inventory_id: 'ASC' },
    });
  };
  const expire = () =>
    expireDueItems({
      ...{ database, clock: scene.clock, logger },
      owners: { expirePrizes: (_campaign, { itemIds }) => scene.campaign.expirePrizes(itemIds) },
    });
  const counts = async () => {
    const rows = await database.readCurrent<{ status: string; n: number | string }>(
      'SELECT status, COUNT(*) AS n FROM user_inventories WHERE campaign_id = ? GROUP BY status',
      [scene.campaignId],
    );
    return Object.fromEntries(rows.map(({ status, n }) => [status, Number(n)]));
  };
  const prize = () => database.currentReader.findOneByOrFail(LotteryPrize, { prize_id: scene.prizeIds[0]! });
  const claim = (drawId: number, nowMs: number) =>
    database.retryingTransaction((tx) => claimItem(tx, CODES, { userId, drawId, address: undefined }, nowMs));
  const returns = () =>
    database.currentReader.countBy(LotteryFairnessEntry, {
      campaign_id: scene.campaignId,
      kind: 'stock',
    });

  before('opens', async () => {
    database = await open();
  });
  afterEach('closes', () => scene?.campaign.close());

  it('L-9 L-11 what nobody has claimed ends at its time, and its stock is drawn again', async () => {
    await openWith(30, { claim_days: 0, return_unclaimed: true });
    const [first, ...rest] = await win(20);
    const endMs = first!.expires_at!.getTime();
    await claim(first!.draw_id!, scene.clock.nowMs());
    scene.clock.set(endMs - 1);
    await expire();
    assert.deepEqual(await counts(), { claimed: 1, unclaimed: 19 });
    scene.clock.set(endMs);
    await expire();
    await expire();
    assert.deepEqual(await counts(), { claimed: 1, expired: 19 });
    const { total_quantity, remaining_quantity, won_quantity } = await prize();
    assert.deepEqual([total_quantity, remaining_quantity, won_quantity], [49, 29, 20]);
    assert.equal(scene.campaign.pool.stock.get(scene.prizeIds[0]!), 29);
    assert.equal(await returns(), 1);
    await assert.rejects(claim(rest[0]!.draw_id!, endMs), refused('PRIZE_EXPIRED'));
    // They are won anew, and end anew.
    await win(29);
    assert.equal((await prize()).remaining_quantity, 0);
    const [events] = await database.readCurrent<{ n: number | string }>(
      `SELECT COUNT(*) AS n FROM business_events WHERE event_type = 'lottery:prize_expired'
       AND event_data LIKE ?`,
      [`%"campaign_id":${scene.campaignId},%`],
    );
    assert.equal(Number(events!.n), 19);
    await assertBooksBalance(database);
  });

  for (const [why, terms, stock] of [
    ['the campaign keeps it', { claim_days: 0 }, 30],
    ['there is no end to it', { claim_days: 0, return_unclaimed: true }, null],
  ] as const)
    it(`L-9 stock does not come back where ${why}`, async () => {
      await openWith(stock, terms);
      await win(10);
      scene.clock.advance(2 * 86_400_000);
      const before = await prize();
      await expire();
      assert.deepEqual(await counts(), { expired: 10 });
      assert.deepEqual((await prize()).remaining_quantity, before.remaining_quantity);
      assert.equal(await returns(), 0);
      await assertBooksBalance(database);
    });

  it('L-9 items of a campaign that has ended end too, and no stock comes back', async () => {
    await openWith(30, { claim_days: 0, return_unclaimed: true });
    await win(10);
    await scene.campaign.setStatus('ended');
    scene.clock.advance(2 * 86_400_000);
    await expire();
    assert.deepEqual(await counts(), { expired: 10 });
    assert.equal((await prize()).remaining_quantity, 20);
    await assertBooksBalance(database);
  });

  it('L-9 items without an end have none, however late it is', async () => {
    await openWith(30, {});
    await win(3);
    scene.clock.advance(3650 * 86_400_000);
    await expire();
    assert.deepEqual(await counts(), { unclaimed: 3 });
  });

  it('L-9 a clock that is set back brings nothing back, and one that is set forward ends what is due by it', async () => {
    await openWith(30, { claim_days: 0, return_unclaimed: true });
    const [first, second] = await win(2);
    const endMs = first!.expires_at!.getTime();
    scene.clock.step(endMs - scene.clock.nowMs());
    await scene.campaign.expirePrizes([first!.inventory_id]);
    scene.clock.step(-3_600_000);
    await expire();
    assert.deepEqual(await counts(), { expired: 1, unclaimed: 1 });
    await assert.rejects(claim(first!.draw_id!, scene.clock.nowMs()), refused('PRIZE_EXPIRED'));
    await claim(second!.draw_id!, scene.clock.nowMs());
    scene.clock.step(3_600_000);
    await expire();
    assert.deepEqual(await counts(), { claimed: 1, expired: 1 });
    await assertBooksBalance(database);
  });

  it('RL-9 an owner ends neither the items of another campaign nor what is not due by its own clock', async () => {
    await openWith(30, { claim_days: 0, return_unclaimed: true });
    const others = await win(2);
    await scene.campaign.close();
    await openWith(30, { claim_days: 0, return_unclaimed: true });
    const own = await win(2);
    const all = [...others, ...own].map(({ inventory_id: id }) => id);
    assert.equal(await scene.campaign.expirePrizes(all), 0, 'nothing is due');
    scene.clock.set(own[0]!.expires_at!.getTime());
    assert.equal(await scene.campaign.expirePrizes(all), 2);
    assert.deepEqual(await counts(), { expired: 2 });
    await assertBooksBalance(database);
  });

  it('DB-6 how many statements it takes does not grow with the items', async () => {
    await openWith(200, { claim_days: 0, return_unclaimed: true });
    const items = await win(60);
    scene.clock.advance(86_400_000);
    const statements = countStatements(database);
    const taken = async (count: number) => {
      const ids = items.splice(0, count).map(({ inventory_id: id }) => id);
      statements.take();
      await scene.campaign.expirePrizes(ids);
      return statements.take();
    };
    assert.equal(await taken(50), await taken(2));
  });

  it('RL-9 claim and end at one moment end in exactly one of both, and stock comes back once, 1,000 times', async function () {
    this.timeout(180_000);
    const RACES = 1000;
    const AT_ONCE = 20;
    await openWith(RACES, { claim_days: 0, return_unclaimed: true });
    const items = await win(RACES);
    const endMs = items[0]!.expires_at!.getTime();
    scene.clock.set(endMs);
    let claimed = 0;
    let expired = 0;
    for (let from = 0; from < RACES; from += AT_ONCE) {
      const racing = items.slice(from, from + AT_ONCE);
      const ids = racing.map(({ inventory_id: id }) => id);
      const ending = () => [scene.campaign.expirePrizes(ids), scene.campaign.expirePrizes(ids)];
      // They come one after the other, while the items end.
      const claims = racing.map(async ({ draw_id: drawId }, at) => {
        for (let turns = 0; turns < at; turns++) await turn();
        await claim(drawId!, endMs - 1);
      });
      const ends = ending();
      for (const result of await Promise.allSettled(claims)) {
        if (result.status === 'fulfilled') claimed += 1;
        else assert.ok(refused('PRIZE_EXPIRED')(result.reason), String(result.reason));
      }
      for (const count of await Promise.all(ends)) expired += count;
    }
    assert.equal(claimed + expired, RACES);
    assert.ok(claimed > 0 && expired > 0, `${claimed} claimed, ${expired} expired`);
    assert.deepEqual(await counts(), { claimed, expired });
    const { remaining_quantity, total_quantity } = await prize();
    assert.deepEqual([remaining_quantity, total_quantity], [expired, RACES + expired]);
    await assertBooksBalance(database);
  });
});
