import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, it } from 'mocha';
import { LotteryCampaign } from '../../entities/lottery/LotteryCampaign.ts';
import { LotteryFairnessEpoch } from '../../entities/lottery/LotteryFairnessEpoch.ts';
import { changeProfile, readProfile } from '../../src/identity/people/me.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { Campaign } from '../../src/lottery/campaign.ts';
import { readProof } from '../../src/lottery/fairnessLog.ts';
import { listDraws } from '../../src/lottery/history.ts';
import { drawIdOf } from '../../src/lottery/drawIds.ts';
import { readAccount, readTransactions } from '../../src/points/account.ts';
import { forEachDatabase, onMariadb, type OpenUrl } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { draw, openScene, sureWin, type Scene } from './scene.ts';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A replica that is behind by everything: it has the tables and no row. */
async function withEmptyReplica(openUrl: OpenUrl): Promise<Database> {
  const [url, replicaUrl] = [await openUrl(), await openUrl()];
  const replica = await openDataSources({ url: replicaUrl, replicaUrls: [], poolSize: 2 });
  await new Database(replica).close();
  return new Database(await openDataSources({ url, replicaUrls: [replicaUrl], poolSize: 4 }));
}

onMariadb('with a replica that is far behind', (_open, openUrl) => {
  let database: Database;
  let scene: Scene;
  let userId: number;
  before(async () => {
    database = await withEmptyReplica(openUrl);
    scene = await openScene(database, sureWin(100));
    userId = await createUser(database, { points: 10_000_00 });
    await draw(scene.campaign, userId, 'a', 3);
  });
  after(() => database?.close());

  it('DRAW-1 a new owner knows what the last one has committed', async () => {
    const campaign = await Campaign.open(scene.services, scene.campaignId);
    assert.deepEqual(
      campaign.leaderboard.top.map((score) => [score.userId, score.draws]),
      [[userId, 3]],
    );
    assert.deepEqual(
      campaign.recentWinners.map(({ drawNo }) => drawNo),
      [3, 2, 1],
    );
    await campaign.close();
  });

  it('whoever has drawn is told of that draw: standing, history, points and proof', async () => {
    const campaign = await Campaign.open(scene.services, scene.campaignId);
    const { balance, wins, rank } = await campaign.standingOf(userId);
    assert.deepEqual([balance, wins, rank], [9700, 3, 1]);
    const history = await listDraws(database, { userId, campaignId: undefined, page: 1, limit: 20 });
    assert.deepEqual([history.total, history.items.length], [3, 3]);
    assert.equal((await readAccount(database, userId)).availableHundredths, 9700_00);
    const { total, items: movements } = await readTransactions(database, userId, { page: 1, limit: 20 });
    assert.deepEqual([total, movements.length], [2, 2]);
    const proof = await readProof(database, drawIdOf(scene.campaignId, 2), scene.services.seedKey);
    assert.equal(proof.draw_no, 2);
    await campaign.close();
  });

  it('whoever has changed their profile is told of the change', async () => {
    const profiles = { database, clock: systemClock, access: { changed: async () => undefined } };
    await changeProfile(profiles, userId, { nickname: '小明' });
    assert.equal((await readProfile(database, userId)).user.nickname, '小明');
  });
});

forEachDatabase('a campaign that is opened again', (open) => {
  it('L-8 has its last winners, which its row names in the transaction of each batch', async () => {
    const { database, services, campaignId, campaign } = await openScene(await open(), sureWin(24));
    const userId = await createUser(database, { points: 100_000_00 });
    const remembered = async () => {
      const row = await database.reader.findOneByOrFail(LotteryCampaign, { campaign_id: campaignId });
      return row.recent_wins;
    };
    const newest = (last: number) => Array.from({ length: LIMITS.recentWinners }, (_, at) => last - at);
    await draw(campaign, userId, 'a', 10);
    await draw(campaign, userId, 'b', 10);
    assert.equal(await remembered(), newest(20).join(','));
    await draw(campaign, userId, 'c', 10);
    // The stock is used up: numbers 25 to 30 have not won.
    assert.equal(await remembered(), newest(24).join(','));
    await draw(campaign, userId, 'd', 10);
    assert.equal(await remembered(), newest(24).join(','));
    const again = await Campaign.open(services, campaignId);
    assert.deepEqual(
      again.recentWinners.map(({ drawNo }) => drawNo),
      newest(24),
    );
    await again.close();
  });

  it('L-5 keeps a revealed seed in clear, so that whoever asks for it costs no decryption', async () => {
    const { database, campaignId, campaign } = await openScene(await open());
    const epochOf = () =>
      database.reader.findOneByOrFail(LotteryFairnessEpoch, { campaign_id: campaignId, epoch: 1 });
    assert.equal((await epochOf()).server_seed, null);
    await campaign.rotateSeed();
    const { server_seed: seed, server_seed_hash: hash } = await epochOf();
    const bytes = Buffer.from(seed!, 'hex');
    assert.equal(sha256(bytes), hash);
    await campaign.close();
  });
});
