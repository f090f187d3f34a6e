import assert from 'node:assert/strict';
import { after, before, beforeEach, it } from 'mocha';
import { readBirthdays } from '../../../src/identity/people/birthdays.ts';
import { TestClock } from '../../support/clock.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { startServer, type RunningServer } from '../../support/server.ts';
import { okay, signIn, type SignedIn } from '../signedIn.ts';

forEachDatabase('birthdays', (_open, openUrl) => {
  // 00:30 on March 1 in the restaurant, where UTC still has February 28.
  const clock = new TestClock(Date.parse('2027-02-28T16:30:00Z'));
  let server: RunningServer;
  let boss: SignedIn;
  let diner: SignedIn;
  let numbers = 13_600_000_000;
  before(async () => {
    server = await startServer(await openUrl(), { clock });
    boss = await signIn(server, '13800000000');
  });
  after(() => server?.close());
  beforeEach(async () => {
    diner = await signIn(server, String(numbers++));
  });
  const tell = (body: object, { token } = diner) => server.api<any>('PATCH', '/auth/me', { token, body });
  const told = async () => okay(await server.api<any>('GET', '/auth/me', diner)).data.birthday;
  const set = (userId: number, birthday: unknown, { token } = boss) =>
    server.api<any>('PUT', `/admin/users/${userId}/birthday`, { token, body: { birthday } });
  const ofDay = (monthDay: string, afterUserId = 0, take = 100) =>
    readBirthdays(server.context.database.currentReader, { monthDay, afterUserId, take });
  const idsOf = async (...asked: Parameters<typeof ofDay>) =>
    (await ofDay(...asked)).map(({ userId }) => userId);

  it('A-11 a birthday is told once by its owner, shown to them and exported', async () => {
    assert.equal(await told(), null);
    assert.equal(okay(await tell({ birthday: '1996-02-29' })).data.birthday, '1996-02-29');
    assert.equal(okay(await tell({ birthday: '1996-02-29', nickname: '小寿' })).data.nickname, '小寿');
    for (const body of [{ birthday: '1996-03-01' }, { birthday: '1996-03-02', nickname: '大寿' }]) {
      const { status, code } = await tell(body);
      assert.deepEqual([status, code], [409, 'CONFLICT']);
    }
    const { data } = okay(await server.api<any>('GET', '/auth/me', diner));
    assert.deepEqual([data.birthday, data.nickname], ['1996-02-29', '小寿']);
    const { profile } = okay(await server.api<any>('GET', '/auth/export', diner)).data;
    assert.equal(profile.birthday, '1996-02-29');
  });

  it('A-11 of two told at the same moment one counts', async () => {
    const answers = await Promise.all(
      ['01', '02', '03', '04'].map((day) => tell({ birthday: `1990-05-${day}` })),
    );
    const taken = answers.filter(({ code }) => code === 'OK');
    assert.deepEqual([taken.length, await told()], [1, taken[0]!.data.birthday]);
  });

  it('A-11 what is no date of somebody alive is none', async () => {
    for (const birthday of [
      ...['1899-12-31', '2027-03-02', '2023-02-29', '1990-13-01', '1990-2-1', '', null, 19900101],
    ])
      assert.equal((await tell({ birthday })).code, 'VALIDATION_FAILED', String(birthday));
    assert.equal((await set(diner.userId, '2027-03-02')).code, 'VALIDATION_FAILED');
    assert.equal(await told(), null);
    // Today, by the restaurant's day.
    assert.equal(okay(await tell({ birthday: '2027-03-01' })).code, 'OK');
    okay(await tell({ birthday: '1900-01-01' }, await signIn(server, String(numbers++))));
  });

  it('A-9 A-10 the administration changes one, which its log tells without the date', async () => {
    okay(await tell({ birthday: '1990-07-07' }));
    assert.equal((await set(diner.userId, '1991-07-07', diner)).code, 'FORBIDDEN');
    assert.equal((await set(boss.userId, '1991-07-07')).code, 'FORBIDDEN', 'nobody changes themself');
    assert.equal((await set(2_000_000_000, '1991-07-07')).code, 'NOT_FOUND');
    assert.deepEqual(okay(await set(diner.userId, '1991-07-08')).data, {
      user_id: diner.userId,
      birthday: '1991-07-08',
    });
    assert.equal(await told(), '1991-07-08');
    assert.deepEqual([await idsOf('07-07'), await idsOf('07-08')], [[], [diner.userId]]);
    const rows = await server.context.database.read<{ state_before: string; state_after: string }>(
      `SELECT state_before, state_after FROM admin_audit_logs WHERE action = 'user.birthday' AND target_id = ?`,
      [String(diner.userId)],
    );
    assert.equal(rows.length, 1);
    assert.doesNotMatch(JSON.stringify(rows), /\d{4}-\d\d-\d\d/);
    okay(await set(diner.userId, null));
    assert.deepEqual([await told(), await idsOf('07-08')], [null, []]);
    okay(await tell({ birthday: '1992-07-09' }));
  });

  it('A-11 those of a day are found in pages, active ones alone, February 29 on its own', async () => {
    const people = [diner];
    for (let i = 0; i < 4; i++) people.push(await signIn(server, String(numbers++)));
    const ids = people.map(({ userId }) => userId);
    for (const [at, person] of people.entries()) okay(await tell({ birthday: `19${80 + at}-12-31` }, person));
    assert.deepEqual(await ofDay('12-31', 0, 1), [{ userId: ids[0], birthday: '1980-12-31' }]);
    assert.deepEqual(await idsOf('12-31', 0, 2), ids.slice(0, 2));
    assert.deepEqual(await idsOf('12-31', ids[1], 100), ids.slice(2));
    const status = { token: boss.token, body: { status: 'disabled', reason: 'a test' } };
    okay(await server.api('POST', `/admin/users/${ids[0]}/status`, status));
    okay(await server.api('DELETE', '/auth/me', { token: people[1]!.token, body: { code: '123456' } }));
    assert.deepEqual(await idsOf('12-31'), ids.slice(2));
    const [gone] = await server.context.database.read<Record<string, unknown>>(
      'SELECT birthday, birthday_month_day FROM users WHERE user_id = ?',
      [ids[1]],
    );
    assert.deepEqual({ ...gone }, { birthday: null, birthday_month_day: null });
    okay(await set(ids[2]!, '2000-02-29'));
    assert.deepEqual(
      [await idsOf('02-28'), (await idsOf('02-29')).includes(ids[2]!), await idsOf('03-01', ids[2])],
      [[], true, []],
    );
  });

  it('DB-6 those of a day are read by an index', async () => {
    const { database } = server.context;
    const sql = `SELECT user_id, birthday FROM users
      WHERE birthday_month_day = '12-31' AND user_id > 5 AND status = 'active' ORDER BY user_id LIMIT 100`;
    const [row] = await database.read<Record<string, unknown>>(
      database.dialect === 'mysql' ? `EXPLAIN ${sql}` : `EXPLAIN QUERY PLAN ${sql}`,
    );
    assert.match(JSON.stringify(row), /users_birthday/);
  });
});
