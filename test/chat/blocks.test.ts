import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { ChatBlock } from '../../entities/chat/ChatBlock.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { forEachDatabase } from '../support/databases.ts';
import type { Login } from '../support/server.ts';
import { openTalk, type Talk } from './talk.ts';

const NEUTRAL = { reason: 'they cannot be written to' };
const OWN = { reason: 'you have blocked them' };

forEachDatabase('somebody who has blocked somebody', (_open, openUrl) => {
  let talk: Talk;
  let [wang, li, zhao]: Login[] = [];
  before(async () => {
    talk = await openTalk(await openUrl(), { environment: { CHAT_RATE_PER_SECOND: '1000' } });
    [wang, li, zhao] = [await talk.diner(1), await talk.diner(2), await talk.diner(3)];
  });
  after(() => talk?.server.close());

  const blocks = async (by: Login) => (await talk.call('GET', '/chat/blocks', by)).data.items;
  const block = (by: Login, userId: number) => talk.call('PUT', `/chat/blocks/${userId}`, by);
  const unblock = (by: Login, userId: number) => talk.call('DELETE', `/chat/blocks/${userId}`, by);
  const open = (by: Login, of: Login) =>
    talk.call('POST', '/chat/conversations', by, { type: 'private', user_id: of.userId });

  it('RC-11 is written to by them no more, nor writes to them, until it is undone; what is stored is answered', async () => {
    const id = (await open(wang!, li!)).data.conversation_id;
    const [a, b] = [await talk.join(id, wang!), await talk.join(id, li!)];
    const first = await b.send('before', 'known');
    assert.deepEqual((await block(wang!, li!.userId)).data, { user_id: li!.userId, blocked: true });
    assert.equal((await block(wang!, li!.userId)).code, 'OK');
    assert.deepEqual(
      (await blocks(wang!)).map(({ user }: any) => user.user_id),
      [li!.userId],
    );
    assert.deepEqual(await blocks(li!), []);
    const [theirs, own] = [await b.refusedSend('now'), await a.refusedSend('now')];
    assert.deepEqual([theirs.code, theirs.details], ['FORBIDDEN', NEUTRAL]);
    assert.deepEqual([own.code, own.details], ['FORBIDDEN', OWN]);
    assert.deepEqual(await b.send('before', 'known'), first);
    assert.deepEqual(await a.ask('read', { seq: 1 }), { read_seq: 1 });
    for (const [by, of, details] of [
      [li!, wang!, NEUTRAL],
      [wang!, li!, OWN],
    ] as const) {
      const refused = await open(by, of);
      assert.deepEqual([refused.code, refused.details], ['FORBIDDEN', details]);
    }
    // Somebody else's is theirs.
    const other = (await open(li!, zhao!)).data.conversation_id;
    const c = await talk.join(other, li!);
    await c.send('here I may');
    assert.deepEqual((await unblock(wang!, li!.userId)).data, { user_id: li!.userId, blocked: false });
    assert.equal((await unblock(wang!, li!.userId)).code, 'OK');
    assert.equal((await b.send('again', 'again')).seq, 2);
    assert.equal((await open(li!, wang!)).data.conversation_id, id);
    assert.deepEqual([a.closed, b.closed], [[], []]);
    await Promise.all([a, b, c].map(({ room }) => room.leave()));
  });

  it('RC-11 nobody who has blocked somebody is brought into a group by them, and what cannot be blocked looks like who can', async () => {
    await block(zhao!, li!.userId);
    const group = { type: 'group', name: '聚餐', member_ids: [wang!.userId, zhao!.userId] };
    const refused = await talk.call('POST', '/chat/conversations', li!, group);
    const details = { ...NEUTRAL, user_ids: [zhao!.userId] };
    assert.deepEqual([refused.code, refused.details], ['FORBIDDEN', details]);
    const id = await talk.group(li!, wang!);
    const invite = (by: Login) =>
      talk.call('POST', `/chat/conversations/${id}/members`, by, { user_ids: [zhao!.userId] });
    assert.deepEqual((await invite(li!)).details, details);
    assert.equal((await invite(wang!)).code, 'OK');
    // In a group they talk to everybody.
    const a = await talk.join(id, li!);
    await a.send('hello');
    await a.room.leave();
    const nobody = await block(zhao!, 2_000_000_000);
    assert.deepEqual(nobody.data, { user_id: 2_000_000_000, blocked: true });
    assert.equal((await block(zhao!, zhao!.userId)).code, 'CONFLICT');
    assert.equal((await block(zhao!, 0)).code, 'VALIDATION_FAILED');
  });

  it('RC-11 blocks no more people than so many, however many at once', async () => {
    const by = await talk.diner(4);
    const row = (blocked_id: number) => ({ user_id: by.userId, blocked_id, created_at: new Date() });
    const rows = Array.from({ length: LIMITS.blocks - 2 }, (_, at) => row(1_000_000 + at));
    await talk.server.context.database.transaction((tx) => tx.manager.insert(ChatBlock, rows));
    const tries = await Promise.all([1, 2, 3, 4, 5].map((at) => block(by, 1_900_000 + at)));
    assert.deepEqual(tries.map(({ code }) => code).sort(), ['CONFLICT', 'CONFLICT', 'CONFLICT', 'OK', 'OK']);
    assert.equal((await blocks(by)).length, LIMITS.blocks);
  });

  it('RC-11 nothing that is sent after the block was answered is stored, nor anything numbered after it', async () => {
    const by = await talk.diner(5);
    const id = (await open(by, li!)).data.conversation_id;
    const a = await talk.join(id, li!);
    for (let round = 0; round < 8; round++) {
      let isBlocked = false;
      let isOver = false;
      const stored: { content: string; isAfter: boolean }[] = [];
      const sending = Array.from({ length: 4 }, async (_, line) => {
        for (let at = 0; !isOver; at++) {
          const isAfter = isBlocked;
          const content = `${round}-${line}-${at}`;
          await a.send(content, content).then(
            () => stored.push({ content, isAfter }),
            () => undefined,
          );
        }
      });
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal((await block(by, li!.userId)).code, 'OK');
      isBlocked = true;
      const { last_seq: then } = (await talk.call('GET', '/chat/conversations', by)).data.items[0];
      await new Promise((resolve) => setTimeout(resolve, 40));
      isOver = true;
      await Promise.all(sending);
      assert.ok(stored.length > 0);
      assert.deepEqual(
        stored.filter(({ isAfter }) => isAfter),
        [],
      );
      assert.equal((await talk.call('GET', '/chat/conversations', by)).data.items[0].last_seq, then);
      await unblock(by, li!.userId);
    }
    await a.room.leave();
  }).timeout(30_000);

  it('RC-11 A-11 a block is of the export, and of nobody once an account is closed', async () => {
    const leaver = await talk.server.login('13600000002');
    await block(leaver, li!.userId);
    await block(wang!, leaver.userId);
    const { data } = await talk.call('GET', '/auth/export', leaver);
    assert.deepEqual(
      data.chat_blocks.map(({ user }: any) => user.user_id),
      [li!.userId],
    );
    assert.equal((await talk.call('DELETE', '/auth/me', leaver, { code: '123456' })).code, 'OK');
    const { userId } = leaver;
    const manager = talk.server.context.database.currentReader;
    const left = await manager.countBy(ChatBlock, [{ user_id: userId }, { blocked_id: userId }]);
    assert.equal(left, 0);
  });
});
