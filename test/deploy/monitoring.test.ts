/** RO-7 S-6 what an operator sees: Prometheus with the rules of deploy/, the dashboard's expressions, and a node that is killed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import { login, post, startNodes, type Nodes } from '../platform/cluster/nodes.ts';
import type { ServerProcess } from '../platform/cluster/serverProcess.ts';
import { SCRAPE_MS, startPrometheus, type Prometheus } from '../support/prometheus.ts';
import { eventually } from '../support/seat.ts';
import { freePort } from '../support/services.ts';
import { needs } from '../support/shared.ts';

const CAMPAIGN = 1;
/** A minute of `for:` is a second. */
const SHORTER_BY = 60;
/** Several scrapes; in production it is one of 15 s. */
const DRAIN_WAIT_MS = 4000;
const PATIENCE_MS = 60_000;

const { panels } = JSON.parse(readFileSync('deploy/grafana/kaijiang.json', 'utf8')) as {
  panels: { title: string; targets: { expr: string }[] }[];
};

describe('the monitoring of deploy/', function () {
  this.timeout(3 * PATIENCE_MS);
  needs('mariadbd', 'mariadb-install-db', 'redis-server', 'prometheus');
  let cluster: Nodes;
  let prometheus: Prometheus;
  let token: string;
  const ports: number[] = [];
  let asked = 0;
  before(async () => {
    ports.push(await freePort(), await freePort());
    const environment = (at: number) => ({
      METRICS_PORT: String(ports[at]),
      DRAIN_WAIT_MS: String(DRAIN_WAIT_MS),
    });
    cluster = await startNodes({ count: ports.length, environment });
    prometheus = await startPrometheus(
      ports.map((port) => `127.0.0.1:${port}`),
      SHORTER_BY,
    );
    token = await login(cluster.nodes, 1);
  });
  after(async () => {
    await prometheus?.stop();
    await cluster?.close();
  });

  const instanceOf = (node: ServerProcess) => `127.0.0.1:${ports[cluster.nodes.indexOf(node)]}`;
  const draw = async (node: ServerProcess, count: number) => {
    const body = { campaign_id: CAMPAIGN, request_id: `watched-${asked++}`, draw_count: count };
    return (await post(node, '/lottery/draw', body, token)).code;
  };
  const firing = async (name: string) =>
    (await prometheus.alerts()).filter((alert) => alert.name === name && alert.state === 'firing');
  /** What is known of it in the last seconds. */
  const shown = async (expression: string, seconds = 30) => {
    const series = await prometheus.range(expression, seconds);
    return series.flatMap(({ values }) => values.filter((value) => !Number.isNaN(value)));
  };

  it('S-6 each expression of the dashboard shows something while people draw', async () => {
    let drawnMs = -Infinity;
    await eventually(async () => {
      // Once for each scrape: the diner's points have to last.
      if (performance.now() - drawnMs > SCRAPE_MS) {
        drawnMs = performance.now();
        for (const node of cluster.nodes) {
          assert.equal(await draw(node, 1), 'OK');
          assert.equal(await draw(node, -1), 'VALIDATION_FAILED');
        }
      }
      for (const { title, targets } of panels)
        for (const { expr } of targets) assert.ok((await shown(expr)).length > 0, `${title}: ${expr}`);
      for (const expr of [
        'sum(rate(kaijiang_draws_total[1m]))',
        'sum by (kind) (rate(kaijiang_batch_size_count{kind="draws"}[1m]))',
        'histogram_quantile(0.95, sum by (phase, le) (rate(kaijiang_batch_seconds_bucket{kind="draws",phase="write"}[5m])))',
      ])
        assert.ok(Math.max(...(await shown(expr))) > 0, expr);
    }, PATIENCE_MS);
  });

  it('RO-7 a node that is told to end alerts of nothing, though it has owned the campaign', async () => {
    const owner = await cluster.ownerOf(CAMPAIGN);
    const instance = instanceOf(owner);
    const other = cluster.nodes.find((node) => node !== owner)!;
    await owner.end('SIGTERM');
    assert.equal(await draw(other, 1), 'OK');
    await cluster.replace(owner);
    assert.deepEqual(new Set(await Promise.all(cluster.nodes.map((node) => draw(node, 1)))), new Set(['OK']));
    await eventually(async () => {
      const restarts = await shown(`changes(process_start_time_seconds{instance="${instance}"}[5m])`, 1);
      assert.deepEqual(restarts.slice(-1), [1]);
    }, PATIENCE_MS);
    const shownMs = Date.now();
    await eventually(async () => assert.ok((await prometheus.rulesAskedMs()) > shownMs), PATIENCE_MS);
    for (const name of ['KaijiangNodeKilled', 'KaijiangTakeover'])
      assert.deepEqual(await firing(name), [], name);
  });

  it('RO-7 an owner that is killed is told of: down, taken over, and started again', async () => {
    const owner = await cluster.ownerOf(CAMPAIGN);
    const instance = instanceOf(owner);
    const other = cluster.nodes.find((node) => node !== owner)!;
    await owner.end('SIGKILL');
    await eventually(async () => assert.equal(await draw(other, 1), 'OK'), PATIENCE_MS);
    await eventually(async () => {
      const down = await firing('KaijiangNodeDown');
      assert.deepEqual(
        down.map(({ labels }) => labels['instance']),
        [instance],
      );
      const taken = await firing('KaijiangTakeover');
      assert.deepEqual(
        taken.map(({ labels }) => labels['because']),
        ['gone'],
      );
    }, PATIENCE_MS);
    await cluster.replace(owner);
    await eventually(async () => {
      const killed = await firing('KaijiangNodeKilled');
      assert.deepEqual(
        killed.map(({ labels }) => labels['instance']),
        [instance],
      );
      assert.deepEqual(await firing('KaijiangNodeDown'), []);
    }, PATIENCE_MS);
  });
});
