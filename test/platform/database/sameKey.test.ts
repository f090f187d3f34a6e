import assert from 'node:assert/strict';
import { it } from 'mocha';
import { User } from '../../../entities/identity/User.ts';
import { once } from '../../../src/platform/database/idempotency.ts';
import { AppError } from '../../../src/platform/errors.ts';
import { createUser } from '../../support/factories.ts';
import { forEachDatabase } from '../../support/databases.ts';

forEachDatabase('one key, sent again while its call is under way', (open) => {
  it('PTS-4 is answered as the first call, whose work is why the second is refused', async () => {
    const database = await open();
    const userId = await createUser(database);
    const call = { userId, key: 'sent-twice', request: { move: 1 }, nowMs: Date.now() };
    const where = { user_id: userId };
    const isMoved = Promise.withResolvers<void>();
    const isSentAgain = Promise.withResolvers<void>();
    // There the second waits until the first is over.
    if (database.dialect === 'sqlite') isSentAgain.resolve();
    const first = once(database, call, async (tx) => {
      await tx.lock(User, { where });
      await tx.manager.update(User, where, { nickname: 'moved' });
      isMoved.resolve();
      await isSentAgain.promise;
      return 'moved once';
    });
    await isMoved.promise;
    const second = once(database, call, async (tx) => {
      isSentAgain.resolve();
      const [user] = await tx.lock(User, { where });
      if (user!.nickname === 'moved') throw new AppError('POINTS_INSUFFICIENT');
      return 'moved twice';
    });
    assert.deepEqual(await Promise.all([first, second]), [
      { result: 'moved once', replayed: false },
      { result: 'moved once', replayed: true },
    ]);
    // Whoever is refused for a reason of their own is told it.
    const other = { ...call, key: 'sent once' };
    await assert.rejects(
      once(database, other, () => Promise.reject(new AppError('POINTS_INSUFFICIENT'))),
      { code: 'POINTS_INSUFFICIENT' },
    );
  });
});
