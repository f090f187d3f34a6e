import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { matchMaker } from '@colyseus/core';
import { after, before, it } from 'mocha';
import { mirrorRoomOf } from '../../rooms/kernel/mirrorRoom.ts';
import { ownedRoomOf } from '../../rooms/kernel/ownedRoom.ts';
import { claimRoom } from '../../src/platform/actor/fence.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { counterKind, counterMirrorKind, countersOf, type CounterState } from './counterKind.ts';

forEachDatabase('a room with an owner that is no campaign', (_open, openUrl) => {
  let venue: Venue;
  let counters: ReturnType<typeof countersOf>;
  before(async () => {
    venue = await openVenue(await openUrl());
    const { context } = venue;
    const services = { ...context, clientLimit: 10 };
    matchMaker.defineRoomType('counter', ownedRoomOf(services, counterKind(services)));
    matchMaker.defineRoomType('countermirror', mirrorRoomOf(services, counterMirrorKind(context.directory)));
    counters = countersOf(context.directory);
    // No transaction: MariaDB would end it.
    await context.database['sources'].write.query(
      'CREATE TABLE test_counters (name VARCHAR(36) PRIMARY KEY, value INT NOT NULL)',
    );
  });
  after(async () => {
    for (const name of names) await roomOf(name)?.disconnect();
    await venue?.close();
  });

  const names: string[] = [];
  const roomOf = (name: string) => matchMaker.getLocalRoomById(`counter-${name}`);
  const stateOf = (roomId: string) =>
    (matchMaker.getLocalRoomById(roomId) as unknown as { state: CounterState } | undefined)?.state.value;
  async function create(): Promise<string> {
    const name = randomUUID();
    names.push(name);
    await venue.context.database.transaction((tx) =>
      tx.execute('INSERT INTO test_counters (name, value) VALUES (?, 5)', [name]),
    );
    return name;
  }

  it('ROOM-5 is opened by its first call, and answers each with what was committed', async () => {
    const name = await create();
    const answers = await Promise.allSettled([1, 2, 0, 3].map((step) => counters.add(name, { step })));
    assert.deepEqual(
      answers.map((answer) =>
        answer.status === 'fulfilled' ? answer.value : (answer.reason as Error).message,
      ),
      [6, 8, (answers[2] as PromiseRejectedResult).reason.message, 11],
    );
    assert.equal((answers[2] as PromiseRejectedResult).reason.code, 'CONFLICT');
    await counters.reset(name, {});
    await eventually(() => assert.equal(stateOf(`counter-${name}`), 0));
  });

  it('ROOM-5 refuses to open for what is not there', async () => {
    await assert.rejects(counters.add(randomUUID(), { step: 1 }), { code: 'NOT_FOUND' });
  });

  it('DRAW-1 an owner whose room was claimed meanwhile commits nothing, and the next one goes on', async () => {
    const name = await create();
    assert.equal(await counters.add(name, { step: 1 }), 6);
    const epoch = await venue.context.database.transaction((tx) => claimRoom(tx, `counter-${name}`));
    assert.equal(epoch, 2);
    assert.equal(await counters.add(name, { step: 1 }), 7);
    const [row] = await venue.context.database.read<{ owner_epoch: number }>(
      'SELECT owner_epoch FROM room_owners WHERE room_id = ?',
      [`counter-${name}`],
    );
    assert.equal(row?.owner_epoch, 3, 'another owner has claimed it, and answered');
  });

  it('DRAW-1 an owner that nobody asks for anything notices that it was fenced', async () => {
    const name = await create();
    await counters.add(name, { step: 1 });
    await venue.context.database.transaction((tx) => claimRoom(tx, `counter-${name}`));
    await eventually(() => assert.ok(roomOf(name) === undefined), 5_000);
  });

  it('ROOM-5 what was committed is sent to the mirrors at once, besides what they ask for', async () => {
    const name = await create();
    const sent: unknown[] = [];
    await matchMaker.presence.subscribe(`counter-view:${name}`, (update: { view: { value: number } }) =>
      sent.push(update.view.value),
    );
    const mirror = await venue.context.directory.ensure({ type: 'countermirror', key: `${name}-1` });
    await counters.add(name, { step: 2 });
    await eventually(() => assert.equal(sent.at(-1), 7));
    await matchMaker.getLocalRoomById(mirror).disconnect();
  });

  it('ROOM-5 a mirror shows what the owner has committed', async () => {
    const name = await create();
    await counters.add(name, { step: 1 });
    const mirror = await venue.context.directory.ensure({ type: 'countermirror', key: `${name}-1` });
    assert.equal(stateOf(mirror), 6);
    await counters.add(name, { step: 10 });
    await eventually(() => assert.equal(stateOf(mirror), 16));
    await matchMaker.getLocalRoomById(mirror).disconnect();
  });
});
