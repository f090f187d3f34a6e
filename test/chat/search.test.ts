import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { ChatConversation } from '../../entities/chat/ChatConversation.ts';
import { ChatGram, ChatGramCursor } from '../../entities/chat/ChatGram.ts';
import { indexAll } from '../../src/chat/search/indexMessages.ts';
import { searchMessages } from '../../src/chat/search/searchMessages.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { forEachDatabase } from '../support/databases.ts';
import { analyse, insertMany } from '../support/manyRows.ts';
import { readingOf } from '../support/rowsRead.ts';
import { eventually } from '../support/seat.ts';
import type { Login } from '../support/server.ts';
import { openTalk, type Talk } from './talk.ts';

const MANY = 100_000;
const ALL = /SCAN|"type":"(ALL|index)"|filesort|USE TEMP B-TREE/;

forEachDatabase('a search of messages', (_open, openUrl) => {
  let talk: Talk;
  let [wang, li, zhao]: Login[] = [];
  before(async () => {
    talk = await openTalk(await openUrl());
    [wang, li, zhao] = [await talk.diner(1), await talk.diner(2), await talk.diner(3)];
  });
  after(() => talk?.server.close());

  const database = () => talk.server.context.database;
  const ask = (id: number, q: string, more = '', by = wang!) =>
    talk.call('GET', `/chat/conversations/${id}/messages?q=${encodeURIComponent(q)}${more}`, by);
  const find = async (id: number, q: string, more = '') => {
    const { code, data } = await ask(id, q, more);
    assert.equal(code, 'OK');
    return (data.items as { seq: number }[]).map(({ seq }) => seq);
  };
  const isIndexed = (id: number) =>
    eventually(async () => {
      const { last_seq, is_indexed } = await database().currentReader.findOneByOrFail(ChatConversation, {
        conversation_id: id,
      });
      const cursor = await database().currentReader.findOneBy(ChatGramCursor, { conversation_id: id });
      assert.deepEqual([cursor?.seq, Boolean(is_indexed)], [last_seq, true]);
    });
  /** Before messages have their grams, and once they have them. */
  const twice = async (id: number, check: () => Promise<void>) => {
    await check();
    await isIndexed(id);
    await check();
  };

  it('C-2 finds what has the text in it, however it is written, in the order of the numbers', async () => {
    const id = await talk.group(wang!, li!);
    const a = await talk.join(id, wang!);
    const said = [
      '今晚吃火锅',
      'HOT Pot 火鍋',
      '火 锅',
      'ｈｏｔ pot!',
      '👍🏽好',
      '锅火',
      'Café 3.5 折',
      '火锅火锅店',
    ];
    for (const content of said) await a.send(content);
    await a.send('火锅', 'picture', { type: 'image' });
    await twice(id, async () => {
      assert.deepEqual(await find(id, '火锅'), [1, 2, 8]);
      assert.deepEqual(await find(id, '火鍋店'), [8]);
      assert.deepEqual(await find(id, 'hot pot'), [2, 4]);
      assert.deepEqual(await find(id, 'cafe'), [7]);
      assert.deepEqual(await find(id, '3.5'), [7]);
      assert.deepEqual(await find(id, '火'), [1, 2, 3, 6, 8]);
      assert.deepEqual(await find(id, '店'), [8]);
      assert.deepEqual(await find(id, '👍'), [5]);
      assert.deepEqual(await find(id, '👍🏽好'), [5]);
      assert.deepEqual(await find(id, '没有'), []);
      assert.deepEqual(await find(id, '锅火锅火'), []);
      assert.deepEqual(await find(id, ' 火锅 ', '&limit=2'), [2, 8]);
      assert.deepEqual(await find(id, '火锅', '&before_seq=8'), [1, 2]);
      assert.equal((await ask(id, '火锅')).data.next_before_seq, null);
      assert.deepEqual((await ask(id, '火锅', '&limit=2')).data.next_before_seq, 2);
      assert.deepEqual((await ask(id, '火锅', '&limit=2&before_seq=2')).data, {
        ...(await ask(id, '今晚吃火锅')).data,
      });
    });
    for (const [q, more] of [
      ['', ''],
      [' ', ''],
      ['\u200b', ''],
      ['a'.repeat(101), ''],
      ['a', '&after_seq=1'],
      ['a', '&limit=101'],
    ] as const)
      assert.equal((await ask(id, q, more)).code, 'VALIDATION_FAILED', q + more);
    assert.equal((await ask(id, '火锅', '', zhao)).code, 'FORBIDDEN');
    assert.equal((await ask(1_999_999_999, '火锅')).code, 'FORBIDDEN');
    assert.deepEqual(await find(await talk.group(wang!), '火锅'), []);
    await a.room.leave();
  });

  it('RC-4 what is recalled is not found, and nothing is left of it', async () => {
    const id = await talk.group(wang!, li!);
    const a = await talk.join(id, wang!);
    const [first, second] = [await a.send('秘密一号'), await a.send('秘密二号')];
    // Whether it has its grams by then or not.
    await a.ask('recall', { message_id: first.message_id });
    await isIndexed(id);
    await a.ask('recall', { message_id: second.message_id });
    const kept = await a.send('还有什么');
    await twice(id, async () => {
      assert.deepEqual(await find(id, '秘密'), []);
      assert.deepEqual(await find(id, '秘'), []);
    });
    const grams = await database().currentReader.findBy(ChatGram, { conversation_id: id });
    assert.deepEqual([...new Set(grams.map(({ seq }) => seq))], [kept.seq]);
    await a.room.leave();
  });

  it('RC-4 a recall meets the writing of grams: whichever comes first, none are left', async () => {
    const id = await talk.group(wang!, li!);
    const a = await talk.join(id, wang!);
    for (let round = 0; round < 4; round++) {
      const { message_id } = await a.send(`秘密${round}号`);
      await Promise.all([a.ask('recall', { message_id }), indexAll(database())]);
    }
    await isIndexed(id);
    assert.equal(await database().currentReader.countBy(ChatGram, { conversation_id: id }), 0);
    await a.room.leave();
  });

  it('C-2 two that write grams at once write each once, of many conversations', async () => {
    const ids: number[] = [];
    for (let at = 0; at < 45; at++) ids.push(await talk.group(wang!));
    const now = `'2026-01-01 00:00:00.000'`;
    await database().transaction(async (tx) => {
      for (const id of ids) {
        const row = {
          conversation_id: id,
          seq: 'n',
          sender_id: wang!.userId,
          client_msg_id: 'n',
          type: `'text'`,
          content: `CONCAT('话', n, '号')`,
          created_at: now,
        };
        await insertMany(tx, 'chat_messages', 130, row);
        await tx.manager.update(
          ChatConversation,
          { conversation_id: id },
          { last_seq: 130, is_indexed: false },
        );
      }
    });
    await Promise.all([indexAll(database()), indexAll(database()), indexAll(database())]);
    for (const id of ids) {
      await isIndexed(id);
      assert.deepEqual(await find(id, '话130号'), [130]);
    }
    assert.deepEqual(await find(ids[44]!, '号', '&limit=3'), [128, 129, 130]);
  }).timeout(60_000);

  it('C-2 of a hundred thousand messages a search reads a few thousand rows at most, and goes on where it stopped', async function () {
    this.timeout(180_000);
    const id = await talk.group(wang!, li!);
    const grams = (text: string) => [
      text.codePointAt(0)! * 2 ** 21 + text.codePointAt(1)!,
      text.codePointAt(1)! * 2 ** 21,
    ];
    await database().transaction(async (tx) => {
      const row = {
        conversation_id: id,
        seq: 'n',
        sender_id: wang!.userId,
        client_msg_id: 'n',
        type: `'text'`,
        created_at: `'2026-01-01 00:00:00.000'`,
      };
      // Nearly all say the same; 50 say something else, of which the half is old.
      await insertMany(tx, 'chat_messages', MANY, {
        ...row,
        content: `CASE WHEN n % 2000 = 7 THEN '冷面' ELSE '火锅' END`,
      });
      for (const gram of grams('火锅')) {
        await insertMany(tx, 'chat_grams', MANY, { conversation_id: id, gram, seq: 'n' });
        await tx.execute('DELETE FROM chat_grams WHERE conversation_id = ? AND gram = ? AND seq % 2000 = 7', [
          id,
          gram,
        ]);
      }
      for (const gram of grams('冷面'))
        await insertMany(tx, 'chat_grams', MANY / 2000, {
          conversation_id: id,
          gram,
          seq: 'n * 2000 - 1993',
        });
      await tx.manager.upsert(ChatGramCursor, { conversation_id: id, seq: MANY }, ['conversation_id']);
      await tx.manager.update(
        ChatConversation,
        { conversation_id: id },
        { last_seq: MANY, is_indexed: true },
      );
    });
    await analyse(database(), ['chat_messages', 'chat_grams', 'chat_conversations']);
    const search = (text: string, beforeSeq?: number) =>
      searchMessages(database().currentReader, { conversationId: id, text, beforeSeq, limit: 100 });
    const cheap = async (text: string, most: number, beforeSeq?: number) => {
      let found: Awaited<ReturnType<typeof search>> | undefined;
      const { rows, plans } = await readingOf(database(), async () => {
        found = await search(text, beforeSeq);
      });
      assert.ok(rows <= most, `${text}: ${rows} rows`);
      assert.deepEqual(
        plans.filter((plan) => /chat/i.test(plan) && ALL.test(plan)),
        [],
      );
      return { seqs: found!.items.map(({ seq }) => seq), next: found!.nextBeforeSeq };
    };
    const rare = await cheap('冷面', 500);
    assert.deepEqual([rare.seqs.length, rare.seqs[0], rare.next], [50, 7, null]);
    assert.equal((await cheap('冷', 500)).seqs.length, 50);
    const common = await cheap('火锅', LIMITS.searchedMessages + 500);
    assert.deepEqual([common.seqs.length, common.seqs.at(-1), common.next], [100, MANY, common.seqs[0]]);
    const next = await cheap('火锅', LIMITS.searchedMessages + 500, common.next!);
    assert.equal(next.seqs.at(-1), common.seqs[0]! - 1);
    assert.equal((await cheap('火', 2 * LIMITS.searchedMessages + 500)).seqs.at(-1), MANY);
    assert.deepEqual(await cheap('没有', 200), { seqs: [], next: null });
    // One of its grams is in nearly all, the other in none.
    const none = await cheap('火锅火锅火锅', 4 * LIMITS.searchedMessages + 500);
    assert.deepEqual([none.seqs, none.next], [[], null]);
    // A part of all is looked through at a time where there are no grams, until all is.
    await database().transaction((tx) =>
      tx.manager.update(ChatGramCursor, { conversation_id: id }, { seq: MANY - 5000 }),
    );
    const seen: number[] = [];
    let calls = 0;
    for (let from: number | null | undefined; from !== null; calls++) {
      const part = await cheap('冷面', 2 * LIMITS.searchedMessages + 500, from);
      seen.unshift(...part.seqs);
      from = part.next;
    }
    assert.deepEqual(seen, rare.seqs);
    assert.ok(calls >= 5 && calls <= 7, `${calls} calls`);
  });
});
