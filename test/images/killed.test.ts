import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import { after, it } from 'mocha';
import { ImageResource } from '../../entities/images/ImageResource.ts';
import { audit } from '../../src/books/audit.ts';
import { DiskObjects } from '../../src/images/diskObjects.ts';
import { sweepImages } from '../../src/images/sweep.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { loginAs } from '../platform/cluster/nodes.ts';
import { startServerProcess, type ServerProcess } from '../platform/cluster/serverProcess.ts';
import { onSqlite } from '../support/databases.ts';
import { logSearch } from '../support/logs.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { noisy } from './pictures.ts';

const HOUR_MS = 3_600_000;

onSqlite('an upload whose node is killed', (_open, openUrl) => {
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-killed-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const files = () =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.includes('/'));

  it('RA-8 leaves objects that nobody can ask for, and after a day nothing', async function () {
    this.timeout(120_000);
    const url = await openUrl();
    const node = await startServerProcess(url, { IMAGES_FOLDER: folder });
    const token = await loginAs([node], '13900000001');
    const neighbour = new BetterSqlite3(url.slice('sqlite:'.length), { timeout: 5000 });
    const rows = () => neighbour.prepare('SELECT COUNT(*) FROM image_resources').pluck().get() as number;
    const sending: Promise<unknown>[] = [];
    // An object is there and its row is not: whoever holds the database keeps it so. Where the row was quicker, once more.
    while (files().length <= rows() * 2) {
      assert.ok(sending.length < 20, 'every row was there before the database could be held');
      if (neighbour.inTransaction) neighbour.exec('ROLLBACK');
      const before = files().length;
      const picture = noisy(600 + sending.length, 400);
      sending.push(Promise.allSettled([send(node, token, await picture.png().toBuffer())]));
      while (files().length === before) await sleep(1);
      neighbour.exec('BEGIN IMMEDIATE');
    }
    await node.end('SIGKILL');
    neighbour.close();
    await Promise.all(sending);
    const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 2 }));
    try {
      const imageObjects = new DiskObjects(folder);
      const lines: string[] = [];
      const target = { databaseUrl: url, seedKey: Buffer.alloc(32, 9), images: imageObjects };
      assert.equal(await audit(target, (line) => lines.push(line)), 0, lines.join('\n'));
      const logger = createLogger('debug', logSearch.destination);
      const sweep = (hours: number) => {
        const clock = { ...systemClock, nowMs: () => Date.now() + hours * HOUR_MS };
        return sweepImages({ database, clock, logger, imageObjects });
      };
      assert.deepEqual(await sweep(23), { objects: 0, rows: 0 });
      await sweep(25);
      await sweep(27);
      assert.deepEqual([files(), await database.currentReader.count(ImageResource)], [[], 0]);
    } finally {
      await database.close();
    }
  });
});

async function send({ origin }: ServerProcess, token: string, picture: Buffer): Promise<void> {
  const form = new FormData();
  form.append('file', new Blob([Uint8Array.from(picture)]), 'picture.png');
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${origin}/api/v3/images`, { method: 'POST', headers, body: form });
  await response.text();
}
