import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { matchMaker, type IRoomCache } from '@colyseus/core';
import { onSqlite } from '../../support/databases.ts';
import { needsRedis, sharedRedis } from '../../support/shared.ts';
import { openVenue, type Venue } from '../../support/venue.ts';

onSqlite('a race for a room', (_open, openUrl) => {
  needsRedis();
  let venue: Venue;
  const logged: string[] = [];
  before(async function () {
    this.timeout(60_000);
    const { url } = await sharedRedis();
    const environment = { REDIS_URL: url, PUBLIC_ADDRESS: '127.0.0.1:1' };
    venue = await openVenue(await openUrl(), { environment, onLogLine: (line) => logged.push(line) });
  });
  after(() => venue?.close());

  it('S-4 is lost to a process that has closed the room again: who draws does not notice, and nothing has failed', async () => {
    const { token } = await venue.login('13900000001');
    const { campaignId } = await venue.addCampaign();
    const listings = matchMaker.driver as unknown as {
      insert(room: IRoomCache): Promise<boolean>;
    };
    const insert = listings.insert.bind(listings);
    let races = 0;
    listings.insert = async (room) => {
      if (room.roomId !== `campaign-${campaignId}`) return insert(room);
      listings.insert = insert;
      races++;
      await insert({ ...room, processId: 'another' });
      assert.equal(await insert(room), false);
      await (await sharedRedis()).command('HDEL', 'roomcaches', room.roomId);
      return false;
    };
    const body = { campaign_id: campaignId, draw_count: 1, request_id: 'after-a-lost-race' };
    const { status, code } = await venue.api('POST', '/lottery/draw', { token, body });
    assert.equal(races, 1);
    assert.equal(status, 200, code);
    assert.deepEqual(
      logged.filter((line) => (JSON.parse(line) as { level: number }).level >= 50),
      [],
    );
  }).timeout(30_000);
});
