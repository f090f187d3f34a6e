import assert from 'node:assert/strict';
import type BetterSqlite3 from 'better-sqlite3';
import { before, it } from 'mocha';
import { In } from 'typeorm';
import { User } from '../../../entities/identity/User.ts';
import { UserPointsAccount } from '../../../entities/points/UserPointsAccount.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { createUser } from '../../support/factories.ts';
import { onSqlite } from '../../support/databases.ts';

onSqlite('numbers in statements of entities', (open) => {
  let database: Database;
  before(async () => {
    database = await open();
  });

  it('RA-6 other numbers are the same statement, prepared once', async () => {
    const texts = preparedBy(database);
    for (let userId = 1; userId <= 20; userId++) {
      await database.currentReader.findOneBy(User, { user_id: userId });
      await database.currentReader.findBy(User, { user_id: In([userId, userId + 1]) });
    }
    assert.equal(texts.length, 2, texts.join('\n'));
  });

  it('they are what they were as text: whole ones beside text, halves in columns of points', async () => {
    const userId = await createUser(database);
    await database.transaction(async ({ manager }) => {
      await manager.update(User, { user_id: userId }, { nickname: '7' });
      await manager.update(UserPointsAccount, { user_id: userId }, { spent_total: 1250 });
    });
    const reader = database.currentReader;
    const found = await reader
      .createQueryBuilder(User, 'user')
      .where('user.nickname = :name', { name: 7 })
      .getMany();
    assert.deepEqual(
      found.map((user) => user.user_id),
      [userId],
    );
    const account = await reader.findOneByOrFail(UserPointsAccount, { user_id: userId, spent_total: 1250 });
    assert.equal(account.spent_total, 1250);
    const [stored] = await reader.query<[{ kind: string; value: number }]>(
      'SELECT typeof(spent_total) AS kind, spent_total AS value FROM user_points_accounts WHERE user_id = ?',
      [userId],
    );
    assert.deepEqual(stored, { kind: 'real', value: 12.5 });
  });
});

/** What is prepared from now on. */
function preparedBy({ currentReader }: Database): string[] {
  const { databaseConnection: connection } = currentReader.dataSource.driver as unknown as {
    databaseConnection: BetterSqlite3.Database;
  };
  const texts: string[] = [];
  const prepare = connection.prepare.bind(connection);
  connection.prepare = (text: string) => {
    texts.push(text);
    return prepare(text);
  };
  return texts;
}
