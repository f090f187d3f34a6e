import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { matchMaker } from '@colyseus/core';
import { after, afterEach, before, it } from 'mocha';
import { KaijiangClient } from '../../src/client/kaijiangClient.ts';
import type { NotificationSeat } from '../../src/client/notificationSeat.ts';
import { forEachDatabase } from '../support/databases.ts';
import { refuseReads } from '../support/faults.ts';
import { eventually } from '../support/seat.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { noticeTo, numbersOf, tell } from './inboxes.ts';

interface Device {
  seat: NotificationSeat;
  ids: number[];
}

forEachDatabase('the room of notifications', (_open, openUrl) => {
  let venue: Venue;
  let people = 0;
  let own: { token: string; userId: number };
  const devices: Device[] = [];
  before(async () => {
    venue = await openVenue(await openUrl());
  });
  after(() => venue?.close());
  beforeEach('somebody new, who was told of their first points', async () => {
    own = await venue.login(`139000012${String(++people).padStart(2, '0')}`);
    await eventually(async () => assert.deepEqual(await numbersOf(database(), own.userId), [1]));
  });
  afterEach(async () => {
    for (const { seat } of devices.splice(0)) await seat.leave();
  });

  const database = () => venue.context.database;
  const turnOn = async (lastId?: number): Promise<Device> => {
    const client = new KaijiangClient({ url: venue.origin, accessToken: own.token });
    const seat = await client.joinNotifications(lastId === undefined ? {} : { lastId });
    const device: Device = { seat, ids: [] };
    seat.onNotification(({ id }) => device.ids.push(id));
    devices.push(device);
    return device;
  };
  const tellOwn = (count: number) =>
    tell(
      database(),
      Array.from({ length: count }, () => noticeTo(own.userId)),
    );
  const has = (device: Device, ids: number[]) => eventually(() => assert.deepEqual(device.ids, ids));

  it('C-6 a device is sent what it has missed, then what comes, in the order of the ids and each once', async () => {
    await tellOwn(4);
    const phone = await turnOn(2);
    await has(phone, [3, 4, 5]);
    await Promise.all([tellOwn(2), tellOwn(1), tellOwn(3)]);
    await has(phone, [3, 4, 5, 6, 7, 8, 9, 10, 11]);
    await eventually(() => assert.equal(phone.seat.unread, 11));
    await sleep(100);
    assert.equal(phone.ids.length, 9);
  });

  it('C-6 what could not be read when it came is sent when it can be read', async () => {
    const phone = await turnOn();
    await has(phone, [1]);
    const end = refuseReads(database());
    await tellOwn(2).finally(() => sleep(300));
    end();
    await has(phone, [1, 2, 3]);
    await eventually(() => assert.equal(phone.seat.unread, 3));
  });

  it('C-6 one that does not say what it has is sent what is not read; more than a page of it', async () => {
    const ahead = await turnOn(1_000_000);
    await tellOwn(450);
    await eventually(() => assert.equal(ahead.ids.length, 450));
    await venue.api('POST', '/notifications/read', { token: own.token, body: { up_to_id: 5 } });
    const phone = await turnOn();
    await eventually(() => assert.equal(phone.ids.length, 446));
    assert.deepEqual(
      phone.ids,
      Array.from({ length: 446 }, (_, at) => at + 6),
    );
  });

  it('RC-12 all devices see what is read on one, and what came after stays unread', async () => {
    const [phone, tablet] = [await turnOn(0), await turnOn(0)];
    await tellOwn(3);
    await has(phone, [1, 2, 3, 4]);
    await has(tablet, [1, 2, 3, 4]);
    assert.deepEqual(await phone.seat.read({ up_to_id: 3 }), { unread: 1 });
    for (const { seat } of devices) await eventually(() => assert.equal(seat.unread, 1));
    assert.deepEqual(await tablet.seat.read({ ids: [4] }), { unread: 0 });
    for (const { seat } of devices) await eventually(() => assert.equal(seat.unread, 0));
    await assert.rejects(phone.seat.read({ ids: [] }), { code: 'VALIDATION_FAILED' });
  });

  it('C-6 a connection that was lost misses nothing and repeats nothing', async () => {
    const phone = await turnOn(0);
    await has(phone, [1]);
    const room = matchMaker.getLocalRoomById(`notifications-${own.userId}`);
    const away = tellOwn(2);
    for (const client of [...room.clients]) client.leave(4001);
    await away;
    await tellOwn(2);
    await has(phone, [1, 2, 3, 4, 5]);
  });

  it('RC-11 in quiet hours nothing is pushed but what concerns security, and what was held comes before it', async () => {
    const { token } = own;
    const hour = (offset: number) => {
      const at = new Date(venue.context.clock.nowMs() + offset * 3_600_000);
      return at.toLocaleTimeString('en-GB', {
        timeZone: 'Asia/Shanghai',
        hour: '2-digit',
        minute: '2-digit',
      });
    };
    const kinds = { system: true, activity: true, lottery: true, points: true };
    const body = { ...kinds, quiet_hours: { from: hour(-1), to: hour(1) } };
    const phone = await turnOn(1);
    assert.equal((await venue.api('PUT', '/notifications/preferences', { token, body })).code, 'OK');
    await tellOwn(2);
    await eventually(() => assert.equal(phone.seat.unread, 3));
    await sleep(100);
    assert.deepEqual(phone.ids, []);
    await tell(database(), [noticeTo(own.userId, { type: 'token_reused' })]);
    await has(phone, [2, 3, 4]);
    await tellOwn(1);
    await eventually(() => assert.equal(phone.seat.unread, 5));
    assert.deepEqual(phone.ids, [2, 3, 4]);
    await venue.api('PUT', '/notifications/preferences', { token, body: { ...kinds, quiet_hours: null } });
    await has(phone, [2, 3, 4, 5]);
  });

  it('ROOM-5 somebody else is refused by its id, and a device that says what it has by no number', async () => {
    const { token } = await venue.login('13900001299');
    await turnOn();
    const ask = async (call: string, options: object) => {
      const response = await fetch(`${venue.origin}/matchmake/${call}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(options),
      });
      return ((await response.json()) as { error?: string }).error;
    };
    assert.match((await ask(`joinById/notifications-${own.userId}`, {}))!, /^FORBIDDEN/);
    assert.match((await ask('joinOrCreate/notifications', { last_id: 'x' }))!, /^VALIDATION_FAILED/);
    assert.match((await ask('joinOrCreate/notifications', { user_id: own.userId }))!, /^VALIDATION_FAILED/);
  });
});
