import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { before, beforeEach, it } from 'mocha';
import { admitOnDevice } from '../../../src/identity/login/devices.ts';
import type { UserRecord } from '../../../src/identity/login/store.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { TestClock } from '../../support/clock.ts';
import { createUser } from '../../support/factories.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { openLoginDesk, type LoginDesk } from '../loginDesk.ts';

const REFUSED = { code: 'DEVICE_LIMIT_REACHED' };

forEachDatabase('devices', (open) => {
  const clock = new TestClock();
  let database: Database;
  let desk: LoginDesk;
  let deviceId: string;
  let devices = 0;
  let numbers = 13_000_000_000;
  before(async () => {
    database = await open();
    desk = openLoginDesk(database, clock);
  });
  beforeEach(() => {
    deviceId = `device ${devices++}`;
  });
  const nextMobile = () => String(numbers++);
  const comeIn = async (accounts: number) => {
    const mobiles = Array.from({ length: accounts }, nextMobile);
    for (const mobile of mobiles) await desk.login({ mobile, deviceId });
    return mobiles;
  };
  const rowsOf = (device: string) =>
    database.read<{ user_id: number; first_seen_at: Date | string; last_seen_at: Date | string }>(
      'SELECT user_id, first_seen_at, last_seen_at FROM user_devices WHERE device_id = ? ORDER BY user_id',
      [device],
    );
  const isRegistered = async (mobile: string) =>
    (await database.read('SELECT user_id FROM users WHERE mobile = ?', [mobile])).length === 1;

  it('A-7 a device is recorded with its first and its latest login', async () => {
    const [mobile = ''] = await comeIn(1);
    const [first] = await rowsOf(deviceId);
    assert.deepEqual(first?.first_seen_at, first?.last_seen_at);
    clock.advance(60_000);
    const { user } = await desk.login({ mobile, deviceId });
    const [second, ...others] = await rowsOf(deviceId);
    assert.deepEqual(others, []);
    assert.equal(second?.user_id, user.userId);
    assert.deepEqual(second?.first_seen_at, first?.first_seen_at);
    assert.notDeepEqual(second?.last_seen_at, first?.last_seen_at);
  });

  it('A-7 a sixth account on a device is refused and not registered; the five are not disturbed', async () => {
    const [mobile = ''] = await comeIn(5);
    const sixth = nextMobile();
    assert.deepEqual(await desk.answer({ mobile: sixth, deviceId }), REFUSED);
    assert.equal(await isRegistered(sixth), false);
    assert.equal((await rowsOf(deviceId)).length, 5);
    assert.deepEqual(await desk.answer({ mobile, deviceId }), { code: 'OK' });
    // An account that exists is one more just the same.
    assert.deepEqual(await desk.answer({ mobile: sixth, deviceId: `another ${deviceId}` }), { code: 'OK' });
    assert.deepEqual(await desk.answer({ mobile: sixth, deviceId }), REFUSED);
    assert.deepEqual(await desk.answer({ mobile: sixth }), { code: 'OK' });
  });

  it('A-7 device ids are told apart to the letter', async () => {
    await comeIn(5);
    const other = deviceId.toUpperCase();
    assert.deepEqual(await desk.answer({ mobile: nextMobile(), deviceId: other }), { code: 'OK' });
  });

  it('A-7 staff log in on a device that has its accounts', async () => {
    const userId = await createUser(database, { role: 'staff' });
    const [{ mobile } = { mobile: '' }] = await database.read<{ mobile: string }>(
      'SELECT mobile FROM users WHERE user_id = ?',
      [userId],
    );
    await comeIn(5);
    assert.deepEqual(await desk.answer({ mobile, deviceId }), { code: 'OK' });
    assert.deepEqual(await desk.answer({ mobile: nextMobile(), deviceId }), REFUSED);
  });

  it('A-7 of 20 new accounts on one device at the same time five get in', async () => {
    for (const before of [0, 4]) {
      deviceId = `device ${devices++}`;
      await comeIn(before);
      const mobiles = Array.from({ length: 20 }, nextMobile);
      const answers = await Promise.all(mobiles.map((mobile) => desk.answer({ mobile, deviceId })));
      assert.equal(answers.filter(({ code }) => code === 'OK').length, 5 - before);
      assert.equal(answers.filter(({ code }) => code === 'DEVICE_LIMIT_REACHED').length, 15 + before);
      assert.equal((await rowsOf(deviceId)).length, 5);
      const registered = await Promise.all(mobiles.map(isRegistered));
      assert.equal(registered.filter(Boolean).length, 5 - before);
    }
  });

  it('A-7 of two who come for the last place one gets it, however long the other takes', async () => {
    const users: UserRecord[] = [];
    for (let accounts = 1; accounts <= 2; accounts++)
      users.push((await desk.login({ mobile: nextMobile() })).user);
    let inside = 0;
    const come = (user: UserRecord) =>
      database.transaction((tx) => {
        const use = { deviceId, known: undefined, accountsPerDevice: 1 };
        return admitOnDevice(
          tx,
          use,
          async () => {
            inside++;
            // Time for the other to count the places too.
            await sleep(100);
            return user;
          },
          clock.nowMs(),
        );
      });
    const admitted = await Promise.all(users.map(come));
    assert.equal(inside, 1);
    assert.equal(admitted.filter((each) => each !== undefined).length, 1);
    assert.equal((await rowsOf(deviceId)).length, 1);
  });

  it('A-7 40 logins of the five accounts of a device and of others at the same time', async () => {
    const mobiles = await comeIn(5);
    const others = Array.from({ length: 5 }, nextMobile);
    const all = Array.from({ length: 4 }, () => [...mobiles, ...others]).flat();
    const answers = await Promise.all(all.map((mobile) => desk.answer({ mobile, deviceId })));
    const codes = answers.map(({ code }) => code);
    assert.deepEqual(
      codes,
      all.map((mobile) => (mobiles.includes(mobile) ? 'OK' : 'DEVICE_LIMIT_REACHED')),
    );
  });

  it('A-6 without the right code a device tells nothing of its accounts', async () => {
    const strict = openLoginDesk(database, clock, { devCode: undefined });
    const [mobile = ''] = await comeIn(5);
    for (const tried of [mobile, nextMobile()]) {
      const code = { code: 'CODE_INVALID' };
      assert.deepEqual(await strict.answer({ mobile: tried, code: '000000', deviceId }), code);
    }
  });
});
