import assert from 'node:assert/strict';
import { VerificationCode } from '../../../entities/identity/VerificationCode.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { insertAll } from '../../../src/platform/database/bulk.ts';
import { Forgetting, type ForgettingSettings } from '../../../src/platform/database/forget.ts';
import { withNamedLock } from '../../../src/platform/database/namedLock.ts';
import { sqlTime } from '../../../src/platform/database/sqlValues.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { RETENTION } from '../../../src/domains.ts';
import { forEachDatabase, onMariadb } from '../../support/databases.ts';
import { logSearch } from '../../support/logs.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.now();
const logger = createLogger('debug', logSearch.destination);
const QUICK = { batch: 500, pauseMs: 0 };
const msAgo = (days: number) => NOW_MS - days * DAY_MS;
const ago = (days: number) => sqlTime(msAgo(days));

/** For each table of the list a row of that age; what it needs besides. */
const ROWS: Record<string, (at: Date, n: number) => Record<string, unknown>> = {
  verification_codes: (at, n) => ({
    mobile: `1${n}`,
    code_hash: 'x',
    expires_at: at,
    created_at: at,
  }),
  login_logs: (at, n) => ({
    mobile: `1${n}`,
    outcome: 'ok',
    flags: [],
    ip: '::1',
    network: '::',
    created_at: at,
  }),
  rotated_refresh_tokens: (at, n) => ({ token_hash: `hash-${n}`, session_id: n, rotated_at: at }),
  customer_sessions: (at, n) => ({
    user_id: 1,
    refresh_token_hash: `hash-${n}`,
    expires_at: at,
    created_at: at,
  }),
  business_events: (at) => ({
    event_type: 'points:earned',
    event_data: '{}',
    status: 'completed',
    processed_at: at,
    created_at: at,
  }),
  notifications: (at, n) => ({
    user_id: n % 7,
    notification_no: n,
    event_id: n,
    kind: 'points',
    type: 'earned',
    data: {},
    created_at: at,
  }),
  notification_recipients: (at, n) => ({ broadcast_id: 1, user_id: n, state: 'sent', created_at: at }),
  notification_reminders: (at, n) => ({ name: 'campaign_ending', subject_id: n, told_at: at }),
  notification_broadcasts: (at, n) => ({
    event_id: n,
    kind: 'system',
    type: 'version',
    audience: { all: true },
    data: {},
    status: 'completed',
    send_at: at,
    created_at: at,
  }),
  awaited_types: (at, n) => ({ event_type: 'points:earned', node_id: `node-${n}`, seen_at: at }),
  webhook_deliveries: (at, n) => ({
    webhook_id: 1,
    event_id: n,
    event_type: 'points:earned',
    status: 'delivered',
    created_at: at,
  }),
  chat_restrictions: (at, n) => ({
    conversation_id: 1,
    user_id: n,
    kind: 'mute',
    ends_at: at,
    reason: 'x',
    set_by: 1,
    set_at: at,
  }),
  chat_reports: (at, n) => ({
    message_id: n,
    conversation_id: 1,
    reporter_id: 1,
    sender_id: 2,
    message_type: 'text',
    content: 'x',
    reason: 'spam',
    status: 'decided',
    decision: 'dismiss',
    decided_by: 1,
    decided_at: at,
    created_at: at,
  }),
  member_imports: (at) => ({
    status: 'completed',
    is_dry: false,
    actor_id: 1,
    ip: '::1',
    request_id: 'x',
    created_at: at,
  }),
  smart_served: (at, n) => ({
    recommendation_id: `list-${n}`,
    user_id: 1,
    model_version: 1,
    strategy: 'active',
    items: ['product 1'],
    items_count: 1,
    created_at: at,
  }),
  smart_feedback: (at) => ({ user_id: 1, kind: 'general', text: 'x', created_at: at }),
  analytics_behaviors: (at, n) => ({
    user_id: 1,
    event_id: `event-${n}`,
    visit_id: 'visit',
    kind: 'page',
    name: 'home',
    occurred_at: at,
    received_at: at,
  }),
  analytics_realtime_stats: (at, n) => ({
    period: n % 2 === 0 ? 'minute' : 'hour',
    starts_at: at,
    kind: 'page',
    name: `page${n}`,
    entries: 1,
    duration_ms: 0,
  }),
  smart_insights: (at) => ({
    kind: 'anomaly',
    severity: 'info',
    day: '2026-01-01',
    figures: '{}',
    created_at: at,
    seen_at: at,
  }),
  smart_insight_looks: (at, n) => ({ day: `day ${n}`, begun_at: at, tests: 1, found: 0 }),
  idempotency_records: (at, n) => ({
    user_id: n % 7,
    idempotency_key: `key-${n}`,
    fingerprint: 'x',
    response: '{}',
    created_at: at,
  }),
};

forEachDatabase('what is forgotten', (open) => {
  let database: Database;
  beforeEach('opens a database', async () => {
    database = await open();
  });

  const forgetting = (settings: Partial<ForgettingSettings> = QUICK, nowMs = NOW_MS) =>
    new Forgetting({ database, clock: { ...systemClock, nowMs: () => nowMs }, logger }, RETENTION, settings);
  const fill = async (
    table: string,
    { days, count, from = 0 }: { days: number; count: number; from?: number },
  ) => {
    const time = new Date(msAgo(days));
    const rows = Array.from({ length: count }, (_, at) => ROWS[table]!(time, from + at));
    const { target } = database.reader.dataSource.entityMetadatas.find(
      ({ tableName }) => tableName === table,
    )!;
    await database.transaction((tx) => insertAll(tx, target as new () => Record<string, unknown>, rows));
  };
  const countOf = async (table: string) => {
    const [row] = await database.readCurrent<{ count: number | string }>(
      `SELECT COUNT(*) AS count FROM ${table}`,
    );
    return Number(row!.count);
  };

  it('DB-10 old rows go in batches, young ones stay, in every table of the list', async () => {
    for (const [table, makes] of Object.entries(ROWS)) {
      assert.ok(makes);
      const days = Math.max(...RETENTION.filter((rule) => rule.table === table).map((rule) => rule.days));
      await fill(table, { days: days + 1, count: 1234 });
      await fill(table, { days: 1, count: 10, from: 5000 });
    }
    const forgotten = await forgetting().pass();
    for (const table of Object.keys(ROWS)) {
      assert.equal(forgotten.get(table), 1234, table);
      assert.equal(await countOf(table), 10, table);
    }
    assert.equal((await forgetting().pass()).size, 0);
  });

  it('RO-6 what is under a legal hold stays, whatever its rule says, and goes when it is as old', async () => {
    await fill('verification_codes', { days: 99, count: 5 });
    await fill('login_logs', { days: 299, count: 5 });
    await fill('login_logs', { days: 301, count: 3, from: 100 });
    const held = forgetting({ ...QUICK, holdDays: 300 });
    assert.deepEqual([...(await held.pass())], [['login_logs', 3]]);
    assert.equal(await countOf('verification_codes'), 5);
    assert.deepEqual(
      [...(await forgetting({ ...QUICK, holdDays: 98 }).pass())],
      [
        ['verification_codes', 5],
        ['login_logs', 5],
      ],
    );
  });

  it('DB-10 the list has no table of money, draws or the administration', () => {
    const kept = /^(points_|user_points|lottery_|user_inventories|users$|admin_|business_configs)/;
    assert.deepEqual(
      RETENTION.filter(({ table }) => kept.test(table)).map(({ table }) => table),
      // What was only tried.
      ['lottery_simulations'],
    );
  });

  it('DB-10 every rule fits the schema', async () => {
    for (const rule of RETENTION) {
      const columns = [...rule.key, rule.column].join(', ');
      await database.read(`SELECT ${columns} FROM ${rule.table} LIMIT 1`);
    }
    await forgetting().pass();
  });

  it('DB-10 a login that is alive stays, however old, and one that has ended goes', async () => {
    await fill('customer_sessions', { days: 200, count: 3 });
    await database.transaction(async (tx) => {
      await tx.execute(`UPDATE customer_sessions SET expires_at = ? WHERE refresh_token_hash = 'hash-0'`, [
        ago(-5),
      ]);
      await tx.execute(
        `UPDATE customer_sessions SET expires_at = ?, revoked_at = ? WHERE refresh_token_hash = 'hash-1'`,
        [ago(-5), ago(100)],
      );
    });
    await forgetting().pass();
    const left = await database.read<{ refresh_token_hash: string }>(
      'SELECT refresh_token_hash FROM customer_sessions',
    );
    assert.deepEqual(
      left.map((row) => row.refresh_token_hash),
      ['hash-0'],
    );
  });

  it('DB-10 events go with their marks; those that are not done stay', async () => {
    const statuses = ['completed', 'pending', 'processing', 'failed', 'dead_letter', 'unknown'];
    await fill('business_events', { days: 60, count: statuses.length });
    await database.transaction(async (tx) => {
      const rows = await tx.query<{ event_id: number }>(
        'SELECT event_id FROM business_events ORDER BY event_id',
      );
      for (const [at, status] of statuses.entries()) {
        await tx.execute('UPDATE business_events SET status = ? WHERE event_id = ?', [
          status,
          rows[at]!.event_id,
        ]);
        await tx.execute('INSERT INTO event_handlings (event_id, handler, handled_at) VALUES (?, ?, ?)', [
          rows[at]!.event_id,
          'work',
          ago(60),
        ]);
      }
    });
    await forgetting().pass();
    const left = await database.read<{ status: string }>(
      `SELECT e.status FROM business_events e JOIN event_handlings h ON h.event_id = e.event_id ORDER BY e.event_id`,
    );
    assert.deepEqual(
      left.map(({ status }) => status),
      statuses.slice(1),
    );
    assert.equal(await countOf('event_handlings'), statuses.length - 1);
  });

  it('DB-10 C-4 a report that nobody has decided stays, however old', async () => {
    await fill('chat_reports', { days: 2000, count: 3 });
    await database.transaction((tx) =>
      tx.execute(
        `UPDATE chat_reports SET status = 'open', decision = NULL, decided_by = NULL, decided_at = NULL WHERE message_id = 0`,
      ),
    );
    assert.equal((await forgetting().pass()).get('chat_reports'), 2);
    assert.equal(await countOf('chat_reports'), 1);
  });

  it('TIME-1 a clock that is behind forgets nothing more', async () => {
    await fill('verification_codes', { days: 10, count: 5 });
    await forgetting(QUICK, NOW_MS - 30 * DAY_MS).pass();
    assert.equal(await countOf('verification_codes'), 5);
  });

  it('stops between two transactions', async () => {
    await fill('verification_codes', { days: 10, count: 3000 });
    const running = forgetting({ batch: 100, pauseMs: 50, everyMs: 1 });
    running.start();
    while ((await countOf('verification_codes')) === 3000) await new Promise(setImmediate);
    await running.stop();
    const left = await countOf('verification_codes');
    assert.ok(left > 0 && left % 100 === 0, `${left} are left`);
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.equal(await countOf('verification_codes'), left);
  });
});

onMariadb('what is forgotten', (open) => {
  it('DB-10 is forgotten by one node at a time', async () => {
    const database = await open();
    const at = new Date(msAgo(10));
    await database.transaction((tx) =>
      insertAll(tx, VerificationCode, [{ mobile: '1', code_hash: 'x', expires_at: at, created_at: at }]),
    );
    const node = new Forgetting(
      { database, clock: { ...systemClock, nowMs: () => NOW_MS }, logger },
      RETENTION,
      QUICK,
    );
    await database.transaction((tx) =>
      withNamedLock(tx, 'kaijiang:forgetting', async () => {
        assert.equal((await node.pass()).size, 0);
      }),
    );
    assert.deepEqual([...(await node.pass())], [['verification_codes', 1]]);
  });

  it('TIME-1 a clock that is ahead of the database forgets nothing more', async () => {
    const database = await open();
    const at = new Date(msAgo(1));
    await database.transaction((tx) =>
      insertAll(tx, VerificationCode, [{ mobile: '1', code_hash: 'x', expires_at: at, created_at: at }]),
    );
    const ahead = { ...systemClock, nowMs: () => NOW_MS + 3650 * DAY_MS };
    assert.equal((await new Forgetting({ database, clock: ahead, logger }, RETENTION, QUICK).pass()).size, 0);
  });
});
