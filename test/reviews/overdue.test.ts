import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { BusinessEvent } from '../../entities/platform/BusinessEvent.ts';
import { HolidayDay } from '../../entities/points/HolidayDay.ts';
import { Review } from '../../entities/reviews/Review.ts';
import { claimSpend } from '../../src/reviews/claims/claims.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { createRestaurant } from '../../src/restaurants/restaurants.ts';
import { escalateDue } from '../../src/reviews/overdue.ts';
import { TestClock } from '../support/clock.ts';
import { usualConfiguration } from '../support/configuration.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';

const ZONE = 'Asia/Shanghai';
const at = (time: string) => Date.parse(`${time}+08:00`);

forEachDatabase('reviews that nobody decides', (_open, openUrl) => {
  let url: string;
  let database: Database;
  let userId: number;
  const clock = new TestClock(at('2026-03-06T16:00:00'));
  const databases: Database[] = [];
  const open = async () => {
    const opened = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 4 }));
    databases.push(opened);
    return opened;
  };
  before(async () => {
    url = await openUrl();
    database = await open();
    userId = await createUser(database);
  });
  after(() => Promise.all(databases.map((one) => one.close())));

  const logger = createLogger('silent');
  const limits = { pointsTransfersPerDay: 100, pointsTransferReview: 50 };
  const servicesOf = (on: Database) => ({
    ...{ database: on, clock, config: { businessTimezone: ZONE } },
    configuration: usualConfiguration({ database: on, logger }, limits),
  });
  const look = (on = database) => escalateDue(servicesOf(on));
  const addRestaurant = (name: string, days: number[]) => {
    const hours = [{ days, from: '10:00', to: '18:00' }];
    const body = { name, address: 'x', phone: '', timezone: ZONE, hours };
    return database.transaction((tx) => createRestaurant(tx, { actor: undefined, body }, clock.nowMs()));
  };
  /** Two hours of business time. */
  const claim = async (restaurantId: number, billNo: string) => {
    const { hours } = servicesOf(database).configuration.now().service;
    const policy = { hours: { hours, businessTimezone: ZONE }, limitMinutes: 120 };
    const asked = { userId, restaurantId, billNo, amount: 10_00, paidAtMs: clock.nowMs(), imageId: null };
    const { reviewId } = await database.transaction((tx) => claimSpend(tx, asked, policy, clock.nowMs()));
    return reviewId;
  };
  const read = (reviewId: number) => database.currentReader.findOneByOrFail(Review, { review_id: reviewId });
  const overdue = () => database.currentReader.countBy(BusinessEvent, { event_type: 'review:overdue' });

  it('RA-5 time runs while the restaurant is open: over a night, a weekend and a day off nothing does', async () => {
    const { restaurant_id: id } = await addRestaurant('Weekdays', [1, 2, 3, 4, 5]);
    // A Friday, one hour before it closes.
    clock.set(at('2026-03-06T17:00:00'));
    const review = await claim(id, 'b-1');
    assert.equal((await read(review)).due_at.getTime(), at('2026-03-09T11:00:00'));
    for (const time of ['2026-03-06T23:00:00', '2026-03-08T12:00:00', '2026-03-09T10:59:59']) {
      clock.set(at(time));
      await look();
      assert.equal((await read(review)).escalated_at, null, time);
    }
    // Somebody enters a day off meanwhile.
    await database.transaction((tx) =>
      tx.manager.insert(HolidayDay, { day: '2026-03-09', kind: 'holiday', name: 'x' }),
    );
    clock.set(at('2026-03-09T12:00:00'));
    await look();
    const moved = await read(review);
    assert.deepEqual([moved.due_at.getTime(), moved.escalated_at], [at('2026-03-10T11:00:00'), null]);
    clock.set(at('2026-03-10T11:00:00'));
    await look();
    assert.equal((await read(review)).escalated_at?.getTime(), clock.nowMs());
    assert.equal(await overdue(), 1);
  });

  it('RA-5 it is told of once, whatever nodes look at once, and however often one is started anew', async () => {
    const { restaurant_id: id } = await addRestaurant('Always', [1, 2, 3, 4, 5, 6, 7]);
    clock.set(at('2026-03-11T10:00:00'));
    const ids = [];
    for (let count = 0; count < 12; count++) ids.push(await claim(id, `c-${count}`));
    const before = await overdue();
    clock.set(at('2026-03-11T12:00:00'));
    // Two processes do not share a file.
    const nodes = database.dialect === 'sqlite' ? [database] : [await open(), await open()];
    await Promise.all([look(), ...nodes.flatMap((node) => [look(node), look(node)])]);
    assert.equal(await overdue(), before + 12);
    const restarted = await open();
    await look(restarted);
    clock.set(at('2026-03-12T12:00:00'));
    await look(restarted);
    assert.equal(await overdue(), before + 12);
    for (const one of ids) assert.notEqual((await read(one)).escalated_at, null);
  });

  it('RA-5 what was decided in time is never told of', async () => {
    const { restaurant_id: id } = await addRestaurant('Decided', [1, 2, 3, 4, 5, 6, 7]);
    clock.set(at('2026-03-13T10:00:00'));
    const review = await claim(id, 'd-1');
    const decided = { status: 'rejected' as const, decided_by: 1, decided_at: new Date(clock.nowMs()) };
    await database.transaction((tx) => tx.manager.update(Review, { review_id: review }, decided));
    const before = await overdue();
    clock.set(at('2026-03-20T10:00:00'));
    await look();
    assert.equal(await overdue(), before);
  });
});
