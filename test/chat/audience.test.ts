import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, it } from 'mocha';
import { forEachDatabase } from '../support/databases.ts';
import { refuseReads } from '../support/faults.ts';
import { eventually } from '../support/seat.ts';
import type { Login } from '../support/server.ts';
import { openTalk, type Talk, type Talker } from './talk.ts';

/** Of one room: the fifth device needs a third one. */
const CLIENT_LIMIT = 2;

forEachDatabase('a conversation with more members than one room seats', (_open, openUrl) => {
  let talk: Talk;
  let people: Login[];
  let conversationId: number;
  let talkers: Talker[];
  before(async () => {
    talk = await openTalk(await openUrl(), { environment: { CAMPAIGN_CLIENT_LIMIT: String(CLIENT_LIMIT) } });
    people = [];
    for (let number = 1; number <= 5; number++) people.push(await talk.diner(number));
    conversationId = await talk.group(people[0]!, ...people.slice(1));
    talkers = [];
    for (const person of people) talkers.push(await talk.join(conversationId, person, 0));
  });
  after(async () => {
    // A connection that is closed already is left by nobody.
    const there = (talkers ?? []).filter(({ closed }) => closed.length === 0);
    await Promise.all(there.map(({ room }) => room.leave()));
    await talk?.server.close();
  });

  it('S-5 C-2 whoever finds the room full is seated in an audience room, and cannot tell', async () => {
    assert.deepEqual(
      talkers.map(({ room }) => room.roomId),
      [
        ...[`chat-${conversationId}`, `chat-${conversationId}`],
        ...[`chataudience-${conversationId}-1`, `chataudience-${conversationId}-1`],
        `chataudience-${conversationId}-2`,
      ],
    );
    assert.ok(talkers.every(({ room }) => room.name === 'chat'));
    for (const [at, talker] of talkers.entries()) assert.equal((await talker.send(`${at}`)).seq, at + 1);
    const expected = ['0', '1', '2', '3', '4'];
    await eventually(() => {
      for (const { said, room } of talkers) {
        assert.deepEqual(
          said.map(({ content }) => content),
          expected,
        );
        const { online, last_seq } = room.state as { online: number; last_seq: number };
        assert.deepEqual([online, last_seq], [5, 5]);
      }
    });
  });

  it('C-2 what an audience room could not read is told there when it can be read', async () => {
    const [owner, , , , fifth] = talkers as [Talker, Talker, Talker, Talker, Talker];
    const end = refuseReads(talk.server.context.database);
    await owner.send('unread').finally(() => sleep(500));
    end();
    await eventually(() => assert.equal(fifth.said.at(-1)?.content, 'unread'));
  });

  it('C-3 RC-4 recalls, cursors and who writes reach every room, and the door shuts for all of them', async () => {
    const [owner, , third, , fifth] = talkers as [Talker, Talker, Talker, Talker, Talker];
    const { message_id, seq } = await fifth.send('a slip');
    assert.deepEqual(await fifth.send('again', 'same'), await fifth.send('again', 'same'));
    await fifth.ask('recall', { message_id });
    assert.deepEqual(await third.ask('read', { seq }), { read_seq: seq });
    await third.ask('typing', {});
    await eventually(() => {
      for (const { recalled, reads } of talkers) {
        assert.deepEqual(recalled, [message_id]);
        assert.deepEqual(reads, [{ user_id: third.userId, seq }]);
      }
      assert.deepEqual(
        talkers.map(({ typing }) => typing.length),
        [1, 1, 0, 1, 1],
      );
    });
    const path = `/chat/conversations/${conversationId}/members/${fifth.userId}`;
    assert.equal((await talk.call('DELETE', path, owner)).code, 'OK');
    await eventually(() => assert.deepEqual(fifth.closed, [4403]));
    assert.ok(talkers.slice(0, 4).every(({ closed }) => closed.length === 0));
  });
});
