import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { after, before, describe, it } from 'mocha';
import { BATCH_KINDS, BATCH_PHASES, measuredBatches } from '../../src/platform/actor/batchTimes.ts';
import { ERRORS, type ErrorCode } from '../../src/platform/errors.ts';
import { measuredCalls, measuredRefusals } from '../../src/platform/measured.ts';
import { beginBackground } from '../../src/domains.ts';
import { openRegistry, type NodeFigures } from '../../src/metrics/registry.ts';
import { forEachDatabase, onSqlite } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import { freePort } from '../support/services.ts';
import { openVenue, type Venue } from '../support/venue.ts';

/** What Prometheus would store: each series with its value. */
async function scrape(port: number): Promise<Map<string, number>> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

forEachDatabase('metrics', (_open, openUrl) => {
  let venue: Venue;
  let port: number;
  before(async () => {
    port = await freePort();
    venue = await openVenue(await openUrl(), { environment: { METRICS_PORT: String(port) } });
  });
  after(() => venue?.close());

  const draw = async (mobile: string, campaignId?: number, count = 1) => {
    const { room } = await venue.sit(mobile, campaignId);
    return room.request('draw', { request_id: `${mobile}-${campaignId}`, draw_count: count });
  };

  it('S-6 RO-1 draws, batches, calls, refusals and what waits are there', async () => {
    const before = await scrape(port);
    await draw('13900000001', undefined, 3);
    await venue.api('GET', '/campaigns/999999');
    const { room } = venue.seats.at(-1)!;
    await assert.rejects(room.request('draw', { request_id: 'x', draw_count: -1 }));
    const metrics = await scrape(port);
    const grown = (name: string) => (metrics.get(name) ?? 0) - (before.get(name) ?? 0);
    assert.equal(grown('kaijiang_draws_total'), 3);
    assert.equal(grown('kaijiang_batch_size_count{kind="draws"}'), 1);
    assert.ok(grown('kaijiang_batch_seconds_sum{kind="draws",phase="write"}') > 0);
    assert.equal(grown('kaijiang_refusals_total{edge="room",code="VALIDATION_FAILED"}'), 1);
    assert.equal(grown('kaijiang_refusals_total{edge="http",code="NOT_FOUND"}'), 1);
    assert.ok(grown('kaijiang_http_seconds_count{status="4xx"}') >= 1);
    for (const name of ['kaijiang_rooms', 'kaijiang_clients', 'kaijiang_seats', 'kaijiang_owners'])
      assert.ok(metrics.get(name)! >= 1, name);
    assert.equal(metrics.get('kaijiang_ready{part="database"}'), 1);
    await eventually(async () => {
      const values = await scrape(port);
      for (const name of ['kaijiang_event_lag_seconds', 'kaijiang_database_commit_seconds'])
        assert.ok(values.get(name)! >= 0, name);
    });
  });

  it('RO-1 more people and campaigns are no more series', async () => {
    const { campaignId } = await venue.addCampaign();
    await draw('13900000002', campaignId);
    const few = await scrape(port);
    for (let at = 3; at < 9; at++) {
      const { campaignId: another } = await venue.addCampaign();
      await draw(`1390000000${at}`, another);
      await venue.api('GET', `/campaigns/${another}`);
    }
    const many = await scrape(port);
    const own = (metrics: Map<string, number>) =>
      [...metrics.keys()].filter((name) => name.startsWith('kaijiang_'));
    assert.deepEqual(own(many).sort(), own(few).sort());
    assert.equal(many.get('kaijiang_owners')! - few.get('kaijiang_owners')!, 6);
  });

  it('RO-1 whatever happens at all, they are at most 500', async () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[])
      for (const edge of ['http', 'seat', 'room'] as const) measuredRefusals.tell({ edge, code });
    for (let status = 100; status < 600; status++) measuredCalls.tell({ status, seconds: status / 100 });
    const ms = Object.fromEntries(BATCH_PHASES.map((phase) => [phase, 5]));
    for (const kind of BATCH_KINDS) measuredBatches.tell({ kind, size: 7, ms });
    const { size } = await scrape(port);
    assert.ok(size <= 500, `${size} series`);
    assert.ok(size > 300, `${size} series`);
  });

  it('S-6 they are at their own port alone, and nothing else is there', async () => {
    assert.equal((await fetch(`${venue.origin}/metrics`)).status, 404);
    for (const [path, method] of [
      ['/', 'GET'],
      ['/metrics', 'POST'],
      ['/api/v3/about', 'GET'],
    ] as const)
      assert.equal((await fetch(`http://127.0.0.1:${port}${path}`, { method })).status, 404, path);
  });
});

onSqlite('a node whose port for metrics is taken', (_open, openUrl) => {
  it('S-6 does not begin its work, and says which setting it is', async () => {
    const port = await freePort();
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    const venue = await openVenue(await openUrl());
    try {
      const config = { ...venue.context.config, metricsPort: port };
      await assert.rejects(beginBackground({ ...venue.context, config }), /METRICS_PORT: \d+ is taken/);
    } finally {
      await venue.close();
      other.close();
    }
  });
});

describe('metrics of replicas', () => {
  it('DB-2 S-4 each says how far it is behind, and one that does not say is behind without end', async () => {
    const { registry, close } = openRegistry({
      version: 'test',
      node: () => ({}) as NodeFigures,
      backlog: () => undefined,
      missing: async () => [],
      replicasBehindMs: () => [200, undefined],
    });
    const text = await registry.getSingleMetricAsString('kaijiang_replica_behind_seconds');
    close();
    assert.match(text, /\{replica="1"\} 0\.2\n.*\{replica="2"\} \+Inf/);
  });
});
