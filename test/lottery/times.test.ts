/** When a campaign is open: by its times, by hand, and in the middle of a rush (RL-5). */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { BusinessEvent } from '../../entities/platform/BusinessEvent.ts';
import { LotteryCampaign } from '../../entities/lottery/LotteryCampaign.ts';
import { LotteryDraw } from '../../entities/lottery/LotteryDraw.ts';
import { PointsTransaction } from '../../entities/points/PointsTransaction.ts';
import { Campaign } from '../../src/lottery/campaign.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser, createUsers } from '../support/factories.ts';
import { assertBooksBalance, draw, openScene, refused, RICH, settledCodes, type Scene } from './scene.ts';

const ACTOR = { userId: 1, ip: '127.0.0.1', requestId: 'a-test' };
const HOUR_MS = 3_600_000;
const NOW_MS = Date.parse('2026-03-02T04:00:00.000Z');

forEachDatabase('the time of a campaign', (open) => {
  const sceneAt = async (status: LotteryCampaign['status'], fromHours: number, toHours: number) => {
    const times = {
      start_time: new Date(NOW_MS + fromHours * HOUR_MS),
      end_time: new Date(NOW_MS + toHours * HOUR_MS),
    };
    const scene = await openScene(await open(), { campaign: { status, ...times } });
    scene.clock.set(NOW_MS);
    return scene;
  };
  const timesOf = async ({ database, campaignId }: Scene) => {
    const row = await database.reader.findOneByOrFail(LotteryCampaign, { campaign_id: campaignId });
    return [(row.start_time.getTime() - NOW_MS) / HOUR_MS, (row.end_time.getTime() - NOW_MS) / HOUR_MS];
  };
  const changesOf = ({ database, campaignId }: Scene) =>
    database.reader
      .findBy(BusinessEvent, { event_type: 'lottery:campaign_status' })
      .then((events) => events.map(({ event_data: data }) => JSON.parse(data)))
      .then((all) => all.filter((data) => data.campaign_id === campaignId).map(({ status }) => status));

  it('L-7 RL-5 what is started by hand draws at once, what is ended by hand has ended, and a pause moves no time', async () => {
    const scene = await sceneAt('scheduled', 2, 5);
    const { database, campaign } = scene;
    const userId = await createUser(database, RICH);
    await assert.rejects(draw(campaign, userId, 'a'), refused('CAMPAIGN_NOT_ACTIVE'));
    await campaign.setStatus('active', ACTOR);
    assert.deepEqual(await timesOf(scene), [0, 5]);
    await draw(campaign, userId, 'a');
    scene.clock.advance(HOUR_MS);
    await campaign.setStatus('paused', ACTOR);
    await assert.rejects(draw(campaign, userId, 'b'), refused('CAMPAIGN_NOT_ACTIVE'));
    await campaign.setStatus('active', ACTOR);
    assert.deepEqual(await timesOf(scene), [0, 5]);
    await draw(campaign, userId, 'b');
    await campaign.setStatus('ended', ACTOR);
    assert.deepEqual(await timesOf(scene), [0, 1]);
    assert.equal(campaign.pool.endsAtMs, NOW_MS + HOUR_MS);
    await campaign.close();
  });

  it('L-7 one that never began has no time at all, and one that the clock ends keeps its own', async () => {
    const never = await sceneAt('scheduled', 2, 5);
    await never.campaign.setStatus('ended', ACTOR);
    assert.deepEqual(await timesOf(never), [0, 0]);
    await never.campaign.close();
    const over = await sceneAt('scheduled', 2, 5);
    for (const hours of [3, 4]) {
      over.clock.advance(hours * HOUR_MS);
      await over.campaign.followClock();
    }
    assert.deepEqual([over.campaign.pool.status, ...(await timesOf(over))], ['ended', 2, 5]);
    await over.campaign.close();
  });

  it('RL-5 start and end happen once, though several nodes come back at that moment', async () => {
    const scene = await sceneAt('scheduled', 2, 5);
    await scene.campaign.close();
    for (const [hours, status] of [
      [2, 'active'],
      [3, 'ended'],
    ] as const) {
      scene.clock.advance(hours * HOUR_MS);
      const { services, campaignId } = scene;
      const nodes = await Promise.all([1, 2, 3].map(() => Campaign.open(services, campaignId)));
      // All but the last to claim it are none any more.
      await Promise.allSettled(nodes.flatMap((node) => [node.followClock(), node.followClock()]));
      await Promise.all(nodes.map((node) => node.close()));
      assert.equal((await changesOf(scene)).at(-1), status);
    }
    assert.deepEqual(await changesOf(scene), ['active', 'ended']);
  });

  it('RL-5 no draw lies outside the time by the clock of its owner', async () => {
    const scene = await sceneAt('active', -1, 1);
    const { database, campaign, clock } = scene;
    const userId = await createUser(database, RICH);
    await draw(campaign, userId, 'in time');
    clock.set(NOW_MS + HOUR_MS - 1);
    await draw(campaign, userId, 'last');
    const late = [1, 2].map((at) => draw(campaign, userId, `late-${at}`));
    clock.set(NOW_MS + HOUR_MS);
    // The batch that is under way looks at the clock before it decides.
    const codes = await settledCodes([...late, draw(campaign, userId, 'after')]);
    assert.ok(codes['CAMPAIGN_NOT_ACTIVE']! >= 1);
    const rows = await database.reader.find(LotteryDraw);
    assert.ok(rows.every(({ draw_time }) => draw_time.getTime() < NOW_MS + HOUR_MS));
    await campaign.close();
  });

  it('RL-5 requests that wait at a pause are drawn or refused, and whoever is refused has paid nothing', async () => {
    const { database, campaign } = await sceneAt('active', -1, 1);
    // More than fit into one batch.
    const userIds = await createUsers(database, 120, RICH);
    const rush = () => userIds.map((userId) => draw(campaign, userId, 'rush', 10));
    const asked = rush();
    // The first batch is under way.
    await setImmediate();
    const paused = campaign.setStatus('paused', ACTOR);
    const codes = await settledCodes(asked);
    await paused;
    assert.deepEqual(codes, { drawn: 100, CAMPAIGN_NOT_ACTIVE: 20 });
    const debits = await database.reader.countBy(PointsTransaction, { transaction_type: 'lottery_draw' });
    assert.equal(debits, 100);
    assert.equal(await database.reader.count(LotteryDraw), 1000);
    await assertBooksBalance(database);
    // Whoever was refused may ask again by the same request, and whoever was not is told the same.
    await campaign.setStatus('active', ACTOR);
    assert.deepEqual(await settledCodes(rush()), { drawn: 120 });
    assert.equal(await database.reader.count(LotteryDraw), 1200);
    await assertBooksBalance(database);
    await campaign.close();
  });
});
