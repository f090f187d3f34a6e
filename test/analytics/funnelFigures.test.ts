/** `SHOW_FIGURES=1 npx mocha test/analytics/funnelFigures.test.ts`: what a funnel over a million rows takes, and takes from others. */
import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { it } from 'mocha';
import type { Database } from '../../src/platform/database/transaction.ts';
import { runFunnel } from '../../src/analytics/funnels/runFunnel.ts';
import { Analyses } from '../../src/analytics/reading/analyses.ts';
import type { AnalysisServices } from '../../src/analytics/reading/services.ts';
import { forEachDatabase } from '../support/databases.ts';
import { insertMany } from '../support/manyRows.ts';

const SHOWN = process.env['SHOW_FIGURES'] !== undefined;
const ROWS = SHOWN ? 1_000_000 : 20_000;
const ROWS_OF_PERSON = 100;
const NOON_MS = Date.parse('2026-03-03T04:00:00Z');
const STEPS = ['home', 'campaign', 'shop'].map((name) => ({
  ...{ kind: 'page' as const, name, target_type: null, target_id: null },
}));

forEachDatabase('a funnel over many rows', (open) => {
  it('RS-1 reads them within seconds, in pieces between which others go on', async function () {
    this.timeout(SHOWN ? 400_000 : 30_000);
    const database = await open();
    await fill(database);
    const clock = { nowMs: () => NOON_MS, monotonicMs: () => 0 };
    const now = () => ({ analytics: { sample_percent: 100 } });
    const configuration = { now } as unknown as AnalysisServices['configuration'];
    const analyses = new Analyses(clock, { atOnce: 1, waiting: 1 });
    const services = {
      database,
      clock,
      configuration,
      analyses,
      personalAnalyses: analyses,
      businessTimezone: 'Asia/Shanghai',
    };
    const lag = monitorEventLoopDelay({ resolution: 1 });
    lag.enable();
    const startMs = performance.now();
    const startCpu = process.cpuUsage();
    const funnel = { steps: STEPS, window_seconds: 86_400, order: 'strict', unit: 'person' } as const;
    const report = await runFunnel(services, funnel, { from: '2026-02-20', to: '2026-03-03' });
    const tookMs = performance.now() - startMs;
    const cpu = process.cpuUsage(startCpu);
    lag.disable();
    assert.deepEqual([report.rows_read, report.is_truncated], [ROWS, false]);
    assert.equal(report.begun, ROWS / ROWS_OF_PERSON);
    const againMs = performance.now();
    await runFunnel(services, funnel, { from: '2026-02-20', to: '2026-03-03' });
    assert.ok(performance.now() - againMs < tookMs / 10, 'what is asked again is known');
    if (SHOWN)
      console.log(
        `${database.dialect}: ${ROWS} rows in ${Math.round(tookMs)} ms, ${Math.round((cpu.user + cpu.system) / 1000)} ms of them computing; nothing else for at most ${Math.round(lag.max / 1e6)} ms, p99 ${Math.round(lag.percentile(99) / 1e6)} ms`,
      );
  });
});

function fill(database: Database): Promise<void> {
  const at =
    database.dialect === 'mysql'
      ? `DATE_ADD('2026-03-01 00:00:00', INTERVAL n % 86400 SECOND)`
      : `strftime('%Y-%m-%d %H:%M:%S.000', '2026-03-01 00:00:00', (n % 86400) || ' seconds')`;
  return database.transaction((tx) =>
    insertMany(tx, 'analytics_behaviors', ROWS, {
      ...{
        user_id: `FLOOR((n - 1) / ${ROWS_OF_PERSON}) + 1`,
        event_id: 'n',
        visit_id: `'v'`,
        kind: `'page'`,
      },
      name: `CASE n % 3 WHEN 1 THEN 'home' WHEN 2 THEN 'campaign' ELSE 'shop' END`,
      ...{ occurred_at: at, received_at: at },
    }),
  );
}
