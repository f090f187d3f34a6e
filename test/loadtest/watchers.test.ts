import assert from 'node:assert/strict';
import { after, describe, it } from 'mocha';
import { Nodes } from '../../loadtest/bench/nodes.ts';
import { prepareDatabase } from '../../loadtest/bench/prepare.ts';
import { Worker } from '../../loadtest/bench/processes.ts';
import { createSecrets } from '../../loadtest/bench/settings.ts';
import type { HallCommand, HallReport } from '../../loadtest/watchers/hall.ts';
import type { LookersCommand, Seen } from '../../loadtest/watchers/lookers.ts';
import { needsMariadb, needsRedis, sharedMariadb, sharedRedis } from '../support/shared.ts';

describe('the bench of watchers', () => {
  needsMariadb();
  needsRedis();
  const hall = new Worker<HallCommand, HallReport>('loadtest/watchers/hall.ts');
  const lookers = new Worker<LookersCommand, Seen>('loadtest/watchers/lookers.ts');
  after(() => {
    hall.stop();
    lookers.stop();
  });

  it('S-9 those in audience rooms of other nodes are counted what they are sent, and see every draw', async () => {
    const secrets = createSecrets();
    const mariadb = await sharedMariadb();
    const { url, campaignId, diners } = await prepareDatabase({
      ...{ url: mariadb.url(await mariadb.createDatabase()), diners: 9 },
      ...{ jwtSecret: secrets.JWT_SECRET, seedRotationDraws: 1_000_000 },
    });
    const nodes = await Nodes.start({
      ...{ count: 2, databaseUrl: url, redis: await sharedRedis(), secrets, isProbed: true },
      environment: { CAMPAIGN_CLIENT_LIMIT: '3' },
    });
    try {
      await nodes.shareOf([campaignId]);
      const people = nodes.seat(diners, [campaignId]);
      const { rooms } = await hall.ask({ seat: people.slice(0, 6), campaignId });
      assert.equal(rooms[`campaign-${campaignId}`], 3);
      assert.equal(rooms[`audience-${campaignId}-1`], 3);
      await lookers.ask({ seat: people.slice(6), campaignId });
      await lookers.ask({ online: { least: 9, most: 9 } });
      await hall.ask({ begin: true });
      const seen = await lookers.ask({ watch: { seconds: 0.5, drawsPerSecond: 6 } });
      assert.deepEqual([seen.draws, seen.missing], [3, 0]);
      assert.ok(seen.p50Ms > 0 && seen.maxMs < 30_000);
      const { people: seated, bytes, frames } = await hall.ask({ end: true });
      assert.equal(seated, 6);
      assert.ok(frames >= 6 && bytes > frames);
      const memory = (await nodes.ask('sweep')).map((node) => node.memory.rssBytes);
      assert.ok(memory.length === 2 && memory.every((bytes) => bytes > 0));
    } finally {
      hall.stop();
      lookers.stop();
      await nodes.stop();
    }
  }).timeout(120_000);
});
