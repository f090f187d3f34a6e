import assert from 'node:assert/strict';
import { matchMaker } from '@colyseus/core';
import { after, afterEach, before, it } from 'mocha';
import { publish } from '../../src/platform/cluster/topic.ts';
import { onSqlite } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { addPagers, PAGES } from './pagerKind.ts';
import { assertRefused, turnOn, type Asking, type Device } from './pagerSeat.ts';

onSqlite('a local room of a node that is alone', (_open, openUrl) => {
  let venue: Venue;
  let own: Asking;
  let devices: Device[] = [];
  before(async () => {
    venue = await openVenue(await openUrl());
    addPagers(venue.context);
    own = { origin: venue.origin, ...(await venue.login('13900000001')) };
  });
  afterEach(async () => {
    for (const { room } of devices) if (room.connection.isOpen) await room.leave();
    devices = [];
    await eventually(() => assert.ok(!isOpen()));
  });
  after(() => venue?.close());

  const isOpen = () => matchMaker.getLocalRoomById(`pager-${own.userId}`) !== undefined;
  const topics = () => matchMaker.presence.channels('pager:*');
  const turnOnHere = async () => {
    const device = await turnOn(own);
    devices.push(device);
    return device;
  };

  it('ROOM-5 all devices of a person sit in one room and hear and see what is published', async () => {
    const [phone, tablet] = [await turnOnHere(), await turnOnHere()];
    assert.equal(phone.room.roomId, tablet.room.roomId);
    await publish(PAGES, own.userId, { text: 'dinner' });
    await publish(PAGES, own.userId + 1, { text: 'for somebody else' });
    await phone.room.request('page', { text: 'dessert' });
    for (const device of devices)
      await eventually(() => {
        assert.deepEqual(device.pages, ['dinner', 'dessert']);
        assert.equal(device.last(), 'dessert');
      });
  });

  it('ROOM-5 devices that come at once share a room', async () => {
    const name = { type: 'pager', key: own.userId };
    await Promise.all([1, 2, 3].map(() => venue.context.directory.ensureHere(name)));
    assert.equal(matchMaker.stats.local.roomCount, (await roomCountOf('campaign')) + 1);
    await matchMaker.getLocalRoomById(`pager-${own.userId}`).disconnect();
  });

  it('ROOM-5 is not listed, also when all listings are restored', async () => {
    await turnOnHere();
    await matchMaker.restoreMissingRoomCaches();
    assert.equal(await roomCountOf('pager'), 0);
    assert.ok(!(await matchMaker.driver.has(`pager-${own.userId}`)));
  });

  it('ROOM-5 refuses everybody else, and opens nothing for them', async () => {
    const other = { ...own, ...(await venue.login('13900000002')), userId: own.userId };
    for (const call of ['joinOrCreate/pager', 'join/pager', `joinById/pager-${own.userId}`])
      await assertRefused(other, 'FORBIDDEN', call);
    assert.ok(!isOpen());
    await turnOnHere();
    await assertRefused(other, 'FORBIDDEN', `joinById/pager-${own.userId}`);
  });

  it('ROOM-5 a message that is malformed or cannot be taken in harms nobody', async () => {
    const { room, pages } = await turnOnHere();
    await publish(PAGES, own.userId, { text: 7 } as never);
    await publish(PAGES, own.userId, { text: 'break' });
    await publish(PAGES, own.userId, { text: 'still there' });
    await eventually(() => assert.deepEqual(pages, ['still there']));
    assert.ok(room.connection.isOpen);
  });

  it('ROOM-6 each message has its rate', async () => {
    const { room } = await turnOnHere();
    const outcomes = await Promise.allSettled(
      [1, 2, 3, 4, 5, 6].map(() => room.request('page', { text: '' })),
    );
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 5);
  });

  it('ROOM-7 closes and listens no more when the last device leaves', async () => {
    const [phone, tablet] = [await turnOnHere(), await turnOnHere()];
    await phone.room.leave();
    assert.ok(isOpen());
    assert.deepEqual(await topics(), [`pager:${own.userId}`]);
    await tablet.room.leave();
    await eventually(async () => {
      assert.ok(!isOpen());
      assert.deepEqual(await topics(), []);
    });
  });

  it('ROOM-5 tells its devices to come again when the server shuts down', async () => {
    const phone = await turnOnHere();
    await phone.room.request('page', { text: 'it is joined by now' });
    await venue.close();
    await eventually(() => assert.equal(phone.moves, 1));
  });

  async function roomCountOf(name: string): Promise<number> {
    return (await matchMaker.query({ name })).length;
  }
});
