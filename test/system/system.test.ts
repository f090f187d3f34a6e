import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { BusinessEvent, type EventStatus } from '../../entities/platform/BusinessEvent.ts';
import { problemsOf } from '../../src/system/problems.ts';
import type { SystemView } from '../../src/system/readSystem.ts';
import { openAdministration, type Administration } from '../admin/administration.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';

forEachDatabase('the state of the server', (_open, openUrl) => {
  let here: Administration;
  before(async () => {
    here = await openAdministration(await openUrl());
  });
  after(() => here?.venue.close());

  const read = async (by = here.admin) => here.call('GET', '/admin/system', undefined, by);

  it('R-8 without Redis the one node tells of itself: who is in its rooms, what it owns, what waits', async () => {
    const seats = [
      await here.venue.joinCampaign(here.diner.token),
      await here.venue.joinCampaign(here.diner.token),
      await here.venue.joinCampaign(here.staff.token),
    ];
    const { data, status } = await read();
    assert.equal(status, 200);
    const [node, ...others] = data.nodes;
    assert.deepEqual([others, node.is_this, node.told.ms_ago], [[], true, 0]);
    assert.deepEqual([node.clients, node.told.people], [3, 2]);
    assert.deepEqual(data.online, { people: 2, clients: 3 });
    assert.ok(node.rooms > 0 && node.told.owners > 0);
    assert.deepEqual(data.redis, { is_used: false, round_trip_ms: null });
    assert.ok(data.database.commit_ms > 0);
    assert.equal(data.queued_draw_requests, 0);
    assert.ok(node.told.loop_ms >= 0 && node.told.memory_mb > 10);
    assert.deepEqual([node.told.waiting_transactions, data.webhooks.waiting], [0, 0]);
    assert.ok(data.counting.ledger_lag_ms < 60_000 && data.counting.draws_lag_ms < 60_000);
    for (const seat of seats) await seat.leave();
    await eventually(async () => assert.deepEqual((await read()).data.online, { people: 0, clients: 0 }));
  });

  it('R-8 E-2 the lag is that of the oldest event that waits, and what was given up is counted apart', async () => {
    const { database } = here.venue.context;
    await eventually(async () => assert.equal((await read()).data.events.waiting, 0));
    const before = (await read()).data.events;
    assert.deepEqual([before.lag_ms, before.oldest_waiting_at], [0, null]);
    const write = (status: EventStatus, secondsAgo: number) =>
      database.transaction((tx) =>
        tx.manager.insert(BusinessEvent, {
          ...{ event_type: 'nobody:knows', event_data: '{}', priority: 'normal', status },
          created_at: new Date(Date.now() - secondsAgo * 1000),
        }),
      );
    // Of a type that nobody handles: it stays as it is.
    await write('unknown', 900);
    await write('dead_letter', 600);
    const { events } = (await read()).data;
    assert.deepEqual([events.waiting, events.dead_letters], [0, before.dead_letters + 1]);
    await database.transaction((tx) =>
      tx.execute("UPDATE business_events SET status = 'failed' WHERE status = 'unknown'"),
    );
    const late = (await read()).data.events;
    assert.equal(late.waiting, 1);
    assert.ok(late.lag_ms >= 900_000 && late.lag_ms < 960_000, `${late.lag_ms} ms`);
    await database.transaction((tx) =>
      tx.execute("DELETE FROM business_events WHERE event_type = 'nobody:knows'"),
    );
  });

  it('A-9 it is for administrators', async () => {
    for (const by of [here.diner, here.staff]) assert.equal((await read(by)).code, 'FORBIDDEN');
  });
});

describe('what is wrong with the server', () => {
  const node = (told: object | undefined, processId = 'a') =>
    ({
      ...{ processId, rooms: 1, clients: 0, isThis: processId === 'a' },
      told: told && {
        address: null,
        version: '1',
        people: 0,
        owners: 0,
        queued: 0,
        up_ms: 1,
        agoMs: 0,
        ...told,
      },
    }) as SystemView['nodes'][number];
  const well: SystemView = {
    nodes: [node({})],
    events: { waiting: 0, deadLetters: 0, oldestWaitingMs: null },
    webhooks: { waiting: 0, failing: 0, disabled: 0 },
    ...{ ledgerCountedToMs: 1000, drawsCountedToMs: 1000, databaseMs: 5, redisMs: 1 },
  };
  const codes = (view: Partial<SystemView>) =>
    problemsOf({ ...well, ...view }, 1000).map(({ code, severity }) => `${severity} ${code}`);

  it('R-8 is nothing while all is well, or Redis is not used', () => {
    assert.deepEqual(codes({}), []);
    assert.deepEqual(codes({ redisMs: undefined }), []);
  });

  it('R-8 comes with the worst first, each from its own value on', () => {
    const nodes = [
      node({ loop_ms: 120, config_version: 2, transactions: 99 }),
      node({ queued: 6000, config_version: 3, version: '2' }, 'b'),
      node(undefined, 'c'),
      node({ config_version: 3, bad_config_version: 4 }, 'd'),
    ];
    const events = { waiting: 1, deadLetters: 3, oldestWaitingMs: 1000 - 10_000 };
    assert.deepEqual(
      codes({ nodes, events, redisMs: null, databaseMs: 199, ledgerCountedToMs: 1000 - 3_600_000 }),
      [
        ...[
          'bad node_silent',
          'bad redis_away',
          'bad config_unusable',
          'bad draws_queued',
          'bad ledger_late',
        ],
        ...[
          'warn loop_slow',
          'warn events_late',
          'warn versions_differ',
          'warn config_behind',
          'warn dead_letters',
        ],
      ],
    );
    const [silent] = problemsOf({ ...well, nodes }, 1000);
    assert.equal(silent!.nodeId, 'c');
  });
});
