import assert from 'node:assert/strict';
import { before, beforeEach, it } from 'mocha';
import { listLoginLogs, type LoginLogFilter } from '../../../src/identity/login/loginLogs.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { TestClock } from '../../support/clock.ts';
import { forEachDatabase, onMariadb } from '../../support/databases.ts';
import { openLoginDesk, type LoginDesk } from '../loginDesk.ts';

forEachDatabase('the login log', (open) => {
  const clock = new TestClock();
  let database: Database;
  let desk: LoginDesk;
  let strict: LoginDesk;
  let mobile: string;
  let numbers = 0;
  before(async () => {
    database = await open();
    desk = openLoginDesk(database, clock);
    strict = openLoginDesk(database, clock, { devCode: undefined });
  });
  beforeEach(() => {
    mobile = String(13_200_000_000 + numbers++);
  });
  const list = (filter: Partial<LoginLogFilter> = {}) =>
    listLoginLogs(database, { page: 1, limit: 20, ...filter });
  const newest = async () => (await list({ limit: 1 })).items[0]!;
  const flagsOf = async (attempt: Parameters<LoginDesk['login']>[0]) => {
    await desk.login(attempt);
    return (await newest()).flags;
  };
  const flaggedEvents = async (userId: number) => {
    const rows = await database.read<{ event_data: string }>(
      "SELECT event_data FROM business_events WHERE event_type = 'user:login_flagged' AND user_id = ?",
      [userId],
    );
    return rows.map(({ event_data: data }) => JSON.parse(data) as unknown);
  };

  it('A-10 a good login is logged, the number masked, the network wide', async () => {
    const { user } = await desk.login({ mobile, deviceId: 'phone', ip: '2001:db8:1:2::3' });
    const { logId, sessionId, ...row } = await newest();
    assert.ok(logId > 0 && sessionId! > 0);
    assert.deepEqual(row, {
      userId: user.userId,
      mobile: `132****${mobile.slice(-4)}`,
      outcome: 'OK',
      flags: [],
      deviceId: 'phone',
      ip: '2001:db8:1:2::3',
      network: '2001:db8:1::/48',
      userAgent: 'a browser',
      createdAtMs: clock.nowMs(),
    });
  });

  it('A-10 a refused try is logged once, whoever it was and whatever it was refused for', async () => {
    const logged = async (attempt: Partial<Parameters<LoginDesk['login']>[0]>, at = strict) => {
      const { total } = await list();
      await at.answer({ mobile, ...attempt });
      const now = await list();
      assert.equal(now.total, total + 1);
      const { userId, sessionId, outcome } = now.items[0]!;
      assert.equal(sessionId, null);
      return { userId, outcome };
    };
    assert.deepEqual(await logged({ code: '000000' }), { userId: null, outcome: 'CODE_INVALID' });
    const { userId } = (await desk.login({ mobile })).user;
    assert.deepEqual(await logged({ code: '000000' }), { userId, outcome: 'CODE_INVALID' });
    const brief = openLoginDesk(database, clock, { devCode: undefined, failuresBeforeLock: 5 });
    await brief.codeFor(mobile);
    for (let tries = 1; tries <= 5; tries++) await brief.answer({ mobile, code: 'xxxxxx' });
    assert.deepEqual(await logged({ code: '000000' }), { userId, outcome: 'RATE_LIMITED' });
    clock.advance(15 * 60_000);
    const full = openLoginDesk(database, clock, { accountsPerDevice: 0 });
    assert.deepEqual(await logged({ deviceId: 'full' }, full), { userId, outcome: 'DEVICE_LIMIT_REACHED' });
    await database.transaction((tx) =>
      tx.execute("UPDATE users SET status = 'disabled' WHERE user_id = ?", [userId]),
    );
    assert.deepEqual(await logged({}, desk), { userId, outcome: 'ACCOUNT_DISABLED' });
  });

  it('A-7 the first login is not unusual; a new device or a new network is', async () => {
    const home = { mobile, deviceId: `phone of ${mobile}`, ip: '198.51.100.1' };
    assert.deepEqual(await flagsOf(home), []);
    assert.deepEqual(await flagsOf({ ...home, ip: '198.51.100.200' }), []);
    assert.deepEqual(await flagsOf({ ...home, ip: '203.0.113.1' }), ['new_network']);
    assert.deepEqual(await flagsOf({ ...home, ip: '203.0.113.1' }), []);
    assert.deepEqual(await flagsOf({ ...home, deviceId: `laptop of ${mobile}` }), ['new_device']);
    assert.deepEqual(await flagsOf({ ...home, deviceId: `laptop of ${mobile}` }), []);
    const abroad = { ...home, deviceId: `tablet of ${mobile}`, ip: '192.0.2.1' };
    assert.deepEqual(await flagsOf(abroad), ['new_device', 'new_network']);
  });

  it('A-7 a network is forgotten after 50 good logins from elsewhere', async () => {
    await desk.login({ mobile, ip: '198.51.100.1' });
    for (let logins = 1; logins < 50; logins++) await desk.login({ mobile, ip: '192.0.2.1' });
    assert.deepEqual(await flagsOf({ mobile, ip: '198.51.100.1' }), []);
    for (let logins = 1; logins <= 50; logins++) await desk.login({ mobile, ip: '192.0.2.1' });
    assert.deepEqual(await flagsOf({ mobile, ip: '198.51.100.1' }), ['new_network']);
  });

  it('A-10 a login after 3 wrong codes is flagged, and so is each further wrong one', async () => {
    await desk.codeFor(mobile);
    for (let tries = 1; tries <= 2; tries++) await strict.answer({ mobile, code: 'xxxxxx' });
    assert.deepEqual(await flagsOf({ mobile }), []);
    for (let tries = 1; tries <= 3; tries++) await strict.answer({ mobile, code: 'xxxxxx' });
    assert.deepEqual((await newest()).flags, []);
    await strict.answer({ mobile, code: 'xxxxxx' });
    assert.deepEqual((await newest()).flags, ['after_failures']);
    assert.deepEqual(await flagsOf({ mobile }), ['after_failures']);
    assert.deepEqual(await flagsOf({ mobile }), []);
  });

  it('A-10 a device of other accounts is flagged, at the first login too', async () => {
    const deviceId = `tablet of ${mobile}`;
    const other = { mobile: String(13_200_000_000 + numbers++), deviceId };
    assert.deepEqual(await flagsOf({ mobile, deviceId }), []);
    assert.deepEqual(await flagsOf(other), ['shared_device']);
    assert.deepEqual(await flagsOf({ mobile, deviceId }), ['shared_device']);
  });

  it('A-7 a flagged login tells of itself, another does not', async () => {
    const { user } = await desk.login({ mobile, deviceId: `phone of ${mobile}` });
    assert.deepEqual(await flaggedEvents(user.userId), []);
    await desk.login({ mobile, deviceId: `laptop of ${mobile}`, ip: '203.0.113.77' });
    const { sessionId } = await newest();
    assert.deepEqual(await flaggedEvents(user.userId), [
      {
        user_id: user.userId,
        session_id: sessionId,
        flags: ['new_device', 'new_network'],
      },
    ]);
  });

  it('A-10 the log is read newest first, by user, outcome and flags', async () => {
    const { user } = await desk.login({ mobile });
    await desk.codeFor(mobile);
    for (let tries = 1; tries <= 4; tries++) await strict.answer({ mobile, code: 'xxxxxx' });
    await desk.login({ mobile });
    const { userId } = user;
    const all = await list({ userId });
    assert.equal(all.total, 6);
    assert.deepEqual(
      all.items.map(({ logId }) => logId),
      all.items.map(({ logId }) => logId).sort((a, b) => b - a),
    );
    const second = await list({ userId, page: 2, limit: 4 });
    assert.deepEqual([second.page, second.limit, second.total], [2, 4, 6]);
    assert.deepEqual(second.items, all.items.slice(4));
    assert.equal((await list({ userId, outcome: 'CODE_INVALID' })).total, 4);
    assert.equal((await list({ userId, flagged: true })).total, 2);
    assert.equal((await list({ userId, flagged: true, outcome: 'OK' })).total, 1);
    assert.equal((await list({ userId, flagged: false })).total, 4);
    assert.deepEqual((await list({ userId, page: 9 })).items, []);
  });
});

onMariadb('the login log beside other transactions', (open) => {
  it('A-6 a wrong code does not wait for the row of its user', async () => {
    const database = await open();
    const clock = new TestClock();
    const mobile = '13200000000';
    await openLoginDesk(database, clock).login({ mobile });
    const strict = openLoginDesk(database, clock, { devCode: undefined });
    await database.transaction(async (tx) => {
      await tx.query('SELECT user_id FROM users WHERE mobile = ? FOR UPDATE', [mobile]);
      assert.deepEqual(await strict.answer({ mobile, code: '000000' }), { code: 'CODE_INVALID' });
    });
  });
});
