import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { createPool as mysql2Pool } from 'mysql2';
import { ConfigError } from '../../../src/platform/settings/configError.ts';
import { closeDataSources, openDataSources } from '../../../src/platform/database/dataSource.ts';
import { driverOf } from '../../../src/platform/database/mysqlPool.ts';
import { audit } from '../../../src/books/audit.ts';
import { startMariadb, type MariadbServer } from '../../support/services.ts';
import { needs } from '../../support/shared.ts';
import { openVenue, type Venue } from '../../support/venue.ts';

/** Each of them changes what a statement means, or what it leaves behind. */
const HOSTILE = {
  sql_mode: `'NO_BACKSLASH_ESCAPES,ANSI_QUOTES,PIPES_AS_CONCAT,NO_AUTO_VALUE_ON_ZERO'`,
  time_zone: `'+05:00'`,
  autocommit: '0',
  tx_isolation: `'SERIALIZABLE'`,
  tx_read_only: '1',
  completion_type: `'CHAIN'`,
  unique_checks: '0',
  sql_auto_is_null: '1',
  sql_safe_updates: '1',
  sql_select_limit: '1',
  innodb_lock_wait_timeout: '1',
  lock_wait_timeout: '86400',
  auto_increment_increment: '3',
  auto_increment_offset: '2',
  default_storage_engine: `'MyISAM'`,
};

describe('a MariaDB with settings of its own', () => {
  needs('mariadbd', 'mariadb-install-db');
  let server: MariadbServer;
  let url: string;
  let venueUrl: string;
  before('starts it', async function () {
    this.timeout(60_000);
    server = await startMariadb([
      '--log-bin=binlog',
      '--binlog-format=STATEMENT',
      '--character-set-server=latin1',
      '--collation-server=latin1_swedish_ci',
    ]);
    url = await latin1Schema();
    venueUrl = await latin1Schema();
  });
  after(() => server?.stop());

  const latin1Schema = async () => {
    const name = `kaijiang_${randomUUID().slice(0, 8)}`;
    await server.run(`CREATE DATABASE ${name} CHARACTER SET latin1`);
    return server.url(name);
  };
  const open = (serverVersion?: string) =>
    openDataSources({
      url,
      replicaUrls: [url, url],
      poolSize: 4,
      ...(serverVersion === undefined ? {} : { serverVersion }),
    });

  it('DB-8 is refused in one line while its binlog cannot serve READ COMMITTED', async () => {
    await assertRefused(open(), /^DATABASE_URL: .*binlog_format STATEMENT/);
    await server.run(`SET GLOBAL binlog_format = 'ROW'`);
  });

  it('DB-8 is refused in one line when its version is too old', async () => {
    for (const version of ['5.7.44-log', '10.6.20-MariaDB', '5.5.5-10.4.1-MariaDB-log']) {
      await assertRefused(open(version), /^DATABASE_URL: the server is .*: MySQL 8\.0 or later/);
    }
  });

  it('DB-8 every connection has the same state: those for transactions, for reads, of replicas', async () => {
    await makeHostile(server);
    const sources = await open();
    try {
      const states = new Set<string>();
      const ids = new Set<number>();
      for (const source of [sources.write, sources.current, sources.read]) {
        const looked = await Promise.all(
          Array.from({ length: 3 }, async () => {
            await source.query('SELECT SLEEP(0.2)');
            const [row] = await source.query<[{ id: number }]>(
              `SELECT CONNECTION_ID() AS id, ${STATE} AS state`,
            );
            return row as unknown as { id: number; state: string };
          }),
        );
        for (const { id, state } of looked) {
          ids.add(id);
          states.add(state);
        }
      }
      assert.ok(ids.size >= 6, `${ids.size} connections were looked at`);
      assert.deepEqual([...states], [EXPECTED]);
    } finally {
      await closeDataSources(sources);
    }
  });

  it('DB-8 a connection whose state cannot be set is given to nobody, and closed', async () => {
    const statements = ['SET SESSION sql_mode = DEFAULT', 'SET SESSION no_such_variable = 1'];
    const { createPool } = driverOf({ statements, idleLimitMs: undefined }) as {
      createPool: typeof mysql2Pool;
    };
    const pool = createPool({ uri: url, connectionLimit: 2 });
    try {
      for (let tries = 0; tries < 5; tries++) {
        const failure = await new Promise((resolve) => pool.getConnection(resolve));
        assert.equal((failure as { code?: string } | null)?.code, 'ER_UNKNOWN_SYSTEM_VARIABLE');
      }
    } finally {
      pool.end();
    }
  });

  describe('serves the whole product', () => {
    let venue: Venue;
    before('starts a server with the demo on a latin1 schema', async function () {
      this.timeout(60_000);
      venue = await openVenue(venueUrl, { environment: { SEED_DEMO: 'true' } });
    });
    after(() => venue?.close());

    const call = async (token: string, path: string, body: object, method = 'POST') =>
      venue.api<Record<string, unknown>>(method, path, {
        token,
        body,
        headers: { 'idempotency-key': randomUUID() },
      });

    it('DB-8 what users write stays text', async () => {
      const { token } = await venue.login('13900000014');
      const spent = await call(token, '/points/consume', { amount: 1, reason: `O'Brien \\' "x" || 1` });
      assert.equal(spent.code, 'OK');
      const named = await call(token, '/auth/me', { nickname: `',role=0x61646d696e-- -` }, 'PATCH');
      assert.notEqual(named.status, 500);
      const roles = await venue.context.database.read<{ role: string; diners: number }>(
        `SELECT role, COUNT(*) AS diners FROM users WHERE mobile LIKE '139%' GROUP BY role`,
      );
      assert.deepEqual(
        roles.map(({ role }) => role),
        ['user'],
      );
    });

    it('DB-8 tables hold Chinese and emoji whatever the schema has', async () => {
      const { token } = await venue.login('13900000015');
      const named = await call(token, '/auth/me', { nickname: '🍜吃货' }, 'PATCH');
      assert.deepEqual([named.code, named.data['nickname']], ['OK', '🍜吃货']);
      const fresh = await venue.login('13700000001');
      assert.ok(fresh.userId > 0);
    });

    it('DB-8 DB-10 draws are exact, and the books balance', async () => {
      const { campaignId } = await venue.addCampaign();
      const diners = await Promise.all(
        ['13900000001', '13900000002', '13900000003'].map((mobile) => venue.login(mobile)),
      );
      const draws = await Promise.all(
        diners.flatMap(({ token }) =>
          Array.from({ length: 5 }, () =>
            call(token, '/lottery/draw', { campaign_id: campaignId, draw_count: 4 }),
          ),
        ),
      );
      assert.deepEqual(new Set(draws.map(({ code }) => code)), new Set(['OK']));
      const lines: string[] = [];
      const code = await audit({ databaseUrl: venueUrl, seedKey: undefined }, (line) => lines.push(line));
      assert.equal(code, 0, lines.join('\n'));
    });

    it('DB-10 movements tell the key that their row has', async () => {
      const { token, userId } = await venue.login('13900000004');
      for (let count = 0; count < 3; count++) {
        const { data } = await call(token, '/points/consume', { amount: 2 + count, reason: 'key' });
        const [row] = await venue.context.database.read<{ user_id: number; amount: string }>(
          'SELECT user_id, amount FROM points_transactions WHERE transaction_id = ?',
          [data['transaction_id']],
        );
        assert.deepEqual([row?.user_id, Number(row?.amount)], [userId, -(2 + count)]);
      }
    });
  });
});

const LOOKED_AT = [
  'sql_mode',
  'character_set_client',
  'character_set_connection',
  'character_set_results',
  'collation_connection',
  'time_zone',
  'autocommit',
  'tx_isolation',
  'tx_read_only',
  'completion_type',
  'unique_checks',
  'sql_auto_is_null',
  'sql_safe_updates',
  'sql_select_limit',
  'innodb_lock_wait_timeout',
  'lock_wait_timeout',
  'default_storage_engine',
  'idle_transaction_timeout',
];
const STATE = `CONCAT_WS(' ', ${LOOKED_AT.map((name) => `@@${name}`).join(', ')})`;
const EXPECTED =
  'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION ' +
  'utf8mb4 utf8mb4 utf8mb4 utf8mb4_unicode_ci +00:00 ON READ-COMMITTED OFF NO_CHAIN ON OFF OFF 18446744073709551615 10 10 InnoDB 2';

async function makeHostile(server: MariadbServer): Promise<void> {
  for (const [name, value] of Object.entries(HOSTILE)) await server.run(`SET GLOBAL ${name} = ${value}`);
}

async function assertRefused(opening: Promise<unknown>, line: RegExp): Promise<void> {
  await assert.rejects(opening, (error: Error) => {
    assert.ok(error instanceof ConfigError, String(error.stack));
    assert.match(error.message, line);
    assert.ok(!error.message.includes('\n'));
    return true;
  });
}
