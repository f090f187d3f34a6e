/** R-10 members of another system and their balances, as administrators send them. */
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { after, before, it } from 'mocha';
import { User } from '../../../entities/identity/User.ts';
import { audit } from '../../../src/books/audit.ts';
import { hashOfExternalId } from '../../../src/identity/imports/importedMembers.ts';
import { stepImport, type ImportStep } from '../../../src/identity/imports/importStep.ts';
import { MemberImporter } from '../../../src/identity/imports/memberImporter.ts';
import { receiveImport } from '../../../src/identity/imports/receiveImport.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { LIMITS } from '../../../src/platform/limits.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { openAdministration, type Administration } from '../../admin/administration.ts';
import { SEED_KEY } from '../../books/playedBooks.ts';
import { digestsOfBooks } from '../../platform/http/digestOfBooks.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { failCommits } from '../../support/faults.ts';
import { createUser, type UserOverrides } from '../../support/factories.ts';
import { logSearch } from '../../support/logs.ts';
import { eventually } from '../../support/seat.ts';
import { countStatements } from '../../support/statements.ts';
import { fileOf, HEADER, importedSums, mobileOf, whenOver, type ImportView } from './importing.ts';

const CSV = { 'content-type': 'text/csv; charset=utf-8' };

forEachDatabase('imports of members', (_open, openUrl) => {
  let here: Administration;
  let url: string;
  before(async () => {
    url = await openUrl();
    here = await openAdministration(url);
  });
  after(() => here?.venue.close());

  const database = () => here.venue.context.database;
  const send = (csv: string, { query = '', by = here.superAdmin, headers = {} } = {}) =>
    here.call('POST', `/admin/import/members${query}`, undefined, by, {
      rawBody: csv,
      headers: { ...CSV, ...headers },
    });
  const read = async (jobId: number, language = 'en'): Promise<ImportView> => {
    const headers = { 'accept-language': language };
    return (await here.call('GET', `/admin/import/${jobId}`, undefined, here.superAdmin, { headers })).data;
  };
  const imported = async (csv: string, query = '') => {
    const { status, data } = await send(csv, { query });
    assert.equal(status, 202);
    return whenOver(() => read(data.job_id as number));
  };
  const accountOf = async (mobile: string) => {
    const { token } = await here.venue.login(mobile);
    const { data: account } = await here.venue.api<any>('GET', '/points/account', { token });
    const { data: me } = await here.venue.api<any>('GET', '/auth/me', { token });
    return { token, points: account.available_points, history: account.history_total_points, ...me };
  };

  it('R-10 B1 3,000 rows of one body: each with an account, a row of the ledger and one of the audit log', async function () {
    this.timeout(120_000);
    const view = await imported(fileOf(3000));
    assert.deepEqual(
      [view.status, view.imported, view.rows, view.done, view.error_count, view.errors],
      ['completed', 3000, 3000, 3000, 0, []],
    );
    assert.deepEqual(await importedSums(database()), {
      ...{ members: 3000, rows: 3000, points: (3000 * 3001) / 2, audits: 3000, waiting: 0 },
    });
    const member = await accountOf(mobileOf(1234));
    assert.deepEqual([member.nickname, member.points, member.history], ['会员1234', 1234, 0]);
    const { data: board } = await here.venue.api<any>('GET', '/points/leaderboard?period=month&limit=5', {
      token: member.token,
    });
    assert.ok(!JSON.stringify(board).includes('会员'), 'RP-14 nobody has earned what was brought along');
    const [audit] = await here.audits();
    assert.deepEqual(
      [audit?.action, audit?.actor_id, audit?.target_type, audit?.before, audit?.after.available_points],
      ['user.import', here.superAdmin.userId, 'user', null, 3000],
    );
  });

  it('R-10 the same file sent again brings nobody anything, and a longer one only who is new', async function () {
    this.timeout(120_000);
    const before = await importedSums(database());
    const again = await imported(fileOf(3000));
    assert.deepEqual([again.status, again.imported, again.known, again.errors], ['completed', 0, 3000, []]);
    assert.deepEqual(await importedSums(database()), before);
    const longer = await imported(fileOf(3002));
    assert.deepEqual([longer.imported, longer.known], [2, 3000]);
    // Whatever else is said of somebody who is known.
    const other = await imported(`${HEADER}\nM-1,13012345678,Another,999999\n`);
    assert.deepEqual([other.imported, other.known, other.error_count], [0, 1, 0]);
  });

  it('R-10 rows with errors are named by line and field, in the language of who asks, and the rest goes on', async () => {
    const staff = here.staff.userId;
    const lines = [
      'E-1,13610000001,小林,1.25',
      'E-2,1361,小林,1',
      'E-3,13610000003,小林,-1',
      'E-4,13610000004,小林,1.234',
      `E-5,13610000005,${'长'.repeat(40)},1`,
      'E-1,13610000006,小林,1',
      'E-7,13610000001,小林,1',
      `E-8,${mobileOf(7)},小林,1`,
      'E-9,13800000000,小林,1000',
      'E-10,13610000010,,10',
      'E-11,13610000011,=1+1,10',
      'E-12,13800000002,小林,10',
    ];
    const csv = `\ufeff${HEADER}\r\n${lines.join('\r\n')}`;
    const dry = await imported(csv, '?dry_run=true');
    assert.deepEqual([dry.status, dry.dry_run, dry.imported, dry.importable], ['completed', true, 0, 4]);
    const bare = await send(csv, { query: '?dry_run' });
    const second = await whenOver(() => read(bare.data.job_id as number));
    assert.equal(second.dry_run, true, 'as ?dry_run alone');
    const { data } = await send(csv);
    const view = await whenOver(() => read(data.job_id as number));
    assert.deepEqual([view.status, view.imported, view.error_count], ['completed', 4, 8]);
    assert.deepEqual(view.errors, dry.errors, 'a dry run reports the same');
    assert.deepEqual(
      view.errors.map(({ row, field }) => `${row} ${field}`),
      [
        '3 mobile',
        '4 points',
        '5 points',
        '6 nickname',
        '7 external_id',
        '8 mobile',
        '9 mobile',
        '10 mobile',
      ],
    );
    assert.deepEqual(
      view.errors.slice(4).map(({ message }) => message),
      [
        'is in row 2 already',
        'is in row 2 already',
        'is of somebody who was imported by another external_id',
        'is your own: nobody gives points to themself',
      ],
    );
    const chinese = await read(data.job_id as number, 'zh-CN');
    assert.equal(chinese.errors[4]?.message, '与第 2 行重复');
    assert.deepEqual((await accountOf('13610000001')).points, 1.25);
    const nameless = await accountOf('13610000010');
    assert.equal(nameless.nickname, `食客${nameless.user_id}`);
    assert.equal((await accountOf('13610000011')).nickname, '=1+1');
    // Somebody who was here keeps their name, and what they may do.
    const known = await accountOf('13800000002');
    assert.deepEqual([known.user_id, known.role], [staff, 'staff']);
    const own = await accountOf('13800000000');
    assert.equal(own.role, 'super_admin');
    const { data: ledger } = await here.call(
      'GET',
      `/admin/users/${here.superAdmin.userId}/transactions?type=import`,
    );
    assert.deepEqual(ledger.items, [], 'P-3');
  });

  it('R-10 a dry run writes nothing', async () => {
    const books = async () => {
      const digests = await digestsOfBooks(database());
      // Has that it was made.
      digests.delete('admin_audit_logs');
      return digests;
    };
    const before = await books();
    const { data } = await send(fileOf(20, 50_000), { query: '?dry_run=true' });
    const started = (await here.audits())[0];
    assert.deepEqual([started?.action, started?.after.dry_run], ['import.start', true]);
    const view = await whenOver(() => read(data.job_id as number));
    assert.deepEqual([view.imported, view.importable, view.error_count], [0, 20, 0]);
    assert.deepEqual(await books(), before);
    assert.equal((await importedSums(database())).waiting, 0);
    const { data: found } = await here.call('GET', `/admin/users?mobile=${mobileOf(50_001)}`);
    assert.deepEqual(found.items, []);
  });

  it('R-10 somebody who is here already gets the balance once, and by one external_id alone', async () => {
    const userId = await somebody(database(), '13620000001', { points: 100_00 });
    const first = await imported(`${HEADER}\nK-1,13620000001,Other,50.5\n`);
    assert.deepEqual([first.imported, first.error_count], [1, 0]);
    const [audit] = await here.audits();
    assert.deepEqual(
      [audit?.target_id, audit?.before, audit?.after.available_points],
      [String(userId), { available_points: 100, import_id: null }, 150.5],
    );
    const { data: user } = await here.call('GET', `/admin/users/${userId}`);
    assert.deepEqual([user.account.available_points, user.nickname === 'Other'], [150.5, false]);
    const second = await imported(`${HEADER}\nK-2,13620000001,Other,50.5\n`);
    assert.deepEqual([second.imported, second.errors[0]?.field], [0, 'mobile']);
  });

  it('A-11 whoever leaves takes their external_id along, and the same file does not bring them back', async () => {
    const csv = `${HEADER}\nL-1,13630000001,小林,77\n`;
    await imported(csv);
    const { token, user_id: userId } = await accountOf('13630000001');
    const { data: held } = await here.venue.api<any>('GET', '/auth/export', { token });
    assert.equal(held.profile.external_id, 'L-1');
    const closed = await here.venue.api('DELETE', '/auth/me', { token, body: { code: '123456' } });
    assert.equal(closed.code, 'OK');
    const [row] = await database().readCurrent<{ external_id: string | null; user_id: number }>(
      'SELECT external_id, user_id FROM imported_members WHERE external_hash = ?',
      [hashOfExternalId('L-1')],
    );
    assert.deepEqual([row?.external_id, row?.user_id], [null, userId]);
    const again = await imported(csv);
    assert.deepEqual([again.imported, again.known], [0, 1]);
  });

  it('R-10 what is no such file is refused, and leaves nothing', async () => {
    const gbk = Buffer.concat([
      Buffer.from(`${HEADER}\nG-1,13640000001,`),
      Buffer.from([0xbb, 0xe1, 0x2c, 0x31]),
    ]);
    const post = (body: string | Buffer, headers: Record<string, string>) =>
      new Promise<{ status: number; text: string }>((resolve, reject) => {
        const asked = httpRequest(`${here.venue.origin}/api/v3/admin/import/members`, {
          method: 'POST',
          agent: false,
          headers: { authorization: `Bearer ${here.superAdmin.token}`, ...headers },
        });
        asked.on('error', reject).on('response', (response) => {
          let text = '';
          response.on('data', (part: Buffer) => (text += part.toString()));
          response.on('end', () => resolve({ status: response.statusCode!, text }));
        });
        asked.end(body);
      });
    const refused = await post(gbk, CSV);
    assert.deepEqual([refused.status, /GBK/.test(refused.text)], [400, true], refused.text);
    assert.equal((await send('name,phone\nx,1')).status, 400);
    assert.equal((await post('{}', { 'content-type': 'application/json' })).status, 400);
    assert.equal((await post(fileOf(1), { ...CSV, 'content-encoding': 'gzip' })).status, 400);
    const large = `${fileOf(1)}${'x'.repeat(LIMITS.importBytes)}`;
    assert.equal((await post(large, { ...CSV, 'transfer-encoding': 'chunked' })).status, 413);
    assert.equal((await send(fileOf(1), { by: here.staff })).status, 403);
    assert.equal((await here.call('GET', '/admin/import/999999')).status, 404);
    const [left] = await database().readCurrent<{ count: number | string }>(
      "SELECT COUNT(*) AS count FROM member_imports WHERE status = 'receiving'",
    );
    assert.equal(Number(left!.count), 0);
    assert.equal((await importedSums(database())).waiting, 0);
  });

  it('R-10 one that breaks off while it comes is dropped', async () => {
    const asked = httpRequest(`${here.venue.origin}/api/v3/admin/import/members`, {
      method: 'POST',
      headers: { authorization: `Bearer ${here.superAdmin.token}`, ...CSV, 'content-length': '1000000' },
    });
    asked.on('error', () => undefined);
    asked.write(fileOf(LIMITS.importRowsPerInsert + 10, 60_000));
    await eventually(async () => assert.ok((await importedSums(database())).waiting > 0));
    asked.destroy();
    await eventually(async () => assert.equal((await importedSums(database())).waiting, 0));
  });

  it('RA-14 PTS-4 sent twice at once, or with the key of an earlier call, it has one effect', async function () {
    this.timeout(60_000);
    const before = await importedSums(database());
    const csv = fileOf(1500, 70_000);
    const both = await Promise.all([send(csv), send(csv)]);
    for (const { status, data } of both) {
      assert.equal(status, 202);
      await whenOver(() => read(data.job_id as number));
    }
    const sums = await importedSums(database());
    assert.deepEqual([sums.members - before.members, sums.rows - before.rows], [1500, 1500]);
    const headers = { 'idempotency-key': 'an-import' };
    const first = await send(fileOf(1, 80_000), { headers });
    const replayed = await send(fileOf(1, 80_000), { headers });
    assert.equal(replayed.data.job_id, first.data.job_id);
    assert.equal(replayed.headers.get('idempotency-replayed'), 'true');
    assert.equal((await send(fileOf(2, 80_000), { headers })).code, 'IDEMPOTENCY_KEY_REUSED');
    await whenOver(() => read(first.data.job_id as number));
  });

  it('R-10 of more errors than are told there is the number', async () => {
    const lines = Array.from({ length: LIMITS.importErrors + 50 }, (_, at) => `T-${at},1,小林,1`);
    const view = await imported([HEADER, ...lines].join('\n'));
    assert.deepEqual([view.errors.length, view.error_count], [LIMITS.importErrors, LIMITS.importErrors + 50]);
    assert.equal(view.errors.at(-1)?.row, LIMITS.importErrors + 1);
  });

  /** `SHOW_FIGURES=1 npx mocha test/identity/imports/imports.test.ts` */
  if (process.env['SHOW_FIGURES'] !== undefined)
    it('R-10 as many rows as one file may have', async function () {
      this.timeout(600_000);
      const startedMs = performance.now();
      const { data } = await send(fileOf(LIMITS.importRows, 1_000_000));
      const sentMs = performance.now() - startedMs;
      const view = await whenOver(() => read(data.job_id as number), 600_000);
      assert.equal(view.imported, LIMITS.importRows);
      const seconds = [sentMs, performance.now() - startedMs].map((ms) => (ms / 1000).toFixed(1));
      process.stdout.write(
        `${database().dialect}: ${view.imported} rows, sent in ${seconds[0]} s, over in ${seconds[1]} s\n`,
      );
    });

  it('R-10 all of it leaves books that balance', async () => {
    const lines: string[] = [];
    await audit({ databaseUrl: url, seedKey: SEED_KEY }, (line) => lines.push(line));
    assert.equal(lines[0], 'books balance', lines.join('\n'));
  });
});

forEachDatabase('the job of an import', (open) => {
  let data: Database;
  const logger = createLogger('debug', logSearch.destination);
  const actor = { userId: 0, ip: '127.0.0.1', requestId: 'a-file' };
  before(async () => {
    data = await open();
    actor.userId = await createUser(data);
  });
  const receive = async (csv: string, isDry = false) => {
    async function* bytes() {
      yield Buffer.from(csv);
    }
    const services = { database: data, clock: systemClock, logger };
    const file = { actor, isDry, bytes: bytes(), idempotencyKey: undefined };
    return (await receiveImport(services, file)).importId;
  };
  const stepOf = (importId: number, more: Partial<ImportStep> = {}): ImportStep => ({
    ...{ importId, nodeId: 'one', leaseMs: 5000, rows: LIMITS.importRowsPerBatch },
    ...{ mayImport: () => true, endMs: () => null },
    ...more,
  });
  const step = (importId: number, more: Partial<ImportStep> = {}, nowMs = Date.now()) =>
    data.retryingTransaction((tx) => stepImport(tx, stepOf(importId, more), nowMs));
  const statusOf = async (importId: number) => {
    const [row] = await data.readCurrent<{ status: string; imported_count: number; problem_count: number }>(
      'SELECT status, imported_count, problem_count FROM member_imports WHERE import_id = ?',
      [importId],
    );
    return row!;
  };
  const importer = (clock = systemClock) =>
    new MemberImporter({
      ...{ database: data, clock, logger },
      access: { can: () => true },
      config: { pointsLifetimeDays: 0, businessTimezone: 'Asia/Shanghai' },
    });

  it('DB-6 the statements of a batch do not grow with its rows', async () => {
    const counts: number[] = [];
    const counted = countStatements(data);
    for (const [at, rows] of [10, 500].entries()) {
      // Some who are here already among them.
      for (let n = 0; n < 3; n++) await somebody(data, mobileOf(1000 * at + n + 1), { points: 100 });
      const importId = await receive(fileOf(rows, 1000 * at + 1));
      counted.take();
      assert.equal(await step(importId), 'more');
      counts.push(counted.take());
      assert.equal(await step(importId), 'over');
      assert.equal((await statusOf(importId)).imported_count, rows);
    }
    // SQLite binds 32,000 values in one statement.
    assert.ok(counts[1]! - counts[0]! <= 2, counts.join());
    assert.ok(counts[1]! < 45, counts.join());
  });

  it('DRAW-6 DB-7 commits that fail, and answers that are lost, bring nobody anything twice', async function () {
    this.timeout(60_000);
    const before = await importedSums(data);
    const importId = await receive(fileOf(1200, 10_000));
    const faults = failCommits(data, ['commit fails', 'answer is lost', 'answer is lost', 'commit fails']);
    const job = importer();
    while ((await statusOf(importId)).status === 'running') await job.work().catch(() => undefined);
    await job.close();
    assert.equal(faults.remaining(), 0);
    const sums = await importedSums(data);
    assert.deepEqual([sums.members - before.members, sums.rows - before.rows], [1200, 1200]);
    assert.equal((await statusOf(importId)).imported_count, 1200);
  });

  it('R-10 two nodes share the work, and one takes over what is of another that is gone', async () => {
    const importId = await receive(fileOf(1000, 20_000));
    assert.equal(await step(importId), 'more');
    assert.equal(await step(importId, { nodeId: 'two' }), 'over', 'it is claimed');
    assert.equal(await step(importId, { nodeId: 'two' }, Date.now() + 6000), 'more', 'the claim has ended');
    const whenClaimsAreOver = { ...systemClock, nowMs: () => Date.now() + 12_000 };
    const nodes = [importer(whenClaimsAreOver), importer(whenClaimsAreOver)];
    await Promise.all(nodes.map((node) => node.work()));
    assert.equal((await statusOf(importId)).imported_count, 1000);
    const other = await receive(fileOf(1000, 30_000));
    await Promise.all(nodes.map((node) => node.work()));
    for (const node of nodes) await node.close();
    assert.deepEqual(await statusOf(other), { status: 'completed', imported_count: 1000, problem_count: 0 });
  });

  it('R-10 a row that cannot be imported is named, and keeps no other from it', async () => {
    const importId = await receive(fileOf(100, 40_000));
    const unlucky = mobileOf(40_040);
    const execute = (sql: string) =>
      // MySQL ends a transaction with it.
      data.dialect === 'mysql' ? data.readCurrent(sql) : data.transaction((tx) => tx.execute(sql));
    await execute(
      data.dialect === 'mysql'
        ? `CREATE TRIGGER unlucky BEFORE INSERT ON users FOR EACH ROW
             IF NEW.mobile = '${unlucky}' THEN SIGNAL SQLSTATE '22000'; END IF`
        : `CREATE TRIGGER unlucky BEFORE INSERT ON users WHEN NEW.mobile = '${unlucky}'
             BEGIN SELECT RAISE(ABORT, 'unlucky'); END`,
    );
    const job = importer();
    await job.work();
    await job.close();
    await execute('DROP TRIGGER unlucky');
    const { status, imported_count, problem_count } = await statusOf(importId);
    assert.deepEqual([status, imported_count, problem_count], ['completed', 99, 1]);
    const [problem] = await data.readCurrent<{ row_no: number; problem: string }>(
      'SELECT row_no, problem FROM member_import_problems WHERE import_id = ?',
      [importId],
    );
    assert.deepEqual([problem?.row_no, problem?.problem], [42, 'fault']);
  });

  it('RA-12 what somebody has begun who may not import any more goes no further', async () => {
    const importId = await receive(fileOf(1000, 50_000));
    assert.equal(await step(importId), 'more');
    await step(importId, { mayImport: () => false });
    assert.deepEqual(await statusOf(importId), { status: 'failed', imported_count: 500, problem_count: 1 });
    assert.equal((await importedSums(data)).waiting, 0);
  });

  it('R-10 an account that could not hold the points is left as it is', async () => {
    await somebody(data, mobileOf(60_001), { points: LIMITS.pointsPerAccount - 100 });
    const importId = await receive(
      `${HEADER}\nF-1,${mobileOf(60_001)},a,1.01\nF-2,${mobileOf(60_002)},b,1\n`,
    );
    await step(importId);
    await step(importId);
    assert.deepEqual(await statusOf(importId), { status: 'completed', imported_count: 1, problem_count: 1 });
  });

  it('R-10 so many are open at a time; one that nobody sends on is in nobody’s way', async () => {
    // The very file is being imported already.
    const open = [await receive(fileOf(1, 69_000), true), await receive(fileOf(1, 69_000), true)].slice(1);
    for (let at = 1; at < LIMITS.openImports; at++) open.push(await receive(fileOf(1, 70_000 + at), true));
    await assert.rejects(receive(fileOf(1, 71_000)), { code: 'BUSY' });
    const old = "status = 'receiving', created_at = '2020-01-01 00:00:00.000'";
    await data.transaction((tx) =>
      tx.execute(`UPDATE member_imports SET ${old} WHERE import_id = ?`, [open[0]]),
    );
    assert.ok((await receive(fileOf(1, 71_000))) > open.at(-1)!);
  });
});

async function somebody(database: Database, mobile: string, overrides: UserOverrides): Promise<number> {
  const user_id = await createUser(database, overrides);
  await database.transaction((tx) => tx.manager.update(User, { user_id }, { mobile }));
  return user_id;
}
