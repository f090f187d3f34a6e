import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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
    const sending = Promise.allSettled(
      [1, 2, 3].map(async (at) =>
        send(
          node,
          token,
          await noisy(600 + at, 400)
            .png()
            .toBuffer(),
        ),
      ),
    );
    // The first object is there, and its row is not yet.
    while (files().length === 0) await sleep(1);
    await node.end('SIGKILL');
    await sending;
    const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 2 }));
    try {
      const rows = await database.currentReader.find(ImageResource);
      assert.ok(files().length > rows.length * 2, `${files().length} objects of ${rows.length} rows`);
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
