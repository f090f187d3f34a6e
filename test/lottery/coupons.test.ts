import assert from 'node:assert/strict';
import { it } from 'mocha';
import { AdminAuditLog } from '../../entities/admin/AdminAuditLog.ts';
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import { LotteryCoupon } from '../../entities/lottery/LotteryCoupon.ts';
import { LotteryFairnessEntry } from '../../entities/lottery/LotteryFairnessEntry.ts';
import { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';
import { BusinessEvent } from '../../entities/platform/BusinessEvent.ts';
import { AppError } from '../../src/platform/errors.ts';
import { Campaign } from '../../src/lottery/campaign.ts';
import { listPrizes } from '../../src/lottery/campaigns.ts';
import { couponCodeOf, findCoupons } from '../../src/lottery/coupons/coupons.ts';
import { uploadCoupons } from '../../src/lottery/coupons/uploadCoupons.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createCampaign, createUser, type CampaignOverrides } from '../support/factories.ts';
import { assertBooksBalance, draw, openScene, refused, RICH, type Scene } from './scene.ts';

const ACTOR = { userId: 1, ip: '127.0.0.1', requestId: 'upload' };
const SEED_KEY = Buffer.alloc(32, 7);

/** In a database of its own: every draw wins prize 1, a coupon, as long as there is one, and else prize 2. */
const pool = (stock: number | null): CampaignOverrides => ({
  campaign: { guarantee_threshold: null },
  prizes: [
    {
      prize_type: 'coupon',
      win_probability: 100_000_000,
      total_quantity: stock,
      code_source: 'pool',
      fallback_prize_id: 2,
    },
    { prize_type: 'points', prize_value: 1_00, win_probability: 0, total_quantity: null },
  ],
});

const codes = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `C-${from + at}`);

/** As the route does, with the owner in this process. */
function upload({ database, clock, campaign }: Scene, given: readonly string[]) {
  const owners = {
    addCoupons: (_key: number | string, coupons: Parameters<Campaign['addCoupons']>[0]) =>
      campaign.addCoupons(coupons),
  };
  return uploadCoupons(
    { database, clock, seedKey: SEED_KEY, owners },
    { prizeId: 1, codes: given, actor: ACTOR },
  );
}

/** The prizes that so many draws win. */
async function prizesOf({ campaign }: Scene, userId: number, requestId: string, count: number) {
  const { draws } = await draw(campaign, userId, requestId, count);
  return draws.map(({ prize }) => prize?.prize_id);
}

async function givenCodes({ database }: Scene): Promise<string[]> {
  const items = await database.reader.find(UserInventory, { order: { draw_id: 'ASC' } });
  return Promise.all(
    items.map(({ prize_id, coupon_no }) =>
      couponCodeOf(database.reader, { prizeId: prize_id!, couponNo: coupon_no! }, SEED_KEY),
    ),
  );
}

async function stockEntries({ database }: Scene): Promise<unknown[]> {
  const entries = await database.reader.find(LotteryFairnessEntry, {
    where: { kind: 'stock' },
    order: { log_no: 'ASC' },
  });
  return entries.map(({ payload }) => JSON.parse(payload) as unknown);
}

async function lowStock({ database }: Scene): Promise<unknown[]> {
  const events = await database.reader.find(BusinessEvent, {
    where: { event_type: 'lottery:stock_low' },
    order: { event_id: 'ASC' },
  });
  return events.map(({ event_data }) => JSON.parse(event_data) as unknown);
}

forEachDatabase('coupons of a pool', (open) => {
  it('RL-10 each code is given once, a new owner goes on where the last one stopped, and the empty pool falls back', async () => {
    const scene = await openScene(await open(), pool(null));
    const { database, services, campaignId } = scene;
    const userId = await createUser(database, RICH);
    assert.deepEqual(await prizesOf(scene, userId, 'none', 1), [2]);
    assert.deepEqual(await upload(scene, codes(1, 4)), { added: 4, codes: 4 });
    assert.deepEqual(await prizesOf(scene, userId, 'a', 2), [1, 1]);
    // As after kill -9: the one before is not closed, and finds out by its next commit.
    const killed = scene.campaign;
    scene.campaign = await Campaign.open(services, campaignId);
    await assert.rejects(draw(killed, userId, 'late'), refused('MOVED'));
    assert.deepEqual(await prizesOf(scene, userId, 'b', 5), [1, 1, 2, 2, 2]);
    // Those that are known are passed over, and what is new can be won at once.
    assert.deepEqual(await upload(scene, codes(3, 5)), { added: 1, codes: 5 });
    assert.deepEqual(await upload(scene, codes(1, 5)), { added: 0, codes: 5 });
    assert.deepEqual(await prizesOf(scene, userId, 'c', 2), [1, 2]);
    assert.deepEqual(await givenCodes(scene), codes(1, 5));
    const moved = (delta: number, remaining: number) => ({ prize_id: 1, delta, remaining });
    assert.deepEqual(await stockEntries(scene), [moved(4, 4), moved(1, 1)]);
    const audited = await database.reader.findBy(AdminAuditLog, { action: 'prize.coupons' });
    assert.deepEqual(
      audited.map(({ state_after }) => state_after),
      [
        { codes: 4, added: 4 },
        { codes: 5, added: 1 },
      ],
    );
    await assertBooksBalance(database);
    await scene.campaign.close();
  });

  it('RA-2 codes that another upload has stored are in the log of the one that lets them count, once', async () => {
    const scene = await openScene(await open(), pool(null));
    const { database, clock } = scene;
    const owners = { addCoupons: () => Promise.reject(new AppError('MOVED')) };
    const broken = uploadCoupons(
      { database, clock, seedKey: SEED_KEY, owners },
      { prizeId: 1, codes: codes(1, 2), actor: ACTOR },
    );
    await assert.rejects(broken, refused('MOVED'));
    for (let again = 0; again < 2; again++)
      assert.deepEqual(await upload(scene, codes(1, 2)), { added: 0, codes: 2 });
    const audited = await database.reader.findBy(AdminAuditLog, { action: 'prize.coupons' });
    assert.deepEqual(
      audited.map(({ state_before, state_after }) => [state_before, state_after]),
      [[{ codes: 0 }, { codes: 2, added: 2 }]],
    );
    await scene.campaign.close();
  });

  it('RL-10 DRAW-3 a coupon is won as often as there are codes and pieces, and total = remaining + won is shown', async () => {
    const scene = await openScene(await open(), pool(3));
    const { database, campaign, campaignId } = scene;
    const userId = await createUser(database, RICH);
    const shown = async () => {
      const [prize] = await listPrizes(database, campaignId);
      const { total } = campaign.pool.prizes.get(1)!;
      assert.deepEqual([campaign.pool.stock.get(1), total], [prize!.remaining, prize!.total]);
      return [prize!.remaining, prize!.total];
    };
    await upload(scene, codes(1, 2));
    assert.deepEqual(await shown(), [2, 2]);
    await prizesOf(scene, userId, 'a', 1);
    assert.deepEqual(await shown(), [1, 2]);
    await upload(scene, codes(3, 9));
    assert.deepEqual(await shown(), [2, 3]);
    // More pieces than codes: what can be won is what there are codes for.
    await campaign.adjustStock({ prizeId: 1, delta: 100, actor: ACTOR, key: 'more' });
    assert.deepEqual(await shown(), [8, 9]);
    await campaign.adjustStock({ prizeId: 1, delta: 1, actor: ACTOR, key: 'one more' });
    assert.deepEqual(await prizesOf(scene, userId, 'b', 10), [...Array<number>(8).fill(1), 2, 2]);
    assert.deepEqual(await shown(), [0, 9]);
    assert.equal((await stockEntries(scene)).length, 3);
    await assertBooksBalance(database);
    await campaign.close();
  });

  it('RL-10 the database itself gives no code that is not there', async () => {
    const scene = await openScene(await open(), pool(null));
    const { database, campaign } = scene;
    const userId = await createUser(database, RICH);
    await upload(scene, codes(1, 5));
    // Behind the owner's back.
    await database.transaction((tx) => tx.manager.update(LotteryPrize, { prize_id: 1 }, { codes_total: 2 }));
    assert.deepEqual(await prizesOf(scene, userId, 'a', 4), [1, 1, 2, 2]);
    await campaign.close();
  });

  it('RL-10 codes are sealed, found by what somebody shows once they are given, and counted while they are a draft', async () => {
    const database = await open();
    const { prizeIds } = await createCampaign(database, {
      campaign: { status: 'draft' },
      prizes: [
        { prize_type: 'coupon', win_probability: 1, code_source: 'pool' },
        { prize_type: 'virtual', win_probability: 1 },
      ],
    });
    const services = {
      database,
      clock: systemClock,
      seedKey: SEED_KEY,
      owners: { addCoupons: () => Promise.reject(new Error('A draft has no owner')) },
    };
    const [prizeId, other] = prizeIds as [number, number];
    const many = codes(1, LIMITS.couponsPerInsert + 5);
    const uploads = [many.slice(0, 900), many.slice(200), codes(5000, 5100)].map((part) =>
      uploadCoupons(services, { prizeId, codes: part, actor: ACTOR }),
    );
    const added = (await Promise.all(uploads)).reduce((sum, one) => sum + one.added, 0);
    assert.equal(added, many.length + 101);
    const prize = await database.reader.findOneByOrFail(LotteryPrize, { prize_id: prizeId });
    assert.deepEqual([prize.codes_total, prize.codes_given], [added, 0]);
    await assert.rejects(
      uploadCoupons(services, { prizeId: other, codes: ['X'], actor: ACTOR }),
      refused('CONFLICT'),
    );
    const rows = await database.reader.find(LotteryCoupon, { order: { coupon_no: 'ASC' } });
    assert.deepEqual(
      rows.map(({ coupon_no }) => coupon_no),
      rows.map((_, at) => at + 1),
    );
    assert.ok(!JSON.stringify(rows).includes('C-1'));
    const code = await couponCodeOf(database.reader, { prizeId, couponNo: 7 }, SEED_KEY);
    assert.deepEqual(await findCoupons(database.reader, code, SEED_KEY), []);
    await database.transaction((tx) =>
      tx.manager.update(LotteryPrize, { prize_id: prizeId }, { codes_given: 7 }),
    );
    assert.deepEqual(await findCoupons(database.reader, code, SEED_KEY), [{ prizeId, couponNo: 7 }]);
    assert.deepEqual(await findCoupons(database.reader, code.toLowerCase(), SEED_KEY), []);
  });

  it('L-2 RL-10 lottery:stock_low is told once on the way down, and again after a restock', async () => {
    const scene = await openScene(await open(), pool(null));
    const { database, campaign } = scene;
    const userId = await createUser(database, RICH);
    const low = (remaining: number, total: number) => ({
      campaign_id: scene.campaignId,
      prize_id: 1,
      remaining,
      total,
    });
    await upload(scene, codes(1, 20));
    for (const request of ['a', 'b']) await prizesOf(scene, userId, request, 8);
    assert.deepEqual(await lowStock(scene), []);
    await prizesOf(scene, userId, 'c', 3);
    await prizesOf(scene, userId, 'd', 1);
    assert.deepEqual(await lowStock(scene), [low(1, 20)]);
    await upload(scene, codes(21, 22));
    await prizesOf(scene, userId, 'e', 1);
    assert.deepEqual(await lowStock(scene), [low(1, 20)]);
    await upload(scene, codes(23, 30));
    await prizesOf(scene, userId, 'f', 7);
    assert.deepEqual(await lowStock(scene), [low(1, 20), low(2, 30)]);
    await assertBooksBalance(database);
    await campaign.close();
  });
});
