/** RO-3 what a later build has written is passed over by this one, and never stops it. */
import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import type { DataSource } from 'typeorm';
import { closeDataSources, openDataSources } from '../../src/platform/database/dataSource.ts';
import { sqlTime } from '../../src/platform/database/sqlValues.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import { startServer, type RunningServer } from '../support/server.ts';
import { askEverything, failedOf, type AskedCall } from './askedCalls.ts';
import { addColumns, LATER, plantValues, schemaOf } from './later.ts';

const STEP = 'Later1900000000000';
const ERROR = 50;
/** Of this test's doing: pictures go with the first server's folder, and the next year has no holidays yet. */
const EXPECTED = /a picture that is stored is not there|calendar:holidays_missing/;
const NOW = sqlTime(Date.UTC(2026, 0, 1));

forEachDatabase('a database of a later build', (_open, openUrl) => {
  let url: string;
  let server: RunningServer | undefined;
  let calls: AskedCall[];
  const log: string[] = [];
  before(async () => {
    url = await openUrl();
  });
  after(() => server?.close());

  const start = async () => {
    log.length = 0;
    const sender = { send: async () => undefined };
    return startServer(url, { sender, onLogLine: (line) => void log.push(line) });
  };
  const change = async (work: (source: DataSource) => Promise<void>) => {
    const sources = await openDataSources({ url, replicaUrls: [], poolSize: 2 });
    await work(sources.write);
    await closeDataSources(sources);
  };
  const errors = () =>
    log.filter((line) => (JSON.parse(line) as { level: number }).level >= ERROR && !EXPECTED.test(line));

  it('RO-3 columns that it does not know: every call succeeds and every row is written', async () => {
    await change(async (source) => {
      const schema = schemaOf(source);
      assert.ok((await addColumns(schema)) > 100);
      await schema.query(`INSERT INTO migrations (timestamp, name) VALUES (1900000000000, '${STEP}')`);
    });
    server = await start();
    calls = await askEverything(server);
    assert.ok(calls.length > 100);
    assert.deepEqual(errors(), []);
    assert.equal(log.filter((line) => line.includes('the schema is of a newer build')).length, 1);
    const [row] = await server.context.database.readCurrent<Record<string, unknown>>(
      'SELECT later_note, later_count FROM lottery_draws ORDER BY draw_id DESC LIMIT 1',
    );
    assert.deepEqual([row!['later_note'], Number(row!['later_count'])], [null, 7]);
    await server.close();
    server = undefined;
  }).timeout(600_000);

  it('RO-3 values that it does not know, in every table: it starts, works, and answers what it answered before', async () => {
    await change(async (source) => {
      const schema = schemaOf(source);
      const planted = await plantValues(schema);
      assert.ok(planted.length > 60, planted.join(' '));
      const insert = (type: string, priority: string) =>
        schema.query(
          `INSERT INTO business_events (event_type, event_data, priority, status, created_at) VALUES (?, '{}', ?, 'pending', ?)`,
          [type, priority, NOW],
        );
      await insert('later:happened', 'normal');
      await insert('user:registered', LATER);
      await schema.query(
        `INSERT INTO word_list_parts (version, part, kind, words) SELECT MAX(version), 9999, '${LATER}', '["x"]' FROM word_list_parts`,
      );
    });
    server = await start();
    assert.deepEqual(await failedOf(server, calls), []);
    const statusOf = async (type: string, priority: string) => {
      const rows = await server!.context.database.readCurrent<{ status: string }>(
        'SELECT status FROM business_events WHERE event_type = ? AND priority = ? ORDER BY event_id DESC LIMIT 1',
        [type, priority],
      );
      return rows[0]!.status;
    };
    // The relay goes on: what it knows is done, and what it does not is left to others.
    await eventually(async () => {
      assert.equal(await statusOf('later:happened', 'normal'), 'unknown');
      assert.equal(await statusOf('user:registered', LATER), 'completed');
    }, 20_000);
    const { token } = await server.login('13900000011');
    const draw = { campaign_id: 1, request_id: 'beside-later', draw_count: 1 };
    assert.equal((await server.api('POST', '/lottery/draw', { token, body: draw })).code, 'OK');
    assert.deepEqual(errors(), []);
    assert.equal(log.filter((line) => line.includes('kinds of a newer build')).length, 1);
  }).timeout(600_000);
});
