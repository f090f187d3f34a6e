import assert from 'node:assert/strict';
import fc from 'fast-check';
import { before, it } from 'mocha';
import { ChatMember } from '../../entities/chat/ChatMember.ts';
import { Conversation } from '../../src/chat/conversation.ts';
import { listConversations, mute, openGroup } from '../../src/chat/conversations.ts';
import { readMessages } from '../../src/chat/history.ts';
import { systemClock as clock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUsers } from '../support/factories.ts';
import { logSearch } from '../support/logs.ts';
import { unlistedWords } from '../support/words.ts';

const HOUR_MS = 3_600_000;
const RANKS = ['member', 'admin', 'owner'] as const;
/** A moderator. */
const BY = { actor: { userId: 1, ip: '', requestId: 'r' }, reason: 'a test' };
const PEOPLE = 3;
const GROUPS = 2;
const person = fc.nat(PEOPLE - 1);
const group = fc.nat(GROUPS - 1);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ what: fc.constant('send' as const), group, by: person, more: fc.nat(3) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('read' as const), group, by: person, more: fc.nat(12) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('recall' as const), group, by: person, more: fc.nat(9) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('mute' as const), group, by: person, more: fc.nat(1) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('leave' as const), group, by: person, more: fc.nat(1) }),
  },
  ...(['invite', 'kick', 'role', 'ban'] as const).map((what) => ({
    weight: 2,
    arbitrary: fc.record({ what: fc.constant(what), group, by: person, more: person }),
  })),
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('silence' as const), group, by: person, more: fc.nat(1) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('delete' as const), group, by: person, more: fc.nat(9) }),
  },
);

interface Said {
  id: number;
  by: number | undefined;
  isRecalled: boolean;
}

/** As somebody would count by hand. */
class Model {
  readonly said: Said[] = [];
  readonly readTo = new Map<number, number>();
  readonly silenced = new Set<number>();
  readonly banned = new Set<number>();

  constructor(members: readonly number[]) {
    for (const member of members) this.readTo.set(member, 0);
  }

  unreadOf(member: number): number | undefined {
    const from = this.readTo.get(member);
    if (from === undefined) return undefined;
    return this.said
      .slice(from)
      .filter(({ by, isRecalled }) => by !== undefined && by !== member && !isRecalled).length;
  }
}

forEachDatabase('what is unread', (open) => {
  let database: Database;
  before(async () => {
    database = await open();
  });

  it('C-3 RC-3 is what others have said since, at every step of any run, and the total is the sum', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) => play(database, steps)),
      { numRuns: 12, endOnFailure: true },
    );
  }).timeout(120_000);
});

async function play(
  database: Database,
  steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[],
) {
  const people = await createUsers(database, PEOPLE);
  const logger = createLogger('debug', logSearch.destination);
  const groups: { conversation: Conversation; model: Model; id: number }[] = [];
  for (let at = 0; at < GROUPS; at++) {
    const [userId, ...memberIds] = people as [number, ...number[]];
    const { conversation_id: id } = await database.transaction((tx) =>
      openGroup(tx, { userId, name: `Group ${at}`, memberIds }, clock.nowMs()),
    );
    groups.push({
      conversation: await Conversation.open(
        { database, clock, logger, words: unlistedWords({ database, logger }) },
        id,
      ),
      model: new Model(people),
      id,
    });
  }
  const rolesOf = async (conversation_id: number) => {
    const members = await database.currentReader.findBy(ChatMember, { conversation_id });
    return new Map(members.map(({ user_id, role }) => [user_id, role]));
  };
  let sent = 0;
  for (const { what, group: at, by, more } of steps) {
    const { conversation, model, id } = groups[at]!;
    const userId = people[by]!;
    const isMember = model.readTo.has(userId);
    const tellMembers = async () => {
      const [last] = await readMessages(database.currentReader, { conversationId: id, limit: 1 });
      model.said.push({ id: last!.message_id, by: undefined, isRecalled: false });
    };
    if (what === 'send') {
      // Several at once are one group commit.
      const all = Array.from({ length: more + 1 }, () =>
        conversation.send(userId, { client_msg_id: `m-${++sent}`, type: 'text', content: 'x' }),
      );
      for (const outcome of await Promise.allSettled(all)) {
        assert.equal(outcome.status === 'fulfilled', isMember && !model.silenced.has(userId));
        if (outcome.status === 'fulfilled')
          model.said.push({ id: outcome.value.message_id, by: userId, isRecalled: false });
      }
    } else if (what === 'read' && isMember) {
      const readSeq = Math.max(model.readTo.get(userId)!, Math.min(more, model.said.length));
      // Two devices say the same, and one says less.
      const told = await Promise.all(
        [more, Math.max(0, more - 1)].map((seq) => conversation.markRead(userId, seq)),
      );
      assert.equal(told[0], readSeq);
      model.readTo.set(userId, readSeq);
    } else if (what === 'recall') {
      const own = model.said.filter((one) => one.by === userId && isMember)[more];
      if (own === undefined) continue;
      await conversation.recall({ userId, ip: '', requestId: 'r' }, own.id);
      own.isRecalled = true;
    } else if (what === 'mute' && isMember) {
      await database.transaction((tx) => mute(tx, { conversationId: id, userId, isMuted: more === 1 }));
    } else if (what === 'leave' && isMember) {
      await conversation.changeMembers({ userId, add: [], remove: [userId] });
      model.readTo.delete(userId);
      await tellMembers();
    } else if (what === 'invite' && isMember) {
      const invited = people[more]!;
      const isNew = !model.readTo.has(invited);
      const inviting = conversation.changeMembers({ userId, add: [invited], remove: [] });
      if (model.banned.has(invited)) await assert.rejects(inviting, { code: 'CONFLICT' });
      else await inviting;
      if (isNew && !model.banned.has(invited)) {
        model.readTo.set(invited, model.said.length);
        await tellMembers();
      }
    }
    const other = people[more] ?? 0;
    const roles = await rolesOf(id);
    if (what === 'kick' && other !== userId) {
      const kicking = conversation.changeMembers({ userId, add: [], remove: [other] });
      const mayKick =
        model.readTo.has(other) && RANKS.indexOf(roles.get(userId)!) > RANKS.indexOf(roles.get(other)!);
      if (!isMember || (model.readTo.has(other) && !mayKick))
        await assert.rejects(kicking, { code: 'FORBIDDEN' });
      else await kicking;
      if (isMember && mayKick) {
        model.readTo.delete(other);
        await tellMembers();
      }
    } else if (
      what === 'role' &&
      roles.get(userId) === 'owner' &&
      model.readTo.has(other) &&
      other !== userId
    ) {
      const role = RANKS[(sent + more) % 3]!;
      await conversation.setMember({ userId, memberId: other, role });
      if (role !== roles.get(other)) await tellMembers();
    } else if (what === 'silence') {
      const silencedUntilMs = more === 1 ? clock.nowMs() + HOUR_MS : null;
      await conversation.moderate({ ...BY, action: { kind: 'restrict', userId, silencedUntilMs } });
      if (more === 1) model.silenced.add(userId);
      else model.silenced.delete(userId);
    } else if (what === 'ban') {
      // One of three is a ban that ends.
      const bannedUntilMs = more > 0 ? clock.nowMs() + HOUR_MS : null;
      await conversation.moderate({ ...BY, action: { kind: 'restrict', userId, bannedUntilMs } });
      if (bannedUntilMs === null) model.banned.delete(userId);
      else {
        model.banned.add(userId);
        if (model.readTo.delete(userId)) await tellMembers();
      }
    } else if (what === 'delete') {
      const message = model.said[more];
      if (message === undefined) continue;
      const deleting = conversation.moderate({ ...BY, action: { kind: 'delete', messageId: message.id } });
      if (message.by === undefined) await assert.rejects(deleting, { code: 'CONFLICT' });
      else await deleting;
      message.isRecalled ||= message.by !== undefined;
    }
    const owners = [...(await rolesOf(id)).values()].filter((role) => role === 'owner');
    assert.equal(owners.length, model.readTo.size === 0 ? 0 : 1, what);
    for (const member of people) {
      const listed = await listConversations(database, member);
      const shown = new Map(listed.map(({ conversation_id: of, unread }) => [of, unread]));
      for (const known of groups) assert.equal(shown.get(known.id), known.model.unreadOf(member), what);
    }
  }
  for (const { conversation } of groups) await conversation.close();
}
