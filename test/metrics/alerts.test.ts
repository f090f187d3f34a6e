/** RO-7 what alerts, and that it does. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { after, before, describe, it } from 'mocha';
import { onSqlite } from '../support/databases.ts';
import { findBinary, freePort } from '../support/services.ts';
import { openVenue, type Venue } from '../support/venue.ts';

const run = promisify(execFile);
const RULES = 'deploy/prometheus/alerts.yaml';
const TESTS = 'deploy/prometheus/alerts.test.yaml';

interface Alert {
  alert: string;
  expr: string;
  annotations: { summary: string; runbook: string };
}
interface Case {
  name: string;
  alert_rule_test: { alertname: string; exp_alerts: unknown[] }[];
}
const read = <Data>(file: string) => parse(readFileSync(file, 'utf8')) as Data;
const alerts = read<{ groups: { rules: Alert[] }[] }>(RULES).groups.flatMap(({ rules }) => rules);
const cases = read<{ tests: Case[] }>(TESTS).tests;

describe('alerts', () => {
  it('RO-7 each is made to fire by a test of its own', () => {
    const fired = cases.flatMap((one) =>
      one.alert_rule_test.filter(({ exp_alerts: all }) => all.length > 0).map(({ alertname }) => alertname),
    );
    assert.deepEqual(fired.sort(), alerts.map(({ alert }) => alert).sort());
  });

  it('RO-7 each leads to a place that says what to do, and one always fires', () => {
    const headings = readFileSync('deploy/RUNBOOK.md', 'utf8').match(/^## .*$/gm)!;
    const anchors = headings.map((heading) =>
      heading
        .slice(3)
        .toLowerCase()
        .replace(/[^\w ]/g, '')
        .replaceAll(' ', '-'),
    );
    assert.deepEqual(
      alerts.map(({ annotations }) => annotations.runbook).sort(),
      anchors.map((anchor) => `deploy/RUNBOOK.md#${anchor}`).sort(),
    );
    assert.ok(alerts.some(({ expr }) => expr === 'vector(1)'));
  });

  describe('by promtool', () => {
    let promtool: string;
    let folder: string;
    before(function () {
      const found = findBinary('promtool');
      if (found === undefined) {
        if (process.env['REQUIRE_SERVICES'] === '1') throw new Error('promtool is not on PATH');
        this.skip();
      }
      promtool = found;
      folder = mkdtempSync(join(tmpdir(), 'kaijiang-alerts-'));
    });
    after(() => {
      if (folder !== undefined) rmSync(folder, { recursive: true });
    });

    it('RO-7 all fire when they should', async () => {
      await run(promtool, ['test', 'rules', TESTS]);
    });

    it('RO-7 one that cannot fire is found', async () => {
      writeFileSync(join(folder, 'alerts.test.yaml'), readFileSync(TESTS));
      const broken = readFileSync(RULES, 'utf8').replace('kaijiang_ready == 0', 'kaijiang_ready == 7');
      writeFileSync(join(folder, 'alerts.yaml'), broken);
      await assert.rejects(run(promtool, ['test', 'rules', join(folder, 'alerts.test.yaml')]), /NotReady/);
    });
  });
});

onSqlite('alerts and the dashboard', (_open, openUrl) => {
  let venue: Venue;
  after(() => venue?.close());

  it('RO-7 S-6 name no metric that a node does not have', async () => {
    const port = await freePort();
    venue = await openVenue(await openUrl(), { environment: { METRICS_PORT: String(port) } });
    const { room } = await venue.sit('13900000001');
    await room.request('draw', { request_id: 'one', draw_count: 1 });
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const known = new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!));
    const dashboard = JSON.parse(readFileSync('deploy/grafana/kaijiang.json', 'utf8')) as {
      panels: { targets: { expr: string }[] }[];
    };
    const texts = [
      ...alerts.map(({ expr }) => expr),
      ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ];
    const named = texts.flatMap((expr) => expr.match(/\b(?:kaijiang|process|nodejs)_\w+/g) ?? []);
    const families = new Set(named.map((name) => name.replace(/_(bucket|sum|count)$/, '')));
    assert.ok(families.size > 15, String(families.size));
    assert.deepEqual(
      [...families].filter((name) => !known.has(name)),
      [],
    );
  });
});
