import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'mocha';
import { forEachDatabase } from '../support/databases.ts';
import { runDrill } from './drill.ts';

forEachDatabase('a database that is lost while diners draw', (_open, openUrl) => {
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-drill-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('RO-4 is back with every draw of before the backup, verified and in balance, and drawing goes on', async function () {
    this.timeout(120_000);
    const lines: string[] = [];
    const report = await runDrill({
      databaseUrl: await openUrl(),
      ...{ folder: join(folder, 'backup'), imagesFolder: join(folder, 'images') },
      ...{ diners: 30, seconds: 1 },
      print: (line) => lines.push(line),
    });
    const told = lines.join('\n');
    assert.deepEqual(report.faults, [], told);
    assert.ok(report.kept > 20 && report.lost > 20 && report.drawnOn > 20, told);
    assert.match(told, /RPO \d+\.\d s/);
    assert.match(told, /RTO \d+\.\d s/);
  });
});
