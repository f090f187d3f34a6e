import assert from 'node:assert/strict';
import { after, before, beforeEach, it } from 'mocha';
import { exportData } from '../../../src/identity/people/exportData.ts';
import { setUserRole } from '../../../src/identity/access/roles.ts';
import { audit } from '../../../src/books/audit.ts';
import { TestClock } from '../../support/clock.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { eventually } from '../../support/seat.ts';
import { startServer, type Answer, type RunningServer } from '../../support/server.ts';
import { okay, refresh, signIn, type SignedIn } from '../signedIn.ts';

const MINUTE_MS = 60_000;
const SEED_KEY = Buffer.from('07'.repeat(32), 'hex');

forEachDatabase('personal data', (_open, openUrl) => {
  const clock = new TestClock(Date.now());
  const sent = new Map<string, string>();
  let url: string;
  let server: RunningServer;
  let mobile: string;
  let numbers = 0;
  before(async () => {
    url = await openUrl();
    server = await startServer(url, {
      clock,
      sender: { send: async (to, code) => void sent.set(to, code) },
      environment: { AUTH_DEV_CODE: '', AUTH_CODES_PER_IP_PER_HOUR: '1000' },
    });
  });
  after(() => server?.close());
  beforeEach(() => {
    mobile = String(13_500_000_000 + numbers++);
  });
  const rowsOf = <Row = Record<string, unknown>>(sql: string, ...parameters: unknown[]) =>
    server.context.database.read<Row>(sql, parameters);
  const codeFor = async (number: string) => {
    clock.advance(MINUTE_MS);
    okay(await server.api('POST', '/auth/code', { body: { mobile: number } }));
    return sent.get(number)!;
  };
  const enter = async (number: string, deviceId?: string): Promise<SignedIn> => {
    const device = deviceId === undefined ? {} : { device_id: deviceId };
    return signIn(server, number, { code: await codeFor(number), ...device });
  };
  const close = ({ token }: SignedIn, code: unknown) =>
    server.api('DELETE', '/auth/me', { token, body: { code } });
  const draw = ({ token }: SignedIn, requestId: string) =>
    server.api('POST', '/lottery/draw', {
      token,
      body: { campaign_id: 1, request_id: requestId, draw_count: 10 },
    });
  const exported = async ({ token }: SignedIn): Promise<Answer<any>> =>
    server.api<any>('GET', '/auth/export', { token });
  const balances = async () => {
    const lines: string[] = [];
    const code = await audit({ databaseUrl: url, seedKey: SEED_KEY }, (line) => lines.push(line));
    assert.equal(code, 0, lines.join('\n'));
  };
  const wrongOf = (code: string) => (code === '000000' ? '000001' : '000000');

  it('A-11 an export has everything, for its owner, and nothing of others', async () => {
    const other = await enter('13900000002', 'phone-2');
    okay(await draw(other, 'other'));
    const diner = await enter('13900000001', 'phone-1');
    okay(await draw(diner, 'mine-1'));
    okay(await draw(diner, 'mine-2'));
    const { data } = okay(await exported(diner));
    assert.deepEqual(Object.keys(data).sort(), [
      'account',
      'activity',
      'behaviors',
      'bills',
      'blacklisting',
      'chat_blocks',
      'chat_reports',
      'chat_restrictions',
      'check_ins',
      'conversations',
      'devices',
      'draws',
      'exported_at',
      'feedback',
      'images',
      'interactions',
      'items',
      'login_log',
      'merges',
      'messages',
      'notification_preferences',
      'notifications',
      'profile',
      'report_subscription',
      'segments',
      'service_sessions',
      'sessions',
      'spend_claims',
      'trades',
      'transactions',
    ]);
    const { profile } = data;
    assert.deepEqual(
      [profile.user_id, profile.mobile, profile.status],
      [diner.userId, '13900000001', 'active'],
    );
    assert.deepEqual(data.account, okay(await server.api('GET', '/points/account', diner)).data);
    const none = { items: [], truncated: false };
    assert.deepEqual([data.bills, data.check_ins], [none, none]);
    assert.deepEqual([data.draws.items.length, data.draws.truncated], [20, false]);
    const history = okay(await server.api<any>('GET', '/lottery/history?limit=100', diner)).data;
    assert.deepEqual(data.draws.items, history.items);
    const ledger = okay(await server.api<any>('GET', '/points/transactions?limit=100', diner)).data;
    assert.deepEqual(data.transactions, { items: ledger.items, truncated: false });
    await eventually(async () => {
      const { items } = okay(await server.api<any>('GET', '/notifications?limit=100', diner)).data;
      assert.ok(items.length >= 2);
      const { notifications } = okay(await exported(diner)).data;
      assert.deepEqual(notifications, { items, truncated: false });
    });
    const wanted = okay(await server.api<any>('GET', '/notifications/preferences', diner)).data;
    assert.deepEqual(data.notification_preferences, wanted);
    const owned = await rowsOf('SELECT draw_id FROM user_inventories WHERE user_id = ?', diner.userId);
    assert.equal(data.items.items.length, owned.length);
    const [session] = data.sessions.items;
    assert.deepEqual(
      [data.sessions.items.length, session.session_id, session.device_id, session.ip, session.user_agent],
      [1, diner.sessionId, 'phone-1', '127.0.0.1', 'a browser'],
    );
    assert.deepEqual(
      data.devices.items.map((device: { device_id: string }) => device.device_id),
      ['phone-1'],
    );
    assert.deepEqual(
      data.login_log.items.map((tried: { session_id: number; outcome: string }) => [
        tried.session_id,
        tried.outcome,
      ]),
      [[diner.sessionId, 'OK']],
    );
    const past = okay(await exported(await enter('13900000020'))).data;
    assert.deepEqual([past.bills.items.length, past.check_ins.items.length], [3, 3]);
    assert.equal((await server.api('GET', '/auth/export')).code, 'UNAUTHENTICATED');
  });

  it('A-11 the lists that operators keep of people are exported, and left with the account', async () => {
    const number = '13900000005';
    const diner = await enter(number);
    const nowhere = okay(await exported(diner)).data;
    assert.deepEqual([nowhere.segments, nowhere.blacklisting], [[], null]);
    const { token } = await enter('13800000001');
    const admin = (method: string, path: string, body: object) => server.api(method, path, { token, body });
    for (const segment of ['regulars', 'birthday'])
      okay(await admin('PUT', `/admin/segments/${segment}/members`, { add: [diner.userId] }));
    okay(await admin('PUT', `/admin/blacklist/${diner.userId}`, { reason: 'sells prizes' }));
    const { data } = okay(await exported(diner));
    assert.deepEqual(data.segments, ['birthday', 'regulars']);
    assert.deepEqual(Object.keys(data.blacklisting), ['reason', 'created_at']);
    assert.equal(data.blacklisting.reason, 'sells prizes');
    okay(await close(diner, await codeFor(number)));
    for (const table of ['user_segments', 'lottery_blacklist'])
      assert.deepEqual(await rowsOf(`SELECT * FROM ${table} WHERE user_id = ?`, diner.userId), [], table);
  });

  it('A-11 an export is bounded, and says which lists go on', async () => {
    const diner = await enter('13900000003');
    okay(await draw(diner, 'bounded'));
    const { draws, transactions, sessions } = await exportData(server.context, diner.userId, 1);
    assert.deepEqual([draws.items.length, draws.truncated], [1, true]);
    assert.deepEqual([transactions.items.length, transactions.truncated], [1, true]);
    assert.deepEqual([sessions.items.length, sessions.truncated], [1, false]);
    for (let call = 0; call < 10; call++) okay(await exported(diner));
    assert.equal((await exported(diner)).code, 'RATE_LIMITED');
  });

  it('A-11 an account is not closed without a code of its own number', async () => {
    const diner = await enter(mobile);
    const stranger = await codeFor('13911111111');
    const code = await codeFor(mobile);
    assert.equal((await server.api('DELETE', '/auth/me', { token: diner.token })).code, 'VALIDATION_FAILED');
    for (const malformed of [undefined, '', '12345', 123456]) {
      assert.equal((await close(diner, malformed)).code, 'VALIDATION_FAILED');
    }
    if (stranger !== code) assert.equal((await close(diner, stranger)).code, 'CODE_INVALID');
    assert.equal((await close(diner, wrongOf(code))).code, 'CODE_INVALID');
    const tries = await rowsOf<{ consecutive_fail_count: number }>(
      'SELECT consecutive_fail_count FROM login_locks WHERE mobile = ?',
      mobile,
    );
    assert.ok(tries[0]!.consecutive_fail_count >= 1, 'a wrong code counts as one at a login does');
    assert.equal((await server.api('GET', '/auth/me', diner)).code, 'OK');
    clock.advance(5 * MINUTE_MS);
    assert.equal((await close(diner, code)).code, 'CODE_EXPIRED');
  });

  it('A-11 a closed account leads to nobody, and its books, draws and log stay', async () => {
    const number = '13900000004';
    const diner = await enter(number, 'phone-4');
    const tablet = await enter(number, 'tablet-4');
    okay(await server.api('PATCH', '/auth/me', { ...diner, body: { nickname: '张三' } }));
    okay(await draw(diner, 'before'));
    const kept = async () => [
      await rowsOf('SELECT * FROM lottery_draws WHERE user_id = ?', diner.userId),
      await rowsOf('SELECT * FROM points_transactions WHERE user_id = ?', diner.userId),
      await rowsOf('SELECT * FROM user_points_accounts WHERE user_id = ?', diner.userId),
      await rowsOf('SELECT * FROM user_inventories WHERE user_id = ?', diner.userId),
    ];
    const before = await kept();
    assert.deepEqual(okay(await close(diner, await codeFor(number))).data, { closed: true });
    assert.deepEqual(await kept(), before);
    const [user] = await rowsOf('SELECT * FROM users WHERE user_id = ?', diner.userId);
    assert.deepEqual(
      [user!['mobile'], user!['nickname'], user!['avatar_url'], user!['role'], user!['status']],
      [`closed${diner.userId}`, '已注销', null, 'user', 'closed'],
    );
    for (const { token, refreshToken } of [diner, tablet]) {
      assert.equal((await server.api('GET', '/auth/me', { token })).code, 'TOKEN_REVOKED');
      assert.equal((await refresh(server, refreshToken)).code, 'TOKEN_REVOKED');
    }
    const sessions = await rowsOf(
      'SELECT DISTINCT revoked_reason, device_id, ip, user_agent FROM customer_sessions WHERE user_id = ?',
      diner.userId,
    );
    assert.deepEqual(
      sessions.map((row) => ({ ...row })),
      [{ revoked_reason: 'closed', device_id: null, ip: null, user_agent: null }],
    );
    const logs = await rowsOf(
      'SELECT DISTINCT mobile, device_id, ip, network, user_agent FROM login_logs WHERE user_id = ?',
      diner.userId,
    );
    assert.deepEqual(
      logs.map((row) => ({ ...row })),
      [{ mobile: '', device_id: null, ip: '', network: '', user_agent: null }],
    );
    for (const [table, column, value] of [
      ['user_devices', 'user_id', diner.userId],
      ['user_permissions', 'user_id', diner.userId],
      ['verification_codes', 'mobile', number],
      ['login_locks', 'mobile', number],
    ] as const) {
      assert.deepEqual(await rowsOf(`SELECT * FROM ${table} WHERE ${column} = ?`, value), [], table);
    }
    const told = await rowsOf(
      "SELECT event_data FROM business_events WHERE event_type = 'user:closed' AND user_id = ?",
      diner.userId,
    );
    assert.equal(told.length, 1);
    await balances();
  }).timeout(60_000);

  it('A-11 the number registers anew as somebody else, and may close that account too', async () => {
    const first = await enter(mobile);
    okay(await close(first, await codeFor(mobile)));
    const second = await enter(mobile);
    assert.notEqual(second.userId, first.userId);
    const { data } = okay(await exported(second));
    assert.deepEqual([data.profile.mobile, data.draws.items], [mobile, []]);
    // What is given for a first login may have come already.
    assert.ok([0, 100].includes(data.account.total_points), String(data.account.total_points));
    okay(await close(second, await codeFor(mobile)));
    await balances();
  }).timeout(60_000);

  it('A-11 closing twice at the same moment closes once', async () => {
    const diner = await enter(mobile);
    const code = await codeFor(mobile);
    const answers = await Promise.all([close(diner, code), close(diner, code), close(diner, code)]);
    assert.equal(
      answers.filter((answer) => answer.code === 'OK').length,
      1,
      String(answers.map((a) => a.code)),
    );
  });

  it('A-9 the last super admin stays; another who closes is a super admin no more', async () => {
    const { context } = server;
    const boss = await enter('13800000000');
    const refused = await close(boss, await codeFor('13800000000'));
    assert.deepEqual([refused.status, refused.code], [409, 'CONFLICT']);
    assert.equal((await server.api('GET', '/auth/me', boss)).code, 'OK');
    const second = await enter(mobile);
    const actor = { userId: boss.userId, ip: '127.0.0.1', requestId: 'r' };
    await setUserRole(context, { actor, userId: second.userId, role: 'super_admin', reason: 'two of us' });
    okay(await close(second, await codeFor(mobile)));
    assert.equal(context.access.roleOf(second.userId), 'user');
    const audited = await rowsOf(
      "SELECT actor_id, state_before FROM admin_audit_logs WHERE action = 'user.close' AND target_id = ?",
      String(second.userId),
    );
    assert.deepEqual(
      audited.map((row) => [row['actor_id'], JSON.parse(String(row['state_before']))]),
      [[second.userId, { role: 'super_admin', status: 'active' }]],
    );
    assert.equal((await close(boss, await codeFor('13800000000'))).code, 'CONFLICT');
  });
});
