import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, it } from 'mocha';
import { matchMaker } from '@colyseus/core';
import { onSqlite } from '../../support/databases.ts';
import { eventually } from '../../support/seat.ts';
import { needsRedis, sharedRedis } from '../../support/shared.ts';
import { openVenue, type Venue } from '../../support/venue.ts';

const CAMPAIGNS = 20;
const IDLE_MS = 6_000;

onSqlite('idle rooms of a node of a cluster', (_open, openUrl) => {
  needsRedis();
  let venue: Venue;
  before(async function () {
    this.timeout(60_000);
    const { url } = await sharedRedis();
    const environment = { REDIS_URL: url, PUBLIC_ADDRESS: '127.0.0.1:1' };
    venue = await openVenue(await openUrl(), { environment });
  });
  after(() => venue?.close());

  const command = async (name: string, ...parameters: string[]) =>
    (await sharedRedis()).command(name, ...parameters);
  const countCommands = async () => {
    const stats = String(await command('INFO', 'commandstats'));
    const calls = [...stats.matchAll(/^cmdstat_[^:]+:calls=(\d+)/gm)].map(([, count]) => Number(count));
    return calls.reduce((sum, count) => sum + count, 0);
  };
  const duringIdle = async () => {
    const before = await countCommands();
    await sleep(IDLE_MS);
    return (await countCommands()) - before;
  };
  const becomesOpen = (campaignId: number) =>
    eventually(() => assert.ok(matchMaker.getLocalRoomById(`campaign-${campaignId}`) !== undefined), 15_000);

  it('ROOM-7 twenty idle rooms ask Redis no more than one does', async () => {
    await becomesOpen(1);
    const forOne = await duringIdle();
    const added: number[] = [];
    for (let at = 1; at < CAMPAIGNS; at++) added.push((await venue.addCampaign()).campaignId);
    for (const campaignId of added) await becomesOpen(campaignId);
    await sleep(2_000);
    const forAll = await duringIdle();
    assert.ok(forOne > 0);
    assert.ok(forAll <= forOne + 15, `${forOne} commands for one room, ${forAll} for ${CAMPAIGNS}`);
  }).timeout(120_000);

  it('S-4 every listing that is lost is made up for', async () => {
    const rows = (await command('HGETALL', 'roomcaches')) as string[];
    assert.ok(rows.length >= 2 * CAMPAIGNS);
    await command('DEL', 'roomcaches');
    await eventually(async () => assert.equal(await command('HLEN', 'roomcaches'), rows.length / 2), 15_000);
    const lost = String(await command('HGET', 'roomcaches', 'campaign-1'));
    await command('HSET', 'roomcaches', 'campaign-1', 'no listing');
    await eventually(async () => {
      const row = JSON.parse(String(await command('HGET', 'roomcaches', 'campaign-1'))) as object;
      assert.deepEqual(row, JSON.parse(lost));
    }, 15_000);
  }).timeout(60_000);
});
