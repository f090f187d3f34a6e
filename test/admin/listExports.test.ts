/** RA-6 lists of the console as tables for a spreadsheet. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import { after, before, it } from 'mocha';
import { AdminAuditLog } from '../../entities/admin/AdminAuditLog.ts';
import { User } from '../../entities/identity/User.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database, type Tx } from '../../src/platform/database/transaction.ts';
import { sqlTime } from '../../src/platform/database/sqlValues.ts';
import { loginAs } from '../platform/cluster/nodes.ts';
import { startServerProcess, type ServerProcess } from '../platform/cluster/serverProcess.ts';
import { forEachDatabase } from '../support/databases.ts';
import { insertMany } from '../support/manyRows.ts';
import { eventually } from '../support/seat.ts';
import { readOperations, type Operation } from '../fuzz/document.ts';
import { openAdministration, type Administration } from './administration.ts';

const MARK = '\ufeff';

/** Lists that are none to take away. */
const NO_TABLES: Record<string, string> = {
  '/smart/people/{user_id}/recommendations': 'the few of one person at this moment',
  '/admin/roles': 'the four roles, with what each may do',
  '/admin/online': 'who is there at this moment',
  '/admin/users/{id}/merges': 'the few of one person; those that wait are in the queue, which has its table',
  '/events/types': 'what may happen at all, as the documentation has it',
};
/** Tables that are no list, each with a test of its own. */
const TABLES_OF_THEIR_OWN = ['/admin/campaigns/{id}/statistics', '/smart/behavior-analysis'];

forEachDatabase('lists as tables', (_open, openUrl) => {
  let here: Administration;
  before(async () => {
    here = await openAdministration(await openUrl());
  });
  after(() => here?.venue.close());

  const ask = async (path: string, { token } = here.superAdmin) => {
    const response = await fetch(`${here.venue.origin}/api/v3${path}`, {
      headers: { authorization: `Bearer ${token}`, 'x-request-id': 'a-table' },
    });
    // As it was sent: text() takes the mark away.
    const text = Buffer.from(await response.arrayBuffer()).toString();
    return { status: response.status, headers: response.headers, text };
  };
  const tableOf = async (path: string) => {
    const { status, text } = await ask(path);
    assert.equal(status, 200, `${path}: ${text}`);
    assert.ok(text.startsWith(MARK), path);
    return parse<Record<string, string>>(text, { bom: true, columns: true });
  };

  it('RA-6 a table has what all pages of the list have, in their order, with its masks, and is in the audit log', async () => {
    const mobiles = Array.from({ length: 7 }, (_, at) => `1360000100${at}`);
    for (const mobile of mobiles) await here.venue.login(mobile);
    const rows = await tableOf('/admin/users?role=user&format=csv');
    const listed: any[] = [];
    for (let next: string | null = ''; next !== null;) {
      const { data } = await here.call('GET', `/admin/users?role=user&limit=5${next && `&before=${next}`}`);
      listed.push(...data.items);
      next = data.next;
    }
    assert.deepEqual(
      rows.map(({ user_id, mobile, nickname }) => [Number(user_id), mobile, nickname]),
      listed.map(({ user_id, mobile, nickname }) => [user_id, mobile, nickname]),
    );
    assert.ok(rows.every(({ mobile }) => /^\d{3}\*{4}\d{4}$/.test(mobile!)));
    const [audit] = await here.audits();
    assert.deepEqual(
      [audit?.action, audit?.actor_id, audit?.request_id, audit?.after],
      ['users.export', here.superAdmin.userId, 'a-table', { path: '/api/v3/admin/users', role: 'user' }],
    );
    await tableOf('/admin/users?mobile=13600001001&format=csv');
    const [found] = await here.audits();
    assert.equal(found?.after.mobile, '136****1001', 'A-11');
  });

  it('RA-6 text that would be worked out is text, numbers are numbers, and Chinese is read', async () => {
    const { database } = here.venue.context;
    const names = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1+1', '＋1', '－1', '＠1', '小"明",\n'];
    for (const [at, nickname] of names.entries()) {
      const { userId } = await here.venue.login(`136000020${String(at).padStart(2, '0')}`);
      await database.transaction((tx) => tx.manager.update(User, { user_id: userId }, { nickname }));
    }
    const { text } = await ask('/admin/users?format=csv');
    const found = parse<Record<string, string>>(text, { bom: true, columns: true }).map(
      (row) => row['nickname']!,
    );
    for (const name of names.slice(0, -1)) assert.ok(found.includes(`'${name}`), JSON.stringify(name));
    assert.ok(found.includes(names.at(-1)!));
    const cells: string[][] = parse(text, { bom: true });
    for (const cell of cells.flat()) assert.doesNotMatch(cell, /^[=+\-@\t\r＝＋－＠]/);
    const adjusted = { user_id: here.diner.userId, amount: -12.5, reason: '=核对' };
    assert.equal((await here.call('POST', '/admin/points/adjust', adjusted)).code, 'OK');
    const [movement] = await tableOf(`/admin/users/${here.diner.userId}/transactions?type=adjust&format=csv`);
    assert.deepEqual([movement?.['amount'], movement?.['reason']], ['-12.5', "'=核对"]);
  });

  it('RA-6 every list of the administration is there as a table, empty or not', async () => {
    const { data: webhook } = await here.call('POST', '/admin/webhooks', {
      url: 'https://endpoint.invalid/events',
      events: ['points:*'],
    });
    const steps = [{ kind: 'page', name: 'shop' }];
    const { data: funnel } = await here.call('POST', '/analytics/funnels', { name: 'a test', steps });
    const ids: Record<string, number> = { webhooks: webhook.webhook_id, funnels: funnel.funnel_id };
    const lists = here.venue.context.routes.filter(({ list }) => list !== undefined);
    assert.ok(lists.length > 20, String(lists.length));
    for (const { path, list } of lists) {
      const [, area] = /\/(\w+)\/:id/.exec(path) ?? [];
      const filled = path.replace(':id', String(ids[area!] ?? here.diner.userId));
      const { status, headers, text } = await ask(`${filled}?format=csv`);
      assert.equal(status, 200, `${path}: ${text}`);
      assert.match(headers.get('content-disposition')!, new RegExp(`filename="${list!.name}\\.csv"`));
      const { data } = await here.call('GET', filled);
      const rows = parse<object>(text, { bom: true, columns: true });
      assert.ok(rows.length >= data.items.length, path);
      const [row] = await here.audits();
      assert.equal(row?.action, `${list!.name}.export`);
    }
  });

  it('RA-6 R-10 each list of the document that only some may see has its table, or its reason to have none', async () => {
    const operations = await readOperations(here.venue.origin);
    const lists = operations.filter(
      ({ method, isRestricted, data }) => method === 'GET' && isRestricted && data?.properties?.['items'],
    );
    const isTable = ({ answerTypes, parameters }: Operation) =>
      answerTypes.includes('text/csv') && parameters.some(({ name }) => name === 'format');
    const namesOf = (some: Operation[]) => some.map(({ path }) => path).toSorted();
    assert.deepEqual(namesOf(lists.filter((list) => !isTable(list))), Object.keys(NO_TABLES).toSorted());
    // Whoever may see them all may save them all.
    const tables = operations.filter(isTable);
    assert.ok(tables.length > 20, String(tables.length));
    const { routes } = here.venue.context;
    const declared = routes.filter(({ list }) => list !== undefined);
    const names = declared.map(({ path }) => path.replace(/:(\w+)/g, '{$1}')).toSorted();
    assert.deepEqual(namesOf(tables.filter(({ path }) => !TABLES_OF_THEIR_OWN.includes(path))), names);
  });

  it('RA-6 what is refused is refused before anything is sent or written down', async () => {
    const [before] = await here.audits();
    for (const [path, login, status] of [
      ['/admin/users?format=csv', here.diner, 403],
      ['/admin/users?format=xml', here.superAdmin, 400],
      ['/admin/users?format=csv&mobile=1', here.superAdmin, 400],
      ['/admin/users/2000000000/transactions?format=csv', here.superAdmin, 404],
    ] as const) {
      const answer = await ask(path, login);
      assert.equal(answer.status, status, path);
      assert.match(answer.headers.get('content-type')!, /json/);
    }
    assert.deepEqual((await here.audits())[0], before);
  });

  /** More than what the kernel takes for a client that reads nothing: 32 MiB, and as much as is sent. */
  const FAT = { rows: 15_000, reason: 'x'.repeat(8000) };
  const begin = (login = here.superAdmin) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { authorization: `Bearer ${login.token}`, 'accept-encoding': 'identity' };
      const url = `${here.venue.origin}/api/v3/admin/audit-logs?format=csv&action=user.role`;
      httpGet(url, { headers, agent: false }, resolve).on('error', reject);
    });

  it('RA-6 goes no faster than its client reads, ends when the client does, and so many are made at once', async function () {
    this.timeout(120_000);
    await here.venue.context.database.transaction((tx) => fillLog(tx, FAT.rows, FAT.reason));
    let read = 0;
    const { currentReader } = here.venue.context.database;
    const find = currentReader.find.bind(currentReader);
    currentReader.find = (async (...given: Parameters<typeof find>) => {
      if (given[0] === AdminAuditLog) read += 1;
      return find(...given);
    }) as typeof currentReader.find;
    try {
      const begun = [await begin(), await begin()];
      for (const response of begun) response.once('readable', () => response.read(1));
      assert.equal((await begin()).statusCode, 503, 'of one caller');
      await eventually(async () => {
        const before = read;
        await sleep(500);
        assert.equal(read, before);
      }, 60_000);
      const pages = (begun.length * FAT.rows) / LIMITS.rowsPerExportedPage;
      assert.ok(read < 0.8 * pages, `${read} of ${pages} pages were read for nobody`);
      for (const response of begun) response.destroy();
      await eventually(async () => {
        const response = await begin();
        response.destroy();
        assert.equal(response.statusCode, 200);
      });
    } finally {
      Reflect.deleteProperty(currentReader, 'find');
    }
  });

  it('RA-12 a role that is taken away ends the downloads that it began, within a second', async function () {
    this.timeout(120_000);
    const second = await here.recruit('super_admin');
    const response = await begin(second);
    assert.equal(response.statusCode, 200);
    let bytes = 0;
    response.on('data', (part: Buffer) => (bytes += part.length));
    const ended = new Promise<string>((resolve) => {
      response.on('end', () => resolve('whole'));
      response.on('aborted', () => resolve('broken'));
      response.on('error', () => resolve('broken'));
    });
    await eventually(async () => assert.ok(bytes > 0));
    const role = { role: 'user', reason: 'a test' };
    await here.call('POST', `/admin/users/${second.userId}/role`, role);
    const startedMs = performance.now();
    assert.equal(await ended, 'broken');
    assert.ok(performance.now() - startedMs < 1000);
  });

  it('RA-6 a million rows take no more than so many MB, whatever there is besides', async function () {
    this.timeout(600_000);
    const url = await openUrl();
    const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 2 }));
    // Of what differs between the databases, half of it tells as much, unless the figures are what somebody wants.
    const rows = database.dialect === 'sqlite' || areFiguresShown ? MILLION : MILLION / 2;
    await database.transaction((tx) => fillLog(tx, rows));
    await database.close();
    const server = await startServerProcess(url, { NODE_OPTIONS: COLLECTING });
    try {
      const token = await loginAs([server], '13800000000');
      // What the first one loads and compiles is there for good, and so is what a server at work has for what is soon garbage.
      await download(server, token, 'role=user');
      for (let page = 1; page <= 200; page++) await readLog(server, token, page);
      await collect(server);
      const before = rssOf(server);
      let most = before;
      const timer = setInterval(() => (most = Math.max(most, rssOf(server))), 50);
      const collecting = setInterval(() => void collect(server), COLLECT_MS);
      const startedMs = performance.now();
      const { lines, bytes } = await download(server, token, undefined);
      clearInterval(timer);
      clearInterval(collecting);
      const seconds = Math.round((performance.now() - startedMs) / 1000);
      assert.ok(lines > rows, String(lines));
      const extra = Math.round((most - before) / 1024 / 1024);
      if (areFiguresShown)
        process.stdout.write(
          `${database.dialect}: ${lines} lines, ${bytes} bytes, ${seconds} s, ${extra} MB more\n`,
        );
      assert.ok(extra <= MOST_MB, `${extra} MB more`);
    } finally {
      await server.end('SIGKILL');
    }
  });
});

const MILLION = 1_000_000;
const MOST_MB = 64;
/** What is garbage by then is none of what a table takes: V8 leaves a hundred MB of it before it collects by itself. */
const COLLECT_MS = 1000;
const COLLECTING = `--expose-gc --import ${new URL('../support/collectOnSignal.ts', import.meta.url).href}`;
/** `SHOW_FIGURES=1 npx mocha test/admin/listExports.test.ts` */
const areFiguresShown = process.env['SHOW_FIGURES'] !== undefined;

async function fillLog(tx: Tx, rows: number, reason = '换岗'): Promise<void> {
  await insertMany(tx, 'admin_audit_logs', rows, {
    ...{ actor_id: 'n % 10 + 1', action: `'user.role'`, target_type: `'user'`, target_id: 'n' },
    ...{ state_before: `'{"role":"user"}'`, state_after: `'{"role":"staff","reason":"${reason}"}'` },
    ...{ ip: `'10.0.0.1'`, request_id: `'r'`, created_at: `'${sqlTime(Date.now())}'` },
  });
}

async function download({ origin }: ServerProcess, token: string, users: string | undefined) {
  const path = users === undefined ? '/admin/audit-logs?format=csv' : `/admin/users?format=csv&${users}`;
  const response = await fetch(`${origin}/api/v3${path}`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(response.status, 200);
  let [lines, bytes] = [0, 0];
  for await (const part of response.body!) {
    const buffer = Buffer.from(part as Uint8Array);
    bytes += buffer.length;
    for (let at = buffer.indexOf(10); at >= 0; at = buffer.indexOf(10, at + 1)) lines += 1;
  }
  return { lines, bytes };
}

async function readLog({ origin }: ServerProcess, token: string, page: number): Promise<void> {
  const url = `${origin}/api/v3/admin/audit-logs?limit=100&page=${page}`;
  await (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).arrayBuffer();
}

async function collect({ pid }: ServerProcess): Promise<void> {
  process.kill(pid, 'SIGUSR2');
  await sleep(COLLECT_MS / 2);
}

/** Bytes of memory that a process has. */
function rssOf({ pid }: ServerProcess): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return Number(kilobytes) * 1024;
}
