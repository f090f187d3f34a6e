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
const MESSAGES = 20;
/** In which the clients of a scenario find out that they were not told of something. */
const PATIENCE_MS = 3000;
const DELAY_MS = 90_000;

interface Restaurant {
  conversation_id: number;
}

interface Notifications {
  items: { id: number; type: string }[];
}

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

  async function ask<Data>(path: string, mobile = '13900000001'): Promise<Data> {
    const headers = { Authorization: `Bearer ${await token(mobile)}` };
    const answer = await fetch(`${server.origin}/api/v3${path}`, { headers });
    return ((await answer.json()) as { data: Data }).data;
  }

  async function drawn(): Promise<number> {
    const { statistics } = await ask<{ statistics: { draws: number } }>('/lottery/campaigns/1');
    return statistics.draws;
  }

  const logins = new Map<string, Promise<string>>();
  function token(mobile: string): Promise<string> {
    const login =
      logins.get(mobile) ??
      fetch(`${server.origin}/api/v3/auth/login`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ mobile, code: '123456' }),
      })
        .then((answer) => answer.json() as Promise<{ data: { access_token: string } }>)
        .then(({ data }) => data.access_token);
    logins.set(mobile, login);
    return login;
  }

  /** Until so much has happened, and what came of it is found out. @returns the tester's summary */
  async function runScenario(
    scenario: string,
    parameters: string[],
    isDone: () => Promise<boolean>,
  ): Promise<string> {
    const report = join(folder, `${scenario}.report`);
    const endpoint = server.origin.replace('http', 'ws');
    const common = ['--endpoint', endpoint, '--numClients', String(CLIENTS), '--output', report];
    const script = `loadtest/scenarios/${scenario}.ts`;
    const child = spawn(process.execPath, ['--import', 'tsx', script, ...common, ...parameters], {
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    try {
      while (!(await isDone())) {
        assert.equal(child.exitCode, null);
        await sleep(100);
      }
      if (parameters.includes('--patience')) await sleep(PATIENCE_MS + 1000);
    } finally {
      child.kill('SIGTERM');
      await ended;
    }
    return readFileSync(report, 'utf8');
  }

  async function assertServed(summary: string): Promise<void> {
    assert.match(summary, new RegExp(`Successful connections: ${CLIENTS}\\n`));
    assert.match(summary, /Failed connections: 0\n\s+Total errors: 0\n/);
    const { output } = await runCommand('src/cli/audit.ts', [], { DATABASE_URL: url });
    assert.match(output, /books balance/);
  }

  it('S-9 runs the scenario of a campaign: every client is seated and draws, and nothing is refused', async () => {
    const before = await drawn();
    const parameters = ['--room', 'campaign', '--interval', '100'];
    await assertServed(
      await runScenario('campaign', parameters, async () => (await drawn()) >= before + DRAWS),
    );
  }).timeout(DELAY_MS);

  it('S-9 C-2 runs the scenario of a conversation: every client is told what was acknowledged, without gaps', async () => {
    const parameters = ['--room', 'chat', '--interval', '400', '--patience', String(PATIENCE_MS)];
    const { items } = await ask<{ items: Restaurant[] }>('/restaurants');
    const path = `/chat/conversations/${items[0]!.conversation_id}/messages?limit=100`;
    // One of the clients: whoever is no member yet is told nothing.
    const said = async () =>
      (await ask<{ items: { seq: number }[] } | undefined>(path, '13910000001'))?.items;
    await assertServed(
      await runScenario('talk', parameters, async () => ((await said())?.length ?? 0) >= MESSAGES),
    );
    const numbers = (await said())!.map(({ seq }) => seq);
    assert.deepEqual(
      numbers,
      numbers.map((_, at) => numbers[0]! + at),
    );
  }).timeout(DELAY_MS);

  it('S-9 C-6 runs the scenario of notification rooms: every client is told of each draw and grant once, in order', async () => {
    const parameters = ['--room', 'notifications', '--interval', '200', '--patience', String(PATIENCE_MS)];
    const before = await drawn();
    await assertServed(
      await runScenario('notifications', parameters, async () => (await drawn()) >= before + DRAWS),
    );
    const { items } = await ask<Notifications>('/notifications?limit=100', '13910000001');
    assert.ok(items.some(({ type }) => type === 'earned'));
    assert.ok(items.filter(({ type }) => type === 'draw_paid').length >= 2);
  }).timeout(DELAY_MS);
});
