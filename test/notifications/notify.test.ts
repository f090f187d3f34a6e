import assert from 'node:assert/strict';
import { User } from '../../entities/identity/User.ts';
import { countUnread, markRead, readPreferences, writePreferences } from '../../src/notifications/inbox.ts';
import { notify } from '../../src/notifications/notify.ts';
import { TEMPLATES, textOf } from '../../src/notifications/texts.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { noticeTo, numbersOf, rowsOf, tell } from './inboxes.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

forEachDatabase('notifications', (open) => {
  let database: Database;
  let userId: number;
  let other: number;
  beforeEach('two people', async () => {
    database = await open();
    userId = await createUser(database);
    other = await createUser(database);
  });

  const read = (reading: Parameters<typeof markRead>[2], whose = userId) =>
    database.retryingTransaction((tx) => markRead(tx, whose, reading));

  it('RC-16 numbers of each person begin with one and have no gap, whoever is told in between', async () => {
    await tell(database, [noticeTo(userId), noticeTo(other), noticeTo(userId)]);
    await tell(database, [noticeTo(other), noticeTo(userId)]);
    assert.deepEqual(await numbersOf(database, userId), [1, 2, 3]);
    assert.deepEqual(await numbersOf(database, other), [1, 2]);
  });

  it('RC-16 many writers at once, in any order of people: nobody who reads on from the last number misses one', async () => {
    const seen: number[] = [];
    let isOver = false;
    const reader = (async () => {
      for (let isLast = false; !isLast;) {
        isLast = isOver;
        const after = seen.at(-1) ?? 0;
        seen.push(...(await numbersOf(database, userId)).filter((no) => no > after));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    const writers = upTo(8).map(async (writer) => {
      for (let round = 0; round < 5; round++) {
        const notices = [noticeTo(userId), noticeTo(other), noticeTo(userId)];
        await tell(database, writer % 2 === 0 ? notices : notices.reverse());
      }
    });
    await Promise.all(writers).finally(() => (isOver = true));
    await reader;
    assert.deepEqual(seen, upTo(80));
    assert.deepEqual(await numbersOf(database, other), upTo(40));
  });

  it('RC-10 of one event somebody is told once, also by deliveries at once and within one', async () => {
    const notice = noticeTo(userId);
    const again = { ...notice };
    const more = noticeTo(userId);
    await Promise.all(upTo(6).map(() => tell(database, [notice, again, { ...notice, userId: other }])));
    await tell(database, [more, notice]);
    assert.deepEqual(
      (await rowsOf(database, userId)).map(({ event_id: id }) => id),
      [notice.eventId, more.eventId],
    );
    assert.deepEqual(await numbersOf(database, userId), [1, 2]);
    assert.deepEqual(await numbersOf(database, other), [1]);
  });

  it('RC-10 a row that is written past the verb for the same event, person and kind is refused by the table', async () => {
    await tell(database, [noticeTo(userId)]);
    const copy = database.transaction((tx) =>
      tx.execute(
        `INSERT INTO notifications (user_id, notification_no, event_id, kind, type, data, created_at)
         SELECT user_id, 99, event_id, kind, type, data, created_at FROM notifications`,
      ),
    );
    await assert.rejects(copy);
  });

  it('RC-11 whoever has switched a kind off is not told of it, but of what concerns security', async () => {
    const all = { system: true, activity: true, lottery: true, points: true, quiet_hours: null };
    assert.deepEqual(await readPreferences(database, userId), all);
    const none = { system: false, activity: false, lottery: true, points: false, quiet_hours: null };
    await database.transaction((tx) => writePreferences(tx, userId, none));
    assert.deepEqual(await readPreferences(database, userId), none);
    const types = ['earned', 'draw_won', 'login_flagged', 'token_reused'] as const;
    await tell(
      database,
      types.map((type) => noticeTo(userId, { type })),
    );
    assert.deepEqual(
      (await rowsOf(database, userId)).map(({ notification_no, type }) => [notification_no, type]),
      [
        [1, 'draw_won'],
        [2, 'login_flagged'],
        [3, 'token_reused'],
      ],
    );
  });

  it('RC-11 who is blocked or gone is told nothing', async () => {
    for (const status of ['disabled', 'closed'] as const) {
      await database.transaction((tx) => tx.manager.update(User, { user_id: userId }, { status }));
      await tell(database, [noticeTo(userId), noticeTo(userId, { type: 'token_reused' }), noticeTo(other)]);
    }
    assert.deepEqual(await numbersOf(database, userId), []);
    assert.deepEqual(await numbersOf(database, other), [1, 2]);
  });

  it('RC-12 what comes after the one that all were read up to stays unread', async () => {
    await tell(
      database,
      upTo(5).map(() => noticeTo(userId)),
    );
    await read({ up_to_id: 3 });
    assert.equal(await countUnread(database, userId), 2);
    await read({ up_to_id: 2 });
    assert.equal(await countUnread(database, userId), 2);
    // A number that is not given yet reads nothing ahead.
    await read({ up_to_id: 100 });
    await tell(database, [noticeTo(userId)]);
    assert.equal(await countUnread(database, userId), 1);
  });

  it('RC-12 single ones, of one person alone, and twice the same', async () => {
    await tell(
      database,
      upTo(5).flatMap(() => [noticeTo(userId), noticeTo(other)]),
    );
    await read({ ids: [2, 4, 4, 77] });
    await read({ ids: [2] });
    assert.equal(await countUnread(database, userId), 3);
    await read({ up_to_id: 3 });
    assert.equal(await countUnread(database, userId), 1);
    assert.equal(await countUnread(database, other), 5);
  });

  it('RC-12 what is told while all is read is read or not, by its number', async () => {
    await Promise.all([
      ...upTo(10).map(() => tell(database, [noticeTo(userId)])),
      ...upTo(10).map((no) => read({ up_to_id: no })),
    ]);
    await read({ up_to_id: 7 });
    const [inbox] = await database.read<{ read_up_to: number }>(
      'SELECT read_up_to FROM notification_inboxes WHERE user_id = ?',
      [userId],
    );
    assert.equal(await countUnread(database, userId), 10 - inbox!.read_up_to);
  });

  it('RE-13 the number of statements does not grow with the people', async () => {
    const people = await Promise.all(upTo(30).map(() => createUser(database)));
    const statementsFor = async (userIds: readonly number[]) => {
      let asked = 0;
      await database.transaction(async (tx) => {
        const runner = tx.manager.queryRunner!;
        const query = runner.query.bind(runner);
        runner.query = (async (...given: Parameters<typeof query>) => {
          asked++;
          return query(...given);
        }) as typeof runner.query;
        try {
          await notify(
            tx,
            userIds.map((id) => noticeTo(id)),
            Date.now(),
          );
        } finally {
          runner.query = query;
        }
      });
      return asked;
    };
    const one = await statementsFor([userId]);
    assert.ok(one > 3);
    assert.equal(await statementsFor(people), one);
  });

  it('C-7 every type has texts in both languages, which name nothing that is missing', () => {
    const data = { prizes: ['茶', '杯'], amount: 1.5 };
    assert.deepEqual(textOf({ type: 'draw_won', data }, 'zh-CN'), {
      title: '抽中奖品',
      body: '您抽中了：茶、杯',
    });
    assert.equal(textOf({ type: 'draw_won', data }, 'en').body, 'You have won: 茶, 杯');
    assert.deepEqual(textOf({ type: 'of a later build', data }, 'en'), {
      title: 'of a later build',
      body: '',
    });
    for (const type of Object.keys(TEMPLATES))
      for (const language of ['zh-CN', 'en'] as const) {
        const { title, body } = textOf({ type, data: {} }, language);
        assert.ok(title.length > 1 && !/[{}]|undefined/.test(title + body), type);
      }
  });
});
