import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCampaign } from '../../support/factories.ts';
import { eventually } from '../../support/seat.ts';
import { needs } from '../../support/shared.ts';
import { CommitCutter } from './commitCutter.ts';
import { assertClean, assertExactlyOnce, startLoad, startNodes, type Nodes } from './nodes.ts';

const CUTS = 20;

describe('connections that are cut during COMMIT', function () {
  this.timeout(90_000);
  needs('mariadbd', 'redis-server');
  let cluster: Nodes;
  let cutter: CommitCutter;

  before(async () => {
    cluster = await startNodes({
      between: async (port) => {
        cutter = await CommitCutter.start(port);
        return cutter.port;
      },
    });
  });
  after(async () => {
    await cluster?.close();
    await cutter?.close();
  });

  it('DRAW-6 whether the COMMIT arrived or not, each draw is made once and its answer comes', async () => {
    const { campaignId } = await createCampaign(cluster.database, { campaign: { cost_per_draw: 1 } });
    const load = await startLoad(cluster, campaignId, 8);
    await eventually(async () => assert.equal(await cluster.ownerEpoch(campaignId), 1));
    for (let at = 0; at < CUTS; at++) {
      cutter.cut('before its answer', 'before it arrives');
      await eventually(() => assert.equal(cutter.left, 0));
      await sleep(50);
    }
    await sleep(500);
    const { acknowledged } = await load.finish();
    assert.ok(acknowledged.length > CUTS, `only ${acknowledged.length} draws were acknowledged`);
    await assertExactlyOnce(cluster, campaignId, acknowledged);
    await assertClean(cluster, campaignId);
    assert.equal(await cluster.ownerEpoch(campaignId), 1);
  });
});
