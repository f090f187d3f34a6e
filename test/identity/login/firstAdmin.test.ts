import assert from 'node:assert/strict';
import { AccessControl } from '../../../src/identity/access/accessControl.ts';
import { readAccessVersion } from '../../../src/identity/access/accessFeed.ts';
import { ensureFirstAdmin } from '../../../src/identity/login/firstAdmin.ts';
import { localWake } from '../../../src/platform/cluster/wake.ts';
import { openDataSources } from '../../../src/platform/database/dataSource.ts';
import { Database } from '../../../src/platform/database/transaction.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { readAccount } from '../../../src/points/account.ts';
import { TestClock } from '../../support/clock.ts';
import { forEachDatabase, urlOf } from '../../support/databases.ts';

const MOBILE = '13712345678';

interface Row {
  user_id: number;
  mobile: string;
  role: string;
  status: string;
}

forEachDatabase('the first administrator', (open) => {
  const clock = new TestClock();
  let database: Database;
  let log = '';
  const logger = createLogger('info', { write: (line) => (log += line) });
  const ensure = (mobile: string | undefined = MOBILE) =>
    ensureFirstAdmin({ database, clock, logger }, mobile);
  const users = () =>
    database.readCurrent<Row>('SELECT user_id, mobile, role, status FROM users ORDER BY user_id');
  const change = (column: 'role' | 'status', value: string) =>
    database.transaction((tx) => tx.execute(`UPDATE users SET ${column} = ?`, [value]));
  const audits = () =>
    database.readCurrent<{
      actor_id: number;
      action: string;
      target_id: string;
      request_id: string;
      state_before: unknown;
      state_after: unknown;
    }>(
      'SELECT actor_id, action, target_id, request_id, state_before, state_after FROM admin_audit_logs ORDER BY audit_id',
    );
  const json = (value: unknown): unknown => (typeof value === 'string' ? JSON.parse(value) : value);
  beforeEach(async () => {
    database = await open();
    log = '';
  });
  afterEach('no number is logged', () => assert.ok(!log.includes(MOBILE), log));

  it('A-9 is registered with an account, a role, an audit row and a counted change, all at once', async () => {
    const version = await readAccessVersion(database);
    await ensure();
    const [user, ...others] = await users();
    assert.deepEqual([user!.mobile, user!.role, user!.status, others], [MOBILE, 'super_admin', 'active', []]);
    assert.equal((await readAccount(database, user!.user_id)).availableHundredths, 0);
    assert.equal(await readAccessVersion(database), version + 1);
    const events = await database.readCurrent<{ event_type: string }>(
      'SELECT event_type FROM business_events',
    );
    assert.deepEqual(
      events.map((event) => event.event_type),
      ['user:registered'],
    );
    const [row, ...more] = await audits();
    assert.deepEqual(more, []);
    assert.deepEqual(
      [row!.actor_id, row!.action, row!.target_id, row!.request_id],
      [user!.user_id, 'user.role', String(user!.user_id), 'FIRST_ADMIN_MOBILE'],
    );
    assert.deepEqual(
      [json(row!.state_before), json(row!.state_after)],
      [{ role: null }, { role: 'super_admin' }],
    );
    assert.match(log, /is made/);
    const access = await AccessControl.load({
      database,
      clock,
      logger,
      wake: localWake(),
      accessTokenSeconds: 60,
    });
    assert.equal(access.roleOf(user!.user_id), 'super_admin');
  });

  it('A-9 a number that is known is raised', async () => {
    await ensure();
    await change('role', 'staff');
    await ensure();
    const rows = await users();
    assert.deepEqual(
      rows.map(({ role }) => role),
      ['super_admin'],
    );
    const row = (await audits())[1]!;
    assert.deepEqual(
      [json(row.state_before), json(row.state_after)],
      [{ role: 'staff' }, { role: 'super_admin' }],
    );
  });

  it('A-9 later starts do nothing and say so, with any number', async () => {
    await ensure();
    const version = await readAccessVersion(database);
    log = '';
    await ensure();
    await ensure('13812345678');
    assert.equal((await users()).length, 1);
    assert.equal((await audits()).length, 1);
    assert.equal(await readAccessVersion(database), version);
    assert.equal(log.match(/nothing to do/g)?.length, 2);
  });

  it('A-9 without the setting nothing happens', async () => {
    await ensureFirstAdmin({ database, clock, logger }, undefined);
    assert.deepEqual([await users(), log], [[], '']);
  });

  it('A-9 a super admin who is disabled is none, and an account that is disabled becomes none', async () => {
    await ensure();
    await change('status', 'disabled');
    await ensure();
    assert.match(log, /not active/);
    await ensure('13812345678');
    assert.deepEqual(
      (await users()).map(({ role, status }) => [role, status]),
      [
        ['super_admin', 'disabled'],
        ['super_admin', 'active'],
      ],
    );
  });

  it('A-9 nodes that start at once make one', async () => {
    const url = urlOf(database);
    const nodes: Database[] = [];
    for (let i = 0; i < 5; i++)
      nodes.push(new Database(await openDataSources({ url, replicaUrls: [], poolSize: 2 })));
    try {
      const mobiles = [MOBILE, MOBILE, '13812345678', MOBILE, '13812345678'];
      await Promise.all(
        nodes.map((node, at) => ensureFirstAdmin({ database: node, clock, logger }, mobiles[at])),
      );
    } finally {
      for (const node of nodes) await node.close();
    }
    assert.equal((await users()).length, 1);
    assert.equal((await audits()).length, 1);
    assert.equal(log.match(/nothing to do/g)?.length, 4);
  });
});
