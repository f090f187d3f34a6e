import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand, startServerProcess, type ServerProcess } from '../platform/cluster/serverProcess.ts';
import { onSqlite } from '../support/databases.ts';

const CLIENTS = 4;
/** Several of each client. */
const DRAWS = 20;
const DELAY_MS = 90_000;

onSqlite('the load tester of Colyseus', (_open, openUrl) => {
  const folder = mkdtempSync(join(tmpdir(), 'kaijiang-scenario-'));
  let url: string;
  let server: ServerProcess;
  before('a server process runs', async function () {
    this.timeout(DELAY_MS);
    url = await openUrl();
    server = await startServerProcess(url);
  });
  after(async () => {
    await server?.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  async function drawn(): Promise<number> {
    const answer = await fetch(`${server.origin}/api/v3/lottery/campaigns/1`, {
      headers: { Authorization: `Bearer ${await token()}` },
    });
    const { data } = (await answer.json()) as { data: { statistics: { draws: number } } };
    return data.statistics.draws;
  }

  let login: Promise<string> | undefined;
  function token(): Promise<string> {
    login ??= fetch(`${server.origin}/api/v3/auth/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ mobile: '13900000001', code: '123456' }),
    })
      .then((answer) => answer.json() as Promise<{ data: { access_token: string } }>)
      .then(({ data }) => data.access_token);
    return login;
  }

  it('S-9 runs the scenario of a campaign: every client is seated and draws, and nothing is refused', async () => {
    const report = join(folder, 'report');
    const before = await drawn();
    const endpoint = server.origin.replace('http', 'ws');
    const parameters = ['--room', 'campaign', '--endpoint', endpoint, '--numClients', String(CLIENTS)];
    const child = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        'loadtest/scenarios/campaign.ts',
        ...parameters,
        '--interval',
        '100',
        '--output',
        report,
      ],
      { stdio: 'ignore' },
    );
    const ended = once(child, 'exit');
    try {
      while ((await drawn()) < before + DRAWS) {
        assert.equal(child.exitCode, null);
        await sleep(100);
      }
    } finally {
      child.kill('SIGTERM');
      await ended;
    }
    const summary = readFileSync(report, 'utf8');
    assert.match(summary, new RegExp(`Successful connections: ${CLIENTS}\\n`));
    assert.match(summary, /Failed connections: 0\n\s+Total errors: 0\n/);
    const { output } = await runCommand('src/cli/audit.ts', [], { DATABASE_URL: url });
    assert.match(output, /books balance/);
  }).timeout(DELAY_MS);
});
