import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAudit } from '../../loadtest/audit.ts';
import { prepareDatabase } from '../../loadtest/bench/prepare.ts';
import { runLoad, ServerProcess } from '../../loadtest/bench/processes.ts';
import { createSecrets, serverEnvironment } from '../../loadtest/bench/settings.ts';
import { UsageMeter } from '../../loadtest/bench/usage.ts';
import { freePort } from '../support/services.ts';

describe('the probe of the bench', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-probe-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('tells what the draws of a server cost: its CPU time, and the phases of its batches', async () => {
    const secrets = createSecrets();
    const prepared = await prepareDatabase({
      ...{ url: `sqlite:${join(folder, 'probe.db')}`, diners: 4 },
      ...{ jwtSecret: secrets.JWT_SECRET, seedRotationDraws: 1_000_000 },
    });
    const environment = serverEnvironment(prepared.url, secrets, await freePort());
    const server = await ServerProcess.start('src/index.ts', environment, { isProbed: true });
    const meter = new UsageMeter(server, undefined);
    const { campaignId, diners } = prepared;
    const report = await runLoad(
      {
        ...{ over: 'room', url: server.url, campaignId, diners, drawCount: 2 },
        ...{ warmupMs: 100, roundMs: 200, rounds: 2 },
      },
      () => meter.begin(),
    );
    const { server: used, database, client, batch } = await meter.end(report);
    await server.stop();
    assert.equal(report.rounds.length, 2);
    assert.ok(report.draws > 0);
    assert.equal(database, undefined);
    for (const { cores, perDrawUs } of [used, client]) assert.ok(cores > 0 && perDrawUs > 0);
    assert.ok(batch!.size >= 1 && batch!.size <= 4);
    assert.ok(batch!.ms.write > 0 && batch!.ms.commit > 0);
    assert.ok((await runAudit(environment)).balanced);
  }).timeout(60_000);
});
