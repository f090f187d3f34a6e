/** Whatever happens at the moment of a merge, it is made once and whole, or not at all (R-2, DRAW-9). */
import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { AccountMerge } from '../../entities/merges/AccountMerge.ts';
import { UserInventory } from '../../entities/inventory/UserInventory.ts';
import { makeMerge } from '../../src/merges/makeMerge.ts';
import { insertAll, insertOne } from '../../src/platform/database/bulk.ts';
import type { Tx } from '../../src/platform/database/transaction.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { levelsOf } from '../../src/points/levels.ts';
import { forEachDatabase } from '../support/databases.ts';
import { ok, openMerging, type Account, type Merging } from './merging.ts';

const LEVELS = levelsOf([0, 1000], 'amount / 100');
const ACTOR = { userId: 1, ip: '127.0.0.1', requestId: 'r' };

forEachDatabase('a merge among other things', (_open, openUrl) => {
  let here: Merging;
  let keys = 0;
  before(async function () {
    this.timeout(60_000);
    here = await openMerging(await openUrl());
  });
  after(() => here?.venue.close());

  const post = (path: string, by: Account, body: object) =>
    here.call('POST', path, body, by, { headers: { 'Idempotency-Key': `race-${++keys}` } });
  /** Confirmed by both, and not made. */
  const confirmed = async (tx: Tx, from: Account, into: Account): Promise<AccountMerge> => {
    const at = new Date(here.clock.nowMs());
    const row = {
      ...{ from_user_id: from.userId, into_user_id: into.userId, status: 'pending' as const },
      ...{ is_number_lost: false, reason: 'a test', asked_by: 1, points: null, items: null },
      ...{ from_confirmed_at: at, into_confirmed_at: at, created_at: at, expires_at: at, ended_at: null },
    };
    return { merge_id: await insertOne(tx, AccountMerge, row), ...row };
  };

  it('R-2 both confirm at once, while the old account draws, spends and is given points: one merge, and nothing is lost', async () => {
    const [old, young] = [await here.recruit(), await here.recruit()];
    await here.earn(old, 1000);
    await here.earn(young, 100);
    const campaign = await here.campaignOf('virtual', { cost_per_draw: 1_00, free_draws_per_day: 30 });
    const { merge_id: mergeId } = ok(await here.ask(old, young)).data;
    const drawing = (by: Account) =>
      Array.from({ length: 10 }, (_, at) =>
        here.call(
          'POST',
          '/lottery/draw',
          { campaign_id: campaign, draw_count: 1, request_id: `race-${by.userId}-${at}` },
          by,
        ),
      );
    const answers = await Promise.all([
      ...drawing(old),
      here.confirm(mergeId, old),
      here.confirm(mergeId, young),
      here.confirm(mergeId, young),
      ...drawing(young),
      post('/points/consume', old, { amount: 1, reason: '茶' }),
      post('/points/transfer', young, { to_user_id: old.userId, amount: 1 }),
    ]);
    assert.ok(
      answers.every(({ status }) => status < 500),
      JSON.stringify(answers.map(({ code }) => code)),
    );
    const { data } = ok(await here.call('GET', '/auth/merges', undefined, young));
    assert.equal(data.items[0].status, 'done', JSON.stringify(answers.map(({ code }) => code)));
    const owned = await here.rows(
      'SELECT user_id, COUNT(*) AS items FROM user_inventories WHERE campaign_id = ? GROUP BY user_id',
      campaign,
    );
    const drawn = await here.rows(
      'SELECT COUNT(*) AS draws FROM lottery_draws WHERE campaign_id = ?',
      campaign,
    );
    assert.deepEqual(
      owned.map(({ user_id, items }) => [user_id, Number(items)]),
      [[young.userId, Number(drawn[0].draws)]],
    );
    await here.balances();
  }).timeout(60_000);

  it('R-2 one that fails at its very end has changed nothing, and is made afterwards', async () => {
    const [old, young] = [await here.recruit(), await here.recruit()];
    await here.earn(old, 50);
    const { database } = here.venue.context;
    const make = async (tx: Tx) => {
      const merge = await confirmed(tx, old, young);
      return makeMerge(tx, { merge, actor: ACTOR, levels: LEVELS }, here.clock.nowMs());
    };
    await assert.rejects(
      database.transaction(async (tx) => {
        await make(tx);
        throw new Error('the node has died');
      }),
      /the node has died/,
    );
    assert.equal((await here.accountOf(old)).available_points, 50);
    assert.equal((await here.call('GET', '/auth/me', undefined, old)).code, 'OK');
    await here.balances();
    assert.equal((await database.retryingTransaction(make)).points, 50_00);
    await here.balances();
  }).timeout(60_000);

  it('R-2 as many items as one transaction moves come over, and one more is refused', async function () {
    const [old, young] = [await here.recruit(), await here.recruit()];
    const { database } = here.venue.context;
    // Of no exchange: the books are not looked at.
    const item = {
      ...{ user_id: old.userId, source: 'exchange', item_type: 'product', item_name: '礼品卡' },
      ...{ item_value: 1, status: 'available', created_at: new Date(here.clock.nowMs()) },
    };
    const give = (count: number) =>
      database.transaction((tx) => insertAll(tx, UserInventory, Array<typeof item>(count).fill(item)));
    await give(LIMITS.itemsPerMerge + 1);
    const { merge_id: mergeId, blockers } = ok(await here.ask(old, young)).data;
    assert.deepEqual(blockers, ['too_many_items']);
    assert.equal((await here.confirm(mergeId, old)).code, 'CONFLICT');
    await database.transaction(async ({ manager }) => {
      const last = await manager.findOneOrFail(UserInventory, {
        where: { user_id: old.userId },
        order: { inventory_id: 'DESC' },
      });
      await manager.delete(UserInventory, { inventory_id: last.inventory_id });
    });
    ok(await here.confirm(mergeId, old));
    const beganMs = performance.now();
    const done = ok(await here.confirm(mergeId, young)).data;
    if (process.env['MERGE_FIGURES'] !== undefined)
      console.log(`${done.items} items in ${Math.round(performance.now() - beganMs)} ms`);
    assert.equal(done.items, LIMITS.itemsPerMerge);
    const left = await here.rows(
      'SELECT COUNT(*) AS items FROM user_inventories WHERE user_id = ?',
      old.userId,
    );
    assert.equal(Number(left[0].items), 0);
  }).timeout(60_000);
});
