import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'mocha';
import { makeBackup } from '../../src/backup/backup.ts';
import { restoreBackup } from '../../src/backup/restore.ts';
import { KaijiangClient } from '../../src/client/kaijiangClient.ts';
import { DiskObjects } from '../../src/images/diskObjects.ts';
import { Campaign, type CampaignServices } from '../../src/lottery/campaign.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { createUser } from '../support/factories.ts';
import { OwnerWatch } from '../../src/platform/actor/ownerWatch.ts';
import { joinChat } from '../chat/talk.ts';
import { openStream } from '../events/streamClient.ts';
import { draw, openScene, refused, RICH } from '../lottery/scene.ts';
import { noticeTo, numbersOf, tell } from '../notifications/inboxes.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { removeDatabase } from './drill.ts';
import { audited, SEED_KEY, TIMEZONE } from './kept.ts';

const MOBILE = '13900000001';
/** MariaDB takes its time over each of the tables. */
const RESTORE_MS = 120_000;

forEachDatabase('whoever knows more than a restored database', (_open, openUrl) => {
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-resync-'));
  const images = new DiskObjects(join(folder, 'images'));
  let url: string;
  let venue: Venue;
  let known: {
    token: string;
    userId: number;
    group: number;
    streamId: string;
    registered: number;
    lastNotice: number;
  };
  /** The least of all owners since. */
  let epoch: number;
  /** On a connection that outlives it all; a file that was removed is another one. */
  let living: Living | undefined;

  before('a server, of which a backup is made and then more happens, is restored', async function () {
    this.timeout(RESTORE_MS);
    url = await openUrl();
    venue = await openVenue(url);
    living = url.startsWith('mysql:') ? await openLiving(url) : undefined;
    const diner = await venue.login(MOBILE);
    const other = await venue.login('13900000002');
    const admin = await venue.login('13800000001');
    const body = { type: 'group', name: '周末聚餐', member_ids: [other.userId] };
    const { data } = await venue.api<any>('POST', '/chat/conversations', { token: diner.token, body });
    const group = data.conversation_id as number;
    const stream = await openStream(venue.origin, { token: admin.token });
    await stream.begun();
    const talker = await joinChat(venue.origin, group, diner);
    await talker.send('of before');
    const { database } = venue.context;
    await tell(database, [noticeTo(diner.userId)]);
    await makeBackup({ databaseUrl: url, seedKey: SEED_KEY, images }, join(folder, 'backup'));
    for (let said = 0; said < 5; said++) await talker.send(`of after ${said}`);
    await tell(database, [noticeTo(diner.userId), noticeTo(diner.userId)]);
    await living?.claimAgain();
    const { userId: registered } = await venue.login('15900000001');
    await venue.api('POST', '/lottery/draw', {
      token: diner.token,
      body: { campaign_id: 1, request_id: 'after-1' },
    });
    await stream.until(3);
    known = {
      ...{ ...diner, group, registered },
      lastNotice: (await numbersOf(database, diner.userId)).at(-1)!,
      streamId: stream.lastId!,
    };
    stream.close();
    await talker.room.leave();
    await venue.close();
    await removeDatabase(url);
    const target = { databaseUrl: url, seedKey: SEED_KEY, timezone: TIMEZONE, images };
    epoch = (await restoreBackup(target, join(folder, 'backup'))).aftermath.epoch;
    venue = await openVenue(url);
  });
  after(async () => {
    await living?.close();
    await venue?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('RO-5 DRAW-1 an owner that outlives it is fenced, also one of after the backup, and the next is newer than all before', async () => {
    const rows = await venue.context.database.read<{ owner_epoch: number }>(
      'SELECT owner_epoch FROM lottery_campaigns UNION ALL SELECT owner_epoch FROM room_owners',
    );
    assert.ok(rows.length > 1 && rows.every(({ owner_epoch }) => owner_epoch >= epoch));
    // An owner on a file that was removed goes on with what nobody sees.
    if (living === undefined) return;
    const { first, later, services, campaignId, userId, database } = living;
    await assert.rejects(draw(later, userId, 'on what is gone'), refused('MOVED'));
    let isTold = false;
    first.listen({ changed: () => undefined, statusChanged: () => undefined, fenced: () => (isTold = true) });
    await new OwnerWatch(database, services.logger).check([first]);
    assert.ok(isTold);
    for (let claim = 0; claim < 3; claim++) {
      const next = await Campaign.open(services, campaignId);
      assert.ok(next.ownerEpoch > epoch, String(next.ownerEpoch));
      assert.equal((await draw(next, userId, `new-${claim}`)).draws[0]!.draw_no, 2 + claim);
      await next.close();
    }
  });

  it('RO-5 the books balance once it serves again', async () => {
    assert.equal((await audited(url))[0], 'books balance');
  });

  it('RO-5 A-5 a login of before is over, on REST and in rooms: its client logs in and forgets what it had', async () => {
    const { code } = await venue.api('GET', '/auth/me', { token: known.token });
    assert.equal(code, 'TOKEN_REVOKED');
    const client = new KaijiangClient({ url: venue.origin, accessToken: known.token });
    await assert.rejects(client.joinCampaign(1), /TOKEN_REVOKED/);
  });

  it('RO-5 nobody gets the id of whoever has registered since', async () => {
    assert.ok((await venue.login('15900000002')).userId > known.registered);
  });

  it('RO-5 C-8 what an owner shows is newer than all that was shown before', async () => {
    const diner = await venue.login(MOBILE);
    const room = await venue.joinCampaign(diner.token);
    const { database } = venue.context;
    const [row] = await database.read<{ owner_epoch: number }>(
      'SELECT owner_epoch FROM lottery_campaigns WHERE campaign_id = 1',
    );
    assert.ok(row!.owner_epoch > epoch);
    await room.leave();
  });

  it('RO-5 RC-2 whoever has messages that are not there any more is given all anew, and goes on with what comes', async () => {
    const diner = await venue.login(MOBILE);
    const talker = await joinChat(venue.origin, known.group, diner, 6);
    await eventually(() => assert.equal(talker.missed.length, 1));
    const [missed] = talker.missed;
    const last = missed!.to_seq;
    assert.deepEqual([missed!.is_anew, missed!.from_seq, last < 6], [true, 1, true]);
    const client = new KaijiangClient({ url: venue.origin, accessToken: diner.token });
    const said: string[] = [];
    const seat = await client.joinChat(known.group, {
      lastSeq: 6,
      onSaid: ({ content }) => said.push(content),
    });
    await talker.send('of the new history');
    await eventually(() => assert.deepEqual(said.slice(-2), ['of before', 'of the new history']));
    assert.equal(seat.lastSeq, last + 1);
    // Of what is there nobody is given all anew.
    const again = await joinChat(venue.origin, known.group, diner, last);
    await eventually(() => assert.equal(again.missed.length, 1));
    assert.deepEqual([again.missed[0]!.is_anew, again.missed[0]!.messages.length], [undefined, 1]);
    await seat.leave();
    for (const { room } of [talker, again]) await room.leave();
  });

  it('RO-5 C-6 a device that has had later notifications is sent the next one', async () => {
    const diner = await venue.login(MOBILE);
    const client = new KaijiangClient({ url: venue.origin, accessToken: diner.token });
    const seat = await client.joinNotifications({ lastId: known.lastNotice });
    const ids: number[] = [];
    seat.onNotification(({ id }) => ids.push(id));
    await tell(venue.context.database, [noticeTo(diner.userId)]);
    await eventually(() => assert.ok(ids.length > 0 && ids.every((id) => id > known.lastNotice), ids.join()));
    await seat.leave();
  });

  it('RO-5 RE-9 a listener of events is told to read anew, also once there are more than it has seen', async () => {
    const admin = await venue.login('13800000001');
    const stream = await openStream(venue.origin, { token: admin.token, lastId: known.streamId });
    const [frame] = await stream.until(1);
    assert.equal(frame!.event, 'resync');
    assert.ok(frame!.id > Number(known.streamId));
    const diner = await venue.login(MOBILE);
    const body = { campaign_id: 1, request_id: 'of-the-new-history' };
    assert.equal((await venue.api('POST', '/lottery/draw', { token: diner.token, body })).code, 'OK');
    await eventually(() => assert.ok(stream.frames.some(({ event }) => event === 'lottery:draw_completed')));
    stream.close();
  });
});

/** An owner of before the backup, and one that has claimed and drawn after it. */
interface Living {
  database: Database;
  services: CampaignServices;
  campaignId: number;
  userId: number;
  first: Campaign;
  later: Campaign;
  claimAgain(): Promise<void>;
  close(): Promise<void>;
}

async function openLiving(url: string): Promise<Living> {
  const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 4 }));
  const { services, campaignId, campaign: first } = await openScene(database);
  const userId = await createUser(database, RICH);
  await draw(first, userId, 'of before');
  const living: Living = {
    ...{ database, services, campaignId, userId, first, later: first },
    async claimAgain() {
      // Epochs that the restored database would give again.
      for (let claim = 0; claim < 3; claim++) {
        living.later = await Campaign.open(services, campaignId);
        await draw(living.later, userId, `after-${claim}`);
      }
    },
    async close() {
      for (const owner of [first, living.later]) await owner.close();
      await database.close();
    },
  };
  return living;
}
