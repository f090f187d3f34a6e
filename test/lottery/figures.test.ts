import assert from 'node:assert/strict';
import { LotteryCampaignFigures } from '../../entities/lottery/LotteryCampaignFigures.ts';
import { Campaign } from '../../src/lottery/campaign.ts';
import { CampaignFigures } from '../../src/lottery/figures.ts';
import { forEachDatabase } from '../support/databases.ts';
import { failCommits } from '../support/faults.ts';
import { countTransactions, openScene, type Scene } from './scene.ts';

forEachDatabase('the figures of a campaign', (open) => {
  const load = ({ database, clock, campaignId }: Scene, { ownerEpoch }: Campaign) =>
    CampaignFigures.load(database, clock, { campaignId, ownerEpoch });
  const stored = async ({ database, campaignId }: Scene) => {
    const row = await database.reader.findOneBy(LotteryCampaignFigures, { campaign_id: campaignId });
    return row && [row.online, row.online_peak, row.joins];
  };

  it('DRAW-1 an owner that is none any more writes nothing over the figures of its successor', async () => {
    const scene = await openScene(await open());
    const before = await load(scene, scene.campaign);
    before.countJoins(5, 5);
    await before.save(5);
    const next = await Campaign.open(scene.services, scene.campaignId);
    const after = await load(scene, next);
    after.countJoins(2, 7);
    await after.save(2);
    before.countJoins(9, 9);
    await before.save(0);
    assert.deepEqual(await stored(scene), [2, 7, 7]);
    await after.save(0);
    assert.deepEqual(await stored(scene), [0, 7, 7]);
    await next.close();
  });

  it('L-8 joins are counted once when a save at the end overlaps the one before', async () => {
    const scene = await openScene(await open());
    const figures = await load(scene, scene.campaign);
    figures.countJoins(3, 3);
    const first = figures.save(3);
    figures.countJoins(1, 4);
    await Promise.all([first, figures.save(4), figures.save(0)]);
    assert.deepEqual(await stored(scene), [0, 4, 4]);
    await scene.campaign.close();
  });

  it('L-8 a save whose answer is lost is repeated and counts nothing twice', async () => {
    const scene = await openScene(await open());
    const figures = await load(scene, scene.campaign);
    figures.countJoins(6, 6);
    failCommits(scene.database, ['answer is lost']);
    await assert.rejects(figures.save(6));
    await figures.save(6);
    assert.deepEqual(await stored(scene), [6, 6, 6]);
    failCommits(scene.database, ['commit fails']);
    figures.countJoins(1, 7);
    await assert.rejects(figures.save(7));
    await figures.save(7);
    assert.deepEqual(await stored(scene), [7, 7, 7]);
    await scene.campaign.close();
  });

  it('ROOM-7 figures that have not changed are not written', async () => {
    const scene = await openScene(await open());
    const figures = await load(scene, scene.campaign);
    figures.countJoins(1, 1);
    await figures.save(1);
    const transactions = countTransactions(scene.database);
    await figures.save(1);
    const next = await load(scene, scene.campaign);
    await next.save(1);
    assert.equal(transactions.taken(), 0);
    await scene.campaign.close();
  });
});
