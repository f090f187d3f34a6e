import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, it } from 'mocha';
import { Notification } from '../../entities/notifications/Notification.ts';
import {
  cancelBroadcast,
  readBroadcast,
  retryBroadcast,
} from '../../src/notifications/broadcasts/broadcasts.ts';
import { broadcastToWire } from '../../src/notifications/broadcasts/messages.ts';
import { BroadcastSender } from '../../src/notifications/broadcasts/send.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { insertAll } from '../../src/platform/database/bulk.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { forEachDatabase } from '../support/databases.ts';
import { logSearch } from '../support/logs.ts';
import { ACTOR, broadcastTo, join, OVER, people, toldOf } from './audiences.ts';

const logger = createLogger('debug', logSearch.destination);

forEachDatabase('broadcasts', (open) => {
  let database: Database;
  const senders: BroadcastSender[] = [];
  beforeEach(async () => {
    database = await open();
  });
  afterEach(async () => {
    for (const sender of senders.splice(0)) await sender.close();
  });
  const start = () => {
    const sender = new BroadcastSender({ database, clock: systemClock, logger });
    senders.push(sender);
    sender.start();
  };
  const over = async (broadcastId: number, look = (_: number) => {}) => {
    for (;;) {
      const row = await readBroadcast(database, broadcastId);
      look(broadcastToWire(row).progress);
      if (OVER.includes(row.status)) return row;
      await sleep(5);
    }
  };

  it('RC-13 two nodes tell 10,000 people, each once, and the progress never falls', async function () {
    this.timeout(60_000);
    const members = await people(database, 10_000);
    await join(database, 'gold', members);
    start();
    start();
    const broadcastId = await broadcastTo(database, { segment: 'gold' });
    const seen: number[] = [];
    const { status, sent, total } = await over(broadcastId, (progress) => seen.push(progress));
    assert.deepEqual([status, sent, total], ['completed', 10_000, 10_000]);
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    );
    const told = await toldOf(database, broadcastId);
    assert.equal(told.size, 10_000);
    assert.ok([...told.values()].every((count) => count === 1));
  });

  it('RC-13 one of 10,000 people is cancelled within a second, and nobody is told after that', async function () {
    this.timeout(60_000);
    await join(database, 'gold', await people(database, 10_000));
    start();
    start();
    const broadcastId = await broadcastTo(database, { segment: 'gold' });
    while ((await readBroadcast(database, broadcastId)).sent < 500) await sleep(5);
    const startedMs = performance.now();
    await database.retryingTransaction((tx) =>
      cancelBroadcast(tx, { actor: ACTOR, broadcastId }, Date.now()),
    );
    assert.ok(performance.now() - startedMs < 1000);
    const { sent } = await readBroadcast(database, broadcastId);
    await sleep(300);
    const { size } = await toldOf(database, broadcastId);
    assert.equal(size, sent);
    assert.ok(size < 10_000);
  });

  it('RC-13 a small one overtakes a large one, and one that is planned waits for its time', async function () {
    this.timeout(60_000);
    await join(database, 'gold', await people(database, 5000));
    const [somebody] = (await people(database, 1)) as [number];
    start();
    const large = await broadcastTo(database, { segment: 'gold' });
    const planned = await broadcastTo(
      database,
      { user_ids: [somebody] },
      { sendAtMs: Date.now() + 3_600_000 },
    );
    const small = await broadcastTo(database, { user_ids: [somebody, somebody] });
    await over(small);
    assert.equal((await readBroadcast(database, large)).status, 'sending');
    assert.deepEqual([...(await toldOf(database, small))], [[somebody, 1]]);
    assert.equal((await readBroadcast(database, planned)).status, 'scheduled');
  });

  it('RC-13 somebody who cannot be told keeps nobody else from it', async () => {
    const members = await people(database, 150);
    await join(database, 'gold', members);
    const unlucky = members[77]!;
    // Their next number is taken.
    await database.transaction((tx) =>
      insertAll(tx, Notification, [
        {
          ...{ user_id: unlucky, notification_no: 1, event_id: 1, kind: 'points', type: 'earned' },
          ...{ data: {}, created_at: new Date() },
        },
      ]),
    );
    start();
    const broadcastId = await broadcastTo(database, { segment: 'gold' });
    const { status, sent, failed } = await over(broadcastId);
    assert.deepEqual([status, sent, failed], ['failed', 149, 1]);
    await database.transaction(async (tx) => {
      await tx.manager.delete(Notification, { user_id: unlucky });
      await retryBroadcast(tx, { actor: ACTOR, broadcastId }, Date.now());
    });
    assert.equal((await over(broadcastId)).status, 'completed');
    assert.deepEqual([...(await toldOf(database, broadcastId)).keys()].sort(byNumber), members);
  });
});

function byNumber(a: number, b: number): number {
  return a - b;
}
