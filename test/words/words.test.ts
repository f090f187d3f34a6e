import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, it } from 'mocha';
import { AdminAuditLog } from '../../entities/admin/AdminAuditLog.ts';
import { ChatMessage } from '../../entities/chat/ChatMessage.ts';
import { BusinessEvent } from '../../entities/platform/BusinessEvent.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { localWake } from '../../src/platform/cluster/wake.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { Words } from '../../src/words/words.ts';
import { openTalk, type Talk } from '../chat/talk.ts';
import { forEachDatabase } from '../support/databases.ts';
import { eventually } from '../support/seat.ts';
import type { Login } from '../support/server.ts';
import { longestTurn } from './longestTurn.ts';

const PATH = '/admin/chat/words';
const NO_WORDS = { mask: [] as string[], refuse: [] as string[], allow: [] as string[] };

forEachDatabase('the list of words', (_open, openUrl) => {
  let url: string;
  let talk: Talk;
  let [admin, wang, li]: Login[] = [];
  let version = 0;
  const open: Words[] = [];
  const stops: (() => void)[] = [];
  const databases: Database[] = [];
  before(async () => {
    url = await openUrl();
    talk = await openTalk(url, { environment: { POINTS_BLOCKED_WORDS: '坏蛋' } });
    admin = await talk.server.login('13800000001');
    [wang, li] = [await talk.diner(1), await talk.diner(2)];
  });
  after(async () => {
    stops.forEach((stop) => stop());
    await talk?.server.close();
    await Promise.all(databases.map((database) => database.close().catch(() => undefined)));
  });

  /** Another node, which nobody wakes. */
  const openNode = async () => {
    const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 2 }));
    databases.push(database);
    const words = await Words.open({
      database,
      logger: createLogger('silent'),
      wake: localWake(),
      settled: [],
    });
    open.push(words);
    return { words, database };
  };
  const put = (body: object, by = admin!) => talk.call('PUT', PATH, by, body);
  const change = async (words: Partial<typeof NO_WORDS>) => {
    const { code, data } = await put({ version, ...NO_WORDS, ...words });
    assert.equal(code, 'OK');
    version = data.version as number;
  };

  it('C-4 the administration edits it, with the version that it has seen', async () => {
    assert.equal((await talk.call('GET', PATH, wang!)).code, 'FORBIDDEN');
    assert.equal((await put({ version: 0, ...NO_WORDS }, wang)).code, 'FORBIDDEN');
    const none = (await talk.call('GET', PATH, admin!)).data;
    assert.deepEqual(none, { version: 0, ...NO_WORDS, changed_by: null, changed_at: null });
    const lists = { mask: ['甲乙', '😈'], refuse: ['丙丁'], allow: ['大甲乙'] };
    const both = await Promise.all([put({ version: 0, ...lists }), put({ version: 0, ...lists })]);
    assert.deepEqual(both.map(({ code }) => code).sort(), ['CONFLICT', 'OK']);
    const stale = await put({ version: 0, ...NO_WORDS });
    assert.deepEqual([stale.code, (stale.details as any).current.version], ['CONFLICT', 1]);
    const { changed_at, ...made } = (await talk.call('GET', PATH, admin!)).data;
    assert.deepEqual(made, { version: 1, ...lists, changed_by: admin!.userId });
    assert.ok(Math.abs(Date.parse(changed_at as string) - Date.now()) < 60_000);
    version = 1;
    for (const bad of [
      { mask: ['***'] },
      { refuse: [' '] },
      { allow: ['\u200b'] },
      { mask: ['a'.repeat(65)] },
      { mask: [''] },
      { mask: ['\ud800'] },
      { mask: [7] },
      { masks: [] },
      { version: -1 },
    ]) {
      const { code, details } = await put({ version, ...NO_WORDS, ...bad });
      assert.deepEqual([code, details.length > 0], ['VALIDATION_FAILED', true], JSON.stringify(bad));
    }
    const many = Array.from({ length: 50_001 }, (_, at) => `${at}`);
    assert.equal((await put({ version, ...NO_WORDS, mask: many })).code, 'VALIDATION_FAILED');
    assert.equal(
      (await put({ version, ...NO_WORDS, mask: many.slice(0, 30_000), allow: many.slice(0, 30_000) })).code,
      'VALIDATION_FAILED',
    );
    const logs = await talk.server.context.database.currentReader.findBy(AdminAuditLog, {
      action: 'words.change',
    });
    assert.deepEqual(
      logs.map(({ actor_id, state_before, state_after }) => [actor_id, state_before, state_after]),
      [[admin!.userId, { version: 0 }, { version: 1, masked: 2, refused: 1, allowed: 1 }]],
    );
  });

  it('C-4 RC-5 what is said is judged before it is numbered, and stored, searched and told as it may be read', async () => {
    const id = await talk.group(wang!, li!);
    const [a, b] = [await talk.join(id, wang!), await talk.join(id, li!)];
    await a.send('甲.乙和大甲乙', 'masked');
    assert.equal(
      await a.refusal('send', { client_msg_id: 'no', type: 'text', content: '来 丙-丁' }),
      'VALIDATION_FAILED',
    );
    await a.send('😈', 'e', { type: 'emoji' });
    await a.send('{"title":"\\u7532\\u4e59","n":[1,"坏","蛋"]}', 'card', { type: 'card' });
    await a.send('甲乙 not JSON', 'card2', { type: 'card' });
    assert.equal(
      await a.refusal('send', { client_msg_id: 'no', type: 'card', content: '["丙丁"]' }),
      'VALIDATION_FAILED',
    );
    await a.send('https://images.example/甲乙.png', 'image', { type: 'image' });
    // Of the settings.
    await b.send('壞 蛋');
    const said = [
      '＊＊＊和大甲乙',
      '＊',
      '{"title":"＊＊","n":[1,"坏","蛋"]}',
      '＊＊ not JSON',
      'https://images.example/甲乙.png',
      '＊＊＊',
    ];
    await eventually(() => {
      for (const { said: heard } of [a, b])
        assert.deepEqual(
          heard.map(({ seq, content }) => [seq, content]),
          said.map((content, at) => [at + 1, content]),
        );
    });
    const stored = await talk.server.context.database.currentReader.find(ChatMessage, {
      where: { conversation_id: id },
      order: { seq: 'ASC' },
    });
    assert.deepEqual(
      stored.map(({ content, word_version }) => [content, word_version]),
      said.map((content) => [content, content.startsWith('https') ? null : 1]),
    );
    const listed =
      JSON.stringify((await talk.call('GET', '/chat/conversations', li!)).data) +
      JSON.stringify((await talk.call('GET', `/chat/conversations/${id}/messages`, li!)).data);
    const events = JSON.stringify(await talk.server.context.database.currentReader.find(BusinessEvent));
    assert.ok(!listed.includes('甲.乙') && !events.includes('甲.乙'));
    await Promise.all([a, b].map(({ room }) => room.leave()));
  });

  it('RC-5 RC-15 a message that is sent again is answered with what is stored, whatever the list says by then', async () => {
    const id = await talk.group(wang!, li!);
    const a = await talk.join(id, wang!);
    const first = await a.send('戊己', 'once');
    await change({ refuse: ['戊己'] });
    assert.deepEqual(await a.send('戊己', 'once'), first);
    assert.equal(
      await a.refusal('send', { client_msg_id: 'again', type: 'text', content: '戊己' }),
      'VALIDATION_FAILED',
    );
    await a.send('甲乙', 'free');
    const rows = await talk.server.context.database.currentReader.find(ChatMessage, {
      where: { conversation_id: id },
      order: { seq: 'ASC' },
    });
    assert.deepEqual(
      rows.map(({ seq, content, word_version }) => [seq, content, word_version]),
      [
        [1, '戊己', 1],
        [2, '甲乙', 2],
      ],
    );
    await a.room.leave();
  });

  it('C-4 nicknames and notes of transfers are judged by it as well', async () => {
    await change({ mask: ['庚辛'], refuse: ['壬癸'] });
    const rename = (nickname: string) => talk.call('PATCH', '/auth/me', li!, { nickname });
    assert.equal((await rename('小庚辛')).data.nickname, '小＊＊');
    assert.equal((await rename('小壬癸')).code, 'VALIDATION_FAILED');
    const give = (message: string) =>
      talk.server.api<any>('POST', '/points/transfer', {
        token: wang!.token,
        body: { to_user_id: li!.userId, amount: 1, message },
        headers: { 'Idempotency-Key': message.codePointAt(0)!.toString() },
      });
    assert.equal((await give('壬癸')).code, 'VALIDATION_FAILED');
    assert.equal((await give('庚 辛！')).code, 'OK');
    const { data } = await talk.call('GET', '/points/transactions', li!);
    assert.equal(data.items[0].reason, '＊＊＊！');
  });

  it('RC-5 a node starts with the list that holds, and goes by another one within a second, woken or not', async () => {
    const node = await openNode();
    assert.deepEqual(node.words.judge('庚辛'), { text: '＊＊', isRefused: false, version });
    stops.push(node.words.keep());
    const took: number[] = [];
    for (let at = 0; at < 5; at++) {
      await change({ mask: [`word${at}`] });
      // Here at once.
      assert.equal(talk.server.context.words.judge(`word${at}`).version, version);
      const sinceMs = performance.now();
      while (node.words.judge(`word${at}`).version !== version) await sleep(5);
      took.push(performance.now() - sinceMs);
      assert.equal(node.words.judge(`a word${at}`).text, 'a ＊＊＊＊＊');
      await sleep(100 * at);
    }
    assert.ok(Math.max(...took) < 1000, `${took.join()} ms`);
  }).timeout(30_000);

  it('RC-5 what cannot be read leaves the list of before', async () => {
    const { words, database } = await openNode();
    const known = words.judge('word4');
    await database.close();
    await change({ mask: ['another'] });
    await assert.rejects(words.refresh());
    await words.changed();
    assert.deepEqual(words.judge('word4'), known);
  });

  it('RC-5 a swap of 20,000 words holds the event loop for less than 20 ms, and nothing is judged by half a list', async () => {
    const wordsOf = (from: string) =>
      Array.from(
        { length: 20_000 },
        (_, at) => `${from}${String.fromCodePoint(0x4e00 + (at % 5000), 0x5e00 + ((at * 7) % 5000))}词${at}`,
      );
    await change({ mask: wordsOf('冷') });
    let turns = 0;
    const longest: number[] = [];
    for (const from of ['甲', '乙', '丙']) {
      const mask = wordsOf(from);
      const body = { version, ...NO_WORDS, mask };
      const { longestMs, result } = await longestTurn(
        () => put(body),
        () => {
          turns++;
          const { text, version: by } = talk.server.context.words.judge(mask[19_999]!);
          assert.equal(text === mask[19_999], by === version);
        },
      );
      assert.equal(result.code, 'OK');
      version = result.data.version as number;
      longest.push(longestMs);
    }
    // A collection of garbage, whose time is everybody's, may fall into one of them.
    const [, median] = longest.toSorted((a, b) => a - b) as [number, number];
    assert.ok(median < 20, `${longest.join()} ms`);
    assert.ok(turns > 20);
    const { data } = await talk.call('GET', PATH, admin!);
    assert.deepEqual(data.mask, wordsOf('丙'));
    const { words } = await openNode();
    assert.equal(words.judge('丙' + data.mask[5].slice(1)).text, '＊'.repeat(5));
  }).timeout(60_000);
});
