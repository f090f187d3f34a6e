/** RC-13 a broadcast, step by step, with a node that dies or a commit that goes wrong at each of them. */
import assert from 'node:assert/strict';
import { it } from 'mocha';
import { User } from '../../entities/identity/User.ts';
import { UserSegment } from '../../entities/lottery/UserSegment.ts';
import {
  cancelBroadcast,
  readBroadcast,
  retryBroadcast,
} from '../../src/notifications/broadcasts/broadcasts.ts';
import { broadcastToWire } from '../../src/notifications/broadcasts/messages.ts';
import { stepBroadcast, type Step } from '../../src/notifications/broadcasts/steps.ts';
import { writePreferences } from '../../src/notifications/inbox.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { forEachDatabase } from '../support/databases.ts';
import { startKeysAt } from '../support/factories.ts';
import { interceptStatements } from '../support/faults.ts';
import { ACTOR, broadcastTo, join, OVER, people, toldOf } from './audiences.ts';
import { numbersOf } from './inboxes.ts';

const LEASE_MS = 1000;

forEachDatabase('the steps of a broadcast', (open) => {
  let database: Database;
  /** Thrown once after so many statements. */
  let deadAfter: number | undefined;
  let members: number[];
  let nowMs: number;
  beforeEach('a segment whose members lie far apart', async () => {
    database = await open();
    deadAfter = undefined;
    nowMs = Date.now() + 60_000;
    interceptStatements(database, async (_sql, send) => {
      if (deadAfter !== undefined && deadAfter-- === 0) {
        deadAfter = undefined;
        throw Object.assign(new Error('the node is dead'), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true });
      }
      return send();
    });
    members = await people(database, 5);
    await startKeysAt(database, 'users', 4100);
    members.push(...(await people(database, 4)));
    await people(database, 3);
    await join(database, 'gold', members);
  });

  const step = (broadcastId: number, given: Partial<Step> = {}) => {
    const of = { broadcastId, nodeId: 'a', leaseMs: LEASE_MS, recipients: 2, ...given };
    return database.transaction((tx) => stepBroadcast(tx, of, nowMs));
  };
  const finish = async (broadcastId: number, given: Partial<Step> = {}) => {
    for (let steps = 1; ; steps++) if ((await step(broadcastId, given)) === 'over') return steps;
  };
  const assertTold = async (broadcastId: number, userIds: readonly number[]) => {
    const told = await toldOf(database, broadcastId);
    assert.deepEqual([...told.keys()].sort(byNumber), [...userIds].sort(byNumber));
    assert.ok([...told.values()].every((count) => count === 1));
    for (const userId of userIds) {
      const numbers = await numbersOf(database, userId);
      assert.deepEqual(
        numbers,
        numbers.map((_, at) => at + 1),
      );
    }
  };

  it('RC-13 a node that dies between any two steps is followed by another: all are told, and each once', async () => {
    const all = await finish(await broadcastTo(database, { segment: 'gold' }));
    assert.ok(all > 8, `${all} steps`);
    for (let died = 0; died < all; died++) {
      const broadcastId = await broadcastTo(database, { segment: 'gold' });
      for (let at = 0; at < died; at++) await step(broadcastId);
      if (died > 0 && died < all) assert.equal(await step(broadcastId, { nodeId: 'b' }), 'over');
      nowMs += LEASE_MS + 1;
      await finish(broadcastId, { nodeId: 'b' });
      const { status, total, sent } = await readBroadcast(database, broadcastId);
      assert.deepEqual([status, total, sent], ['completed', 9, 9]);
      await assertTold(broadcastId, members);
    }
  });

  it('RC-13 a node that dies at any statement leaves nothing half done', async function () {
    this.timeout(60_000);
    for (let at = 0, isOver = false; !isOver; at++) {
      const broadcastId = await broadcastTo(database, { segment: 'gold' });
      deadAfter = at;
      await finish(broadcastId, { recipients: 5 }).catch((error: unknown) => {
        assert.match(String(error), /dead|closed|connection/i);
      });
      isOver = deadAfter !== undefined;
      deadAfter = undefined;
      nowMs += LEASE_MS + 1;
      await finish(broadcastId, { nodeId: 'b', recipients: 5 });
      await assertTold(broadcastId, members);
      const { sent, total } = await readBroadcast(database, broadcastId);
      assert.deepEqual([sent, total], [9, 9]);
    }
  });

  it('RC-13 the audience is that of the beginning: who joins later is not told, and who leaves the segment is', async () => {
    const broadcastId = await broadcastTo(database, { segment: 'gold' });
    while ((await readBroadcast(database, broadcastId)).status !== 'sending') await step(broadcastId);
    const late = await people(database, 2);
    await join(database, 'gold', late);
    const [first] = members as [number];
    await database.transaction((tx) => tx.manager.delete(UserSegment, { segment: 'gold', user_id: first }));
    await finish(broadcastId);
    await assertTold(broadcastId, members);
  });

  it('RC-13 whoever registers while the audience of everybody is collected is not in it', async () => {
    const broadcastId = await broadcastTo(database, { all: true });
    await step(broadcastId);
    const everybody = await database.read<{ user_id: number }>('SELECT user_id FROM users');
    await people(database, 3);
    await finish(broadcastId, { recipients: 100 });
    await assertTold(
      broadcastId,
      everybody.map(({ user_id: userId }) => userId),
    );
  });

  it('RC-11 who is gone, is blocked or wants no such notices by the time it is their turn is left out', async () => {
    const broadcastId = await broadcastTo(database, { segment: 'gold' });
    while ((await readBroadcast(database, broadcastId)).status !== 'sending') await step(broadcastId);
    const [closed, disabled, unwilling, ...others] = members as [number, number, number];
    await database.transaction(async (tx) => {
      await tx.manager.update(User, { user_id: closed }, { status: 'closed' });
      await tx.manager.update(User, { user_id: disabled }, { status: 'disabled' });
      const none = { system: false, activity: false, lottery: false, points: false, quiet_hours: null };
      await writePreferences(tx, unwilling, none);
    });
    await finish(broadcastId);
    await assertTold(broadcastId, others);
    const row = await readBroadcast(database, broadcastId);
    assert.deepEqual([row.status, row.sent, row.left_out], ['completed', 6, 3]);
  });

  it('RC-13 after a cancellation nobody is told, and it stays cancelled', async () => {
    const broadcastId = await broadcastTo(database, { segment: 'gold' });
    while ((await readBroadcast(database, broadcastId)).sent === 0) await step(broadcastId);
    const operation = { actor: ACTOR, broadcastId };
    await database.transaction((tx) => cancelBroadcast(tx, operation, nowMs));
    assert.equal(await step(broadcastId), 'over');
    await database.transaction((tx) => cancelBroadcast(tx, operation, nowMs));
    await database.transaction((tx) => retryBroadcast(tx, operation, nowMs));
    assert.equal(await step(broadcastId), 'over');
    const { status, sent } = await readBroadcast(database, broadcastId);
    assert.deepEqual([status, sent], ['cancelled', 2]);
    assert.equal((await toldOf(database, broadcastId)).size, 2);
  });

  it('TIME-1 a claim that a clock ahead has written does not hold it up', async () => {
    const broadcastId = await broadcastTo(database, { segment: 'gold' });
    nowMs += 3_600_000;
    await step(broadcastId);
    nowMs -= 3_599_000;
    await finish(broadcastId, { nodeId: 'b' });
    await assertTold(broadcastId, members);
  });

  it('RC-13 its progress grows from 0 to 1 with each step, over a retry of those who could not be told', async () => {
    const broadcastId = await broadcastTo(database, { segment: 'gold' });
    const seen = [0];
    const look = async () => {
      const row = await readBroadcast(database, broadcastId);
      seen.push(broadcastToWire(row).progress);
      return row.status;
    };
    for (let at = 0; !OVER.includes(await look()); at++)
      await step(broadcastId, { isGivenUp: at === 6, recipients: 1 });
    assert.equal((await readBroadcast(database, broadcastId)).status, 'failed');
    assert.ok(seen.at(-1)! < 1);
    await database.transaction((tx) => retryBroadcast(tx, { actor: ACTOR, broadcastId }, nowMs));
    while (!OVER.includes(await look())) await step(broadcastId);
    assert.equal(seen.at(-1), 1);
    assert.deepEqual(seen, seen.toSorted(byNumber));
    await assertTold(broadcastId, members);
  });
});

function byNumber(a: number, b: number): number {
  return a - b;
}
