import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AnalyticsSegment } from '../../entities/analytics/AnalyticsSegment.ts';
import { AnalyticsUserDay } from '../../entities/analytics/AnalyticsUserDay.ts';
import { AnalyticsUserProfile } from '../../entities/analytics/AnalyticsUserProfile.ts';
import { User } from '../../entities/identity/User.ts';
import { UserSegment } from '../../entities/lottery/UserSegment.ts';
import { UserPointsAccount } from '../../entities/points/UserPointsAccount.ts';
import { createCondition, editCondition, removeCondition } from '../../src/analytics/segments/segments.ts';
import { Previews, spread } from '../../src/analytics/segments/preview.ts';
import { SegmentWorker } from '../../src/analytics/segments/segmentWorker.ts';
import { foldValues } from '../../src/analytics/foldValues.ts';
import { NO_DEEDS } from '../../src/analytics/deeds.ts';
import { forgetProfile } from '../../src/analytics/profiles.ts';
import { noProfile } from '../../src/analytics/profileRows.ts';
import { leaveLists } from '../../src/lottery/personalLists.ts';
import { insertAll, upsertAll } from '../../src/platform/database/bulk.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { dayAfter } from '../../src/points/statistics/periods.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createUsers } from '../support/factories.ts';
import { TestClock } from '../support/clock.ts';

const PEOPLE = 24;
const RUNS = 8;
const businessTimezone = 'Asia/Shanghai';
const TODAY = '2026-03-01';
const NOW_MS = Date.parse(`${TODAY}T12:00:00+08:00`);
const DAY_MS = 86_400_000;
const actor = { userId: 1, ip: '127.0.0.1', requestId: 'r' };

interface Person {
  level: number;
  registeredDaysAgo: number;
  birthdayMonth: number;
  kind: 'diner' | 'staff' | 'test' | 'blocked' | 'closed';
  /** By days ago. */
  days: { ago: number; draws: number; bills: number; fen: number; hours: number }[];
}

const personArbitrary: fc.Arbitrary<Person> = fc.record({
  level: fc.integer({ min: 1, max: 5 }),
  registeredDaysAgo: fc.integer({ min: 0, max: 200 }),
  birthdayMonth: fc.integer({ min: 0, max: 12 }),
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constant('diner' as const) },
    { weight: 2, arbitrary: fc.constantFrom('staff', 'test', 'blocked', 'closed') },
  ),
  days: fc.uniqueArray(
    fc.record({
      ago: fc.oneof(fc.integer({ min: 0, max: 35 }), fc.integer({ min: 85, max: 400 })),
      draws: fc.integer({ min: 0, max: 12 }),
      bills: fc.integer({ min: 0, max: 2 }),
      fen: fc.integer({ min: 0, max: 30_000 }),
      hours: fc.integer({ min: 0, max: 2 ** 24 - 1 }),
    }),
    { selector: ({ ago }) => ago, maxLength: 12 },
  ),
});

/** As the docs say it, of the raw days alone. */
const FACTS: Record<string, (person: Person) => number> = {
  level: ({ level }) => level,
  account_days: ({ registeredDaysAgo }) => registeredDaysAgo,
  birthday_month: ({ birthdayMonth }) => birthdayMonth,
  active_days_30: ({ days }) => days.filter(({ ago, hours }) => ago < 30 && hours > 0).length,
  active_days_90: ({ days }) => days.filter(({ ago, hours }) => ago < 90 && hours > 0).length,
  draws_30: ({ days }) => sum(days.filter(({ ago }) => ago < 30).map(({ draws }) => draws)),
  bills_90: ({ days }) => sum(days.filter(({ ago }) => ago < 90).map(({ bills }) => bills)),
  spend_90_fen: ({ days }) => sum(days.filter(({ ago }) => ago < 90).map(({ fen }) => fen)),
  days_since_active: ({ days, registeredDaysAgo }) =>
    Math.min(...days.filter(({ hours }) => hours > 0).map(({ ago }) => ago), Infinity) === Infinity
      ? registeredDaysAgo
      : Math.min(...days.filter(({ hours }) => hours > 0).map(({ ago }) => ago)),
  days_since_visit: ({ days }) =>
    Math.min(...visitsOf(days), Infinity) === Infinity ? 36_500 : Math.min(...visitsOf(days)),
  visit_cycle_days: ({ days }) => {
    const visits = visitsOf(days);
    if (visits.length < 3) return 0;
    return Math.round((Math.max(...visits) - Math.min(...visits)) / (visits.length - 1));
  },
};
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const visitsOf = (days: Person['days']) =>
  days.filter(({ ago, bills }) => ago < 365 && bills > 0).map(({ ago }) => ago);

interface Condition {
  text: string;
  holds(person: Person): boolean;
}
const COMPARED: Record<string, (a: number, b: number) => boolean> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};
const comparisonArbitrary: fc.Arbitrary<Condition> = fc
  .tuple(
    fc.constantFrom(...Object.keys(FACTS)),
    fc.constantFrom(...Object.keys(COMPARED)),
    fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 60_000 })),
  )
  .map(([fact, operator, value]) => ({
    text: `${fact} ${operator} ${value}`,
    holds: (person) => COMPARED[operator]!(FACTS[fact]!(person), value),
  }));
const conditionArbitrary: fc.Arbitrary<Condition> = fc
  .tuple(comparisonArbitrary, comparisonArbitrary, comparisonArbitrary, fc.boolean())
  .map(([a, b, c, isAnd]) =>
    isAnd
      ? {
          text: `${a.text} && (${b.text} || !(${c.text}))`,
          holds: (one) => a.holds(one) && (b.holds(one) || !c.holds(one)),
        }
      : {
          text: `${a.text} || ${b.text} && ${c.text}`,
          holds: (one) => a.holds(one) || (b.holds(one) && c.holds(one)),
        },
  );

forEachDatabase('members of segments by a condition', (open) => {
  let database: Database;
  let people: number[];
  let clock: TestClock;
  let services: { database: Database; clock: TestClock; businessTimezone: string };
  let worker: SegmentWorker;
  let names = 0;

  beforeEach(async () => {
    database = await open();
    clock = new TestClock(NOW_MS);
    people = await createUsers(database, PEOPLE);
    services = { database, clock, businessTimezone };
    worker = new SegmentWorker(services);
  });

  const work = () => worker.round();
  const membersOf = async (segment: string) =>
    (await database.currentReader.find(UserSegment, { where: { segment }, order: { user_id: 'ASC' } })).map(
      ({ user_id: userId }) => userId,
    );
  const create = (condition: string, name = `segment-${++names}`) =>
    database.retryingTransaction((tx) =>
      createCondition(tx, { actor, name, title: name, condition }, clock.nowMs()),
    );
  const dayOf = (ago: number) => dayAfter(TODAY, -ago);
  /** Whatever was there before. */
  const put = (placed: readonly [number, Person][]) =>
    database.retryingTransaction(async (tx) => {
      for (const [userId, person] of placed) {
        const { kind, birthdayMonth: month } = person;
        const closed = kind === 'closed';
        await tx.manager.update(
          User,
          { user_id: userId },
          {
            role: kind === 'staff' ? 'staff' : 'user',
            is_test: kind === 'test',
            status: closed ? 'closed' : kind === 'blocked' ? 'disabled' : 'active',
            registration_date: new Date(NOW_MS - person.registeredDaysAgo * DAY_MS),
            birthday_month_day: month === 0 ? null : `${String(month).padStart(2, '0')}-05`,
          },
        );
        await tx.manager.update(UserPointsAccount, { user_id: userId }, { level: person.level });
        await tx.manager.delete(AnalyticsUserDay, { user_id: userId });
        const times = person.days.filter(({ hours }) => hours > 0).map(({ ago }) => NOW_MS - ago * DAY_MS);
        const profile = {
          ...noProfile(userId, NOW_MS),
          first_active_at: times.length === 0 ? null : new Date(Math.min(...times)),
          last_active_at: times.length === 0 ? null : new Date(Math.max(...times)),
        };
        await upsertAll(tx, AnalyticsUserProfile, [profile], {
          revision: ({ stored, given }) => `${stored('revision')} + ${given('revision')}`,
        });
        if (closed) {
          await leaveLists(tx, userId);
          await forgetProfile(tx, userId, NOW_MS);
        }
        const days = closed ? [] : person.days;
        await insertAll(
          tx,
          AnalyticsUserDay,
          days.map(({ ago, draws, bills, fen, hours }) => ({
            user_id: userId,
            day: dayOf(ago),
            ...NO_DEEDS,
            ...{ draws, bills, hours, spent: fen },
            created_at: new Date(NOW_MS - ago * DAY_MS),
          })),
        );
      }
    });

  it('B-2 RS-3 random people and conditions: members are those of a count by hand, also after changes', async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(personArbitrary, { minLength: PEOPLE, maxLength: PEOPLE }),
        fc.array(conditionArbitrary, { minLength: 3, maxLength: 3 }),
        fc.array(fc.tuple(fc.nat({ max: PEOPLE - 1 }), personArbitrary), { maxLength: 6 }),
        conditionArbitrary,
        async (given, conditions, changes, edited) => {
          const now = given.map((person, place): [number, Person] => [people[place]!, person]);
          const expected = ({ holds }: Condition) =>
            now.filter(([, person]) => person.kind === 'diner' && holds(person)).map(([userId]) => userId);
          await put(now);
          const segments = [];
          for (const condition of conditions) segments.push(await create(condition.text));
          await work();
          for (const [at, condition] of conditions.entries())
            assert.deepEqual(await membersOf(segments[at]!.name), expected(condition), condition.text);
          for (const [place, person] of changes) now[place] = [people[place]!, person];
          await put(now.filter((_, place) => changes.some(([changed]) => changed === place)));
          const first = segments[0]!;
          await database.retryingTransaction((tx) =>
            editCondition(
              tx,
              {
                ...{ actor, segmentId: first.segment_id, version: 1 },
                ...{ title: 'x', condition: edited.text, status: 'active' },
              },
              NOW_MS,
            ),
          );
          await work();
          // Blocking somebody is no change of a profile, and is seen with the next day.
          const isSeen = (userId: number) => now.find(([id]) => id === userId)![1].kind !== 'blocked';
          for (const [at, condition] of [edited, ...conditions.slice(1)].entries()) {
            const found: number[] = (await membersOf(segments[at]!.name)).filter(isSeen);
            assert.deepEqual(found, expected(condition), condition.text);
          }
          const rows = await database.currentReader.find(AnalyticsSegment, { order: { segment_id: 'ASC' } });
          // Who leaves goes without being counted; the next pass does.
          const counted = changes.some(([, { kind }]) => kind === 'closed') ? [] : rows;
          for (const row of counted)
            assert.equal(row.members, (await membersOf(row.name)).length, row.condition_text);
          for (const { segment_id: segmentId, name } of segments) {
            await database.retryingTransaction((tx) => removeCondition(tx, { actor, segmentId }, NOW_MS));
            await work();
            assert.deepEqual(await membersOf(name), []);
          }
          assert.equal(await database.currentReader.count(AnalyticsSegment), 0);
        },
      ),
      { numRuns: RUNS, endOnFailure: true },
    );
  });

  const diner = (more: Partial<Person> = {}): Person => ({
    ...{ level: 1, registeredDaysAgo: 100, birthdayMonth: 0, kind: 'diner', days: [] },
    ...more,
  });

  it('B-2 value is in fifths of all visitors, and no staff among them (RS-3)', async () => {
    const visiting = (visits: number, fen: number): Person =>
      diner({
        days: Array.from({ length: visits }, (_, at) => ({
          ago: at * 3 + 1,
          draws: 0,
          bills: 1,
          fen,
          hours: 1,
        })),
      });
    const placed = people.map((userId, place): [number, Person] => [
      userId,
      place < 20 ? visiting(1 + place, 1000 * (place + 1)) : { ...visiting(20, 99_999_999), kind: 'staff' },
    ]);
    await put(placed);
    await foldValues(services);
    const [high, none] = [await create('value == "high"'), await create('value == "none"')];
    await work();
    // All were here yesterday, so of them recency tells nothing: 5 of frequency and 5 of money, or 4 and 4.
    assert.deepEqual(await membersOf(high.name), people.slice(12, 20));
    assert.deepEqual(await membersOf(none.name), []);
  });

  it('B-2 windows move with the days: a new day asks everybody anew', async () => {
    await put([[people[0]!, diner({ days: [{ ago: 29, draws: 1, bills: 0, fen: 0, hours: 1 }] })]]);
    const { name } = await create('draws_30 > 0');
    await work();
    assert.deepEqual(await membersOf(name), [people[0]]);
    clock.advance(DAY_MS);
    await work();
    assert.deepEqual(await membersOf(name), []);
  });

  it('B-2 what cannot be worked out of somebody leaves them out, says why, and stops nobody else', async () => {
    await put(people.map((userId, place) => [userId, diner({ level: 1 + (place % 2) })]));
    const { name, segment_id } = await create('10 / (level - 1) == 10');
    await work();
    assert.deepEqual(
      await membersOf(name),
      people.filter((_, place) => place % 2 === 1),
    );
    const row = await database.currentReader.findOneByOrFail(AnalyticsSegment, { segment_id });
    assert.match(row.failure!, /zero/);
    const { failure, matched } = await new Previews(services).of('10 / (level - 1) == 10');
    assert.match(failure!, /zero/);
    assert.equal(matched, PEOPLE / 2);
  });

  it('B-2 two nodes that work at once, and a node that was killed in a pass, leave the members that there are', async () => {
    await put(people.map((userId, place) => [userId, diner({ level: 1 + (place % 5) })]));
    const { name } = await create('level >= 3');
    await Promise.all([1, 2, 3].map(() => new SegmentWorker(services).round()));
    clock.advance(60_000);
    await work();
    assert.deepEqual(
      await membersOf(name),
      people.filter((_, place) => place % 5 >= 2),
    );
    // As far as a node had come: whoever goes on begins there.
    await database.transaction(async (tx) => {
      await tx.manager.delete(UserSegment, { segment: name });
      await tx.manager.update(AnalyticsSegment, { name }, { position: people[9]! });
    });
    clock.advance(60_000);
    await work();
    assert.deepEqual(
      await membersOf(name),
      people.filter((_, place) => place % 5 >= 2 && place > 9),
    );
  });

  it('B-2 a preview counts everybody, masks its sample, stores nothing, and ends in its time', async () => {
    await put(people.map((userId, place) => [userId, diner({ level: 1 + (place % 2) })]));
    const previews = new Previews(services);
    const all = await previews.of('level == 2');
    assert.deepEqual([all.isComplete, all.matched, all.estimate, all.looked], [true, 12, 12, PEOPLE]);
    assert.equal(all.userIds.length, 12);
    assert.equal((await previews.of('true')).userIds.length, 20);
    assert.equal(await database.currentReader.count(AnalyticsSegment), 0);
    assert.equal(await database.currentReader.count(UserSegment), 0);
    const both = await Promise.allSettled([previews.of('true'), previews.of('true')]);
    assert.deepEqual(
      both.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
  });

  it('B-2 a preview that has no time for all looks here and there, each place once', () => {
    for (const places of [0, 1, 2, 7, 100, 5000]) {
      const order = [...spread(places)];
      assert.deepEqual(
        [...order].sort((a, b) => a - b),
        Array.from({ length: places }, (_, place) => place),
      );
    }
    const early = [...spread(5000)].slice(0, 10);
    for (const tenth of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      assert.ok(early.filter((place) => Math.floor(place / 500) === tenth).length <= 2);
  });
});
