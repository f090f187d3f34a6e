/** RO-3 what a later build asks of many, or of all nodes, in ways that this one does not know. */
import assert from 'node:assert/strict';
import { it } from 'mocha';
import { z } from 'zod';
import { answerCall, callOf } from '../../src/platform/actor/calls.ts';
import { parseListing } from '../../src/platform/cluster/roomListings.ts';
import { syncShape } from '../../src/platform/sync.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { PersonalFeed } from '../../src/notifications/personalFeed.ts';
import { readBroadcast } from '../../src/notifications/broadcasts/broadcasts.ts';
import { stepBroadcast } from '../../src/notifications/broadcasts/steps.ts';
import { PointsRuleVersion } from '../../entities/points/PointsRuleVersion.ts';
import { readReady } from '../../src/points/rules/publishedRules.ts';
import { seedRules } from '../../src/points/rules/ruleBook.ts';
import { RULE_TYPES } from '../../src/points/rules/formula.ts';
import { broadcastTo, people, toldOf } from '../notifications/audiences.ts';
import { forEachDatabase } from '../support/databases.ts';

forEachDatabase('what a later build has asked for', (open) => {
  it('RO-3 a broadcast to an audience, or of a type, that is not known is left to others, and told to nobody', async () => {
    const database = await open();
    await people(database, 3);
    for (const change of [`audience = '{"later":3}'`, `type = 'later'`]) {
      const broadcastId = await broadcastTo(database, { all: true });
      await database.transaction((tx) =>
        tx.execute(`UPDATE notification_broadcasts SET ${change} WHERE broadcast_id = ?`, [broadcastId]),
      );
      const step = { broadcastId, nodeId: 'a', leaseMs: 1000, recipients: 10 };
      const later = Date.now() + 60_000;
      for (let at = 0; at < 3; at++)
        assert.equal(await database.transaction((tx) => stepBroadcast(tx, step, later)), 'foreign', change);
      assert.equal((await readBroadcast(database, broadcastId)).status, 'scheduled');
      assert.equal((await toldOf(database, broadcastId)).size, 0);
    }
  });

  it('RO-3 a rule of points that cannot be read gives nothing and says why, and the others give what they did', async () => {
    const database = await open();
    await database.transaction((tx) => seedRules(tx, true, Date.now()));
    const read = async () => {
      const all = await Promise.all(RULE_TYPES.map((type) => readReady(database.currentReader, type)));
      return all.flat();
    };
    const before = await read();
    assert.ok(before.length > 2);
    const { ruleId, version, definition } = before[0]!;
    await database.transaction((tx) =>
      tx.manager.update(
        PointsRuleVersion,
        { rule_id: ruleId, version },
        { version: version + 1, definition: { ...definition, condition: 'later_fact == 1' } },
      ),
    );
    await database.transaction((tx) =>
      tx.execute('UPDATE points_rules SET version = version + 1, published_version = ? WHERE rule_id = ?', [
        version + 1,
        ruleId,
      ]),
    );
    const after = await read();
    assert.deepEqual(
      after.map((rule) => rule.ruleId),
      before.map((rule) => rule.ruleId),
    );
    assert.throws(() => after[0]!.condition({}), /later_fact/);
    assert.deepEqual(
      after.slice(1).map(({ condition }) => condition),
      before.slice(1).map(({ condition }) => condition),
    );
  });
});

describe('messages of a later build', () => {
  interface Target {
    heard: unknown[];
  }
  const table = {
    draw: callOf<Target>()({
      input: z.strictObject({ diner: z.strictObject({ userId: z.int() }), count: z.int() }),
      run: ({ heard }, input) => heard.push(input),
    }),
  };

  it('RO-3 fields that an owner call does not know are left out and told of; what is wrong besides is refused', async () => {
    const target: Target = { heard: [] };
    const told: string[] = [];
    const onUnknown = (paths: readonly string[]) => void told.push(...paths);
    const call = (payload: unknown) => answerCall(table, target, { method: 'draw', payload, onUnknown });
    await call({ diner: { userId: 1, later: 'x' }, count: 2, later: {} });
    assert.deepEqual(target.heard, [{ diner: { userId: 1 }, count: 2 }]);
    assert.deepEqual(told.sort(), ['diner.later', 'later']);
    await assert.rejects(call({ diner: { userId: 'x', later: 'x' }, count: 2 }), /VALIDATION_FAILED/);
    assert.equal(target.heard.length, 1);
  });

  it('RO-3 a listing with more in it is a listing', () => {
    const listing = { name: 'campaign', roomId: 'campaign-1', processId: 'p', clients: 0, later: { a: 1 } };
    assert.equal(parseListing('campaign-1', JSON.stringify(listing))?.processId, 'p');
  });

  it('RO-3 of changes that come together the one that is not known is passed over, and told of once', () => {
    const log: string[] = [];
    const heard: number[] = [];
    const feed = new PersonalFeed({
      logger: createLogger('warn', { write: (line) => void log.push(line) }),
      channel: 'synced',
      shape: syncShape,
      about: 'changes',
      onHeard: ({ id }) => heard.push(id),
    });
    const change = (id: number, entity: string) => ({ to: { all: true }, entity, id, change: null });
    for (let at = 0; at < 3; at++)
      feed['heard']([change(1, 'points'), change(2, 'later'), change(3, 'stock')]);
    assert.deepEqual(heard, [1, 3, 1, 3, 1, 3]);
    assert.equal(log.length, 1);
  });
});
