/** R-10 an import whose node is killed: the next one goes on where it was. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { it } from 'mocha';
import { audit } from '../../../src/books/audit.ts';
import { openDataSources } from '../../../src/platform/database/dataSource.ts';
import { Database } from '../../../src/platform/database/transaction.ts';
import { loginAs } from '../../platform/cluster/nodes.ts';
import { startServerProcess, type ServerProcess } from '../../platform/cluster/serverProcess.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { fileOf, importedSums, whenOver, type ImportView } from './importing.ts';

const ROWS = 12_000;

forEachDatabase('an import whose node is killed', (_open, openUrl) => {
  it('R-10 goes on, and so does the same file sent again: everybody is there once, with their points once', async function () {
    this.timeout(240_000);
    const url = await openUrl();
    const killed: number[] = [];
    let jobId: number | undefined;
    // In the middle of a file that comes, then twice in the middle of the work, and the file once more.
    let node = await startServerProcess(url);
    const token = await loginAs([node], '13800000000');
    const sending = send(node, token, fileOf(ROWS)).catch(() => undefined);
    await sleep(30);
    await node.end('SIGKILL');
    await sending;
    for (let time = 0; time < 2; time++) {
      node = await startServerProcess(url);
      jobId ??= await send(node, token, fileOf(ROWS));
      const after = killed.at(-1) ?? 0;
      for (;;) {
        const { imported, status } = await read(node, token, jobId);
        if (imported > after || status !== 'running') break;
        await sleep(5);
      }
      await node.end('SIGKILL');
      killed.push((await sums(url)).members);
    }
    assert.ok(killed[0]! > 0 && killed[1]! < ROWS, `it was over already: ${killed.join()}`);
    node = await startServerProcess(url);
    const same = await send(node, token, fileOf(ROWS));
    assert.equal(same, jobId, 'the very file is being imported already');
    const view = await whenOver(() => read(node, token, jobId!));
    assert.deepEqual([view.status, view.imported, view.error_count], ['completed', ROWS, 0]);
    const again = await send(node, token, fileOf(ROWS));
    const passed = await whenOver(() => read(node, token, again));
    assert.deepEqual([passed.imported, passed.known], [0, ROWS]);
    await node.end('SIGTERM');
    const { members, rows, points, audits } = await sums(url);
    assert.deepEqual([members, rows, points, audits], [ROWS, ROWS, (ROWS * (ROWS + 1)) / 2, ROWS]);
    const lines: string[] = [];
    await audit({ databaseUrl: url, seedKey: Buffer.alloc(32, 9) }, (line) => lines.push(line));
    assert.equal(lines[0], 'books balance', lines.join('\n'));
  });
});

async function send({ origin }: ServerProcess, token: string, csv: string): Promise<number> {
  const response = await fetch(`${origin}/api/v3/admin/import/members`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv' },
    body: csv,
  });
  const { data } = (await response.json()) as { data: { job_id: number } };
  assert.equal(response.status, 202);
  return data.job_id;
}

async function read({ origin }: ServerProcess, token: string, jobId: number): Promise<ImportView> {
  const response = await fetch(`${origin}/api/v3/admin/import/${jobId}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return ((await response.json()) as { data: ImportView }).data;
}

async function sums(url: string) {
  const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 2 }));
  try {
    return await importedSums(database);
  } finally {
    await database.close();
  }
}
