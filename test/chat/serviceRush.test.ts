import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { AdminStatus } from '../../entities/chat/AdminStatus.ts';
import { ServiceSession } from '../../entities/chat/ServiceSession.ts';
import { openService } from '../../src/chat/service/openService.ts';
import { openAdministration, type Administration } from '../admin/administration.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUsers } from '../support/factories.ts';
import { eventually } from '../support/seat.ts';
import type { Login } from '../support/server.ts';

const ARRIVALS = 500;
const AGENTS = 20;
const LIMIT = 2;
const PATIENCE_MS = 60_000;

forEachDatabase('many diners who ask for service at once', function (_open, openUrl) {
  let here: Administration;
  let agents: Login[];
  before(async function () {
    this.timeout(PATIENCE_MS);
    here = await openAdministration(await openUrl());
    agents = [];
    for (let at = 0; at < AGENTS; at++) agents.push(await here.recruit('staff'));
  });
  after(() => here?.venue.close());

  const reader = () => here.venue.context.database.currentReader;
  const sessions = (status: 'waiting' | 'assigned') =>
    reader().find(ServiceSession, { where: { status }, order: { queue_rank: 'ASC', opening_id: 'ASC' } });
  /** How many each has, which no one may be more of than they can have. */
  const counts = async () => {
    const assigned = await sessions('assigned');
    const byAgent = Map.groupBy(assigned, ({ agent_id: id }) => id);
    const counted = [...byAgent.values()].map(({ length }) => length);
    assert.ok(
      counted.every((count) => count <= LIMIT),
      counted.join(),
    );
    return counted.reduce((sum, count) => sum + count, 0);
  };

  it('RC-6 RC-7 no agent has more than their limit, all are busy, and the next are the oldest', async () => {
    for (const agent of agents) {
      const { code } = await here.call('PUT', '/admin/chat/agent', { online: true, limit: LIMIT }, agent);
      assert.equal(code, 'OK');
    }
    const diners = await createUsers(here.venue.context.database, ARRIVALS);
    const { context } = here.venue;
    const asked = Promise.all(
      diners.map(async (userId) => {
        const id = await openService(context, { userId, topic: '', restaurantId: null });
        await context.assigner.assign();
        return id;
      }),
    );
    const isOver = asked.then(() => true);
    // Whoever looks meanwhile sees nobody with more either, nor does anybody get another one by asking for it.
    while (!(await Promise.race([isOver, counts().then(() => false)]))) {
      const [first] = await sessions('waiting');
      if (first !== undefined)
        await here.call('POST', `/admin/chat/sessions/${first.conversation_id}/take`, undefined, agents[0]);
    }
    assert.equal(new Set(await asked).size, ARRIVALS);
    await eventually(async () => assert.equal(await counts(), AGENTS * LIMIT), PATIENCE_MS);
    const expected = (await sessions('waiting')).slice(0, AGENTS * LIMIT).map((one) => one.opening_id);
    const had = await sessions('assigned');
    await Promise.all(
      had.map(({ conversation_id: id }) => here.call('POST', `/admin/chat/sessions/${id}/resolve`)),
    );
    await eventually(async () => assert.equal(await counts(), AGENTS * LIMIT), PATIENCE_MS);
    const got = (await sessions('assigned')).map((one) => one.opening_id);
    assert.deepEqual(
      got.toSorted((a, b) => a - b),
      expected,
    );
    const rows = await reader().find(AdminStatus);
    assert.equal(
      rows.reduce((sum, { open_sessions }) => sum + open_sessions, 0),
      AGENTS * LIMIT,
    );
  }).timeout(4 * PATIENCE_MS);
});
