import assert from 'node:assert/strict';
import fc from 'fast-check';
import { before, it } from 'mocha';
import { In } from 'typeorm';
import { AnalyticsInteraction } from '../../entities/analytics/AnalyticsInteraction.ts';
import { AnalyticsUserDay } from '../../entities/analytics/AnalyticsUserDay.ts';
import { AnalyticsUserProfile } from '../../entities/analytics/AnalyticsUserProfile.ts';
import { User } from '../../entities/identity/User.ts';
import { UserPointsAccount } from '../../entities/points/UserPointsAccount.ts';
import {
  carryInteractions,
  forgetInteractions,
} from '../../src/analytics/interactions/personalInteractions.ts';
import { carryProfile, forgetProfile } from '../../src/analytics/profiles.ts';
import { checkProfiles } from '../../src/books/profiles.ts';
import { Calendar } from '../../src/lottery/statistics/calendar.ts';
import { CountedDraws } from '../../src/lottery/statistics/countedDraws.ts';
import { foldAll, foldBatch, type FoldServices } from '../../src/lottery/statistics/fold.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { at, dayOf, storeDraws, ZONE, type PlayedDraw } from '../lottery/statistics/bruteForce.ts';
import { forEachDatabase } from '../support/databases.ts';
import { createCampaign, createUsers } from '../support/factories.ts';
import { failCommits } from '../support/faults.ts';

const HOUR_MS = 3_600_000;
/** Some days before: days are not kept for ever. */
const FROM_MS = Date.now() - 20 * 24 * HOUR_MS;

forEachDatabase('draws that are counted of their people', (open) => {
  let database: Database;
  let services: FoldServices;
  before(async () => {
    database = await open();
    const counted = new CountedDraws(database);
    services = { database, clock: systemClock, calendar: new Calendar(ZONE), counted };
  });

  /** Of two campaigns, by the place of whoever drew. */
  const drawn = fc.record({
    of: fc.nat({ max: 1 }),
    who: fc.nat({ max: 4 }),
    isFree: fc.boolean(),
    hours: fc.double({ min: -30, max: 60, noNaN: true }),
  });
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.array(drawn, { minLength: 1, maxLength: 12 }) },
    {
      weight: 5,
      arbitrary: fc.constantFrom('fold', 'two folders', 'commit fails', 'answer is lost', 'merge', 'leave'),
    },
  );

  /** The first becomes the second: what was done with it is theirs. */
  const merge = (fromUserId: number, intoUserId: number) =>
    database.retryingTransaction(async (tx) => {
      await tx.manager.update(User, { user_id: fromUserId }, { status: 'closed' });
      for (const which of [{ user_id: fromUserId }, { merged_into: fromUserId }])
        await tx.manager.update(UserPointsAccount, which, { merged_into: intoUserId });
      const merging = { fromUserId, intoUserId };
      await carryInteractions(tx, merging);
      await carryProfile(tx, merging, Date.now());
      await forgetInteractions(tx, fromUserId);
      await forgetProfile(tx, fromUserId, Date.now());
    });
  const leave = (userId: number) =>
    database.retryingTransaction(async (tx) => {
      await tx.manager.update(User, { user_id: userId }, { status: 'closed' });
      await forgetInteractions(tx, userId);
      await forgetProfile(tx, userId, Date.now());
    });

  interface Told extends PlayedDraw {
    campaignId: number;
  }
  const expectedOf = (draws: readonly Told[]) => {
    const people = new Map<string, unknown>();
    for (const [userId, own] of Map.groupBy(draws, (draw) => draw.userId)) {
      const free = (some: readonly Told[]) => some.filter(({ pointsCost }) => pointsCost === 0).length;
      const times = own.map(({ timeMs }) => timeMs);
      people.set(`${userId}`, [own.length, free(own), Math.min(...times), Math.max(...times)]);
      for (const [day, some] of Map.groupBy(own, ({ timeMs }) => dayOf(timeMs))) {
        const hours = some.reduce((bits, { timeMs }) => bits | (1 << at(timeMs).hour), 0);
        people.set(`${userId} ${day}`, [some.length, free(some), hours]);
      }
      for (const [campaignId, some] of Map.groupBy(own, (draw) => draw.campaignId)) {
        const theirs = some.map(({ timeMs }) => timeMs);
        people.set(`${userId} of ${campaignId}`, [some.length, Math.min(...theirs), Math.max(...theirs)]);
      }
    }
    return new Map([...people].sort());
  };
  const storedOf = async (userIds: readonly number[]) => {
    const where = { user_id: In([...userIds]) };
    const reader = database.currentReader;
    const people = new Map<string, unknown>();
    for (const row of await reader.findBy(AnalyticsUserProfile, where)) {
      if (row.draws === 0) continue;
      const times = [row.first_active_at!.getTime(), row.last_active_at!.getTime()];
      people.set(`${row.user_id}`, [row.draws, row.free_draws, ...times]);
    }
    for (const row of await reader.findBy(AnalyticsUserDay, where))
      people.set(`${row.user_id} ${row.day}`, [row.draws, row.free_draws, row.hours]);
    for (const row of await reader.findBy(AnalyticsInteraction, { ...where, item_type: 'campaign' }))
      people.set(`${row.user_id} of ${row.item_id}`, [
        row.entries,
        row.first_at.getTime(),
        row.last_at.getTime(),
      ]);
    return new Map([...people].sort());
  };

  it('B-2 B-4 RS-5 each counts once of whoever has it now, over failed commits, two folders, merges and leaving', async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 14 }), async (steps) => {
        const campaignIds = [await createCampaign(database), await createCampaign(database)].map(
          ({ campaignId }) => campaignId,
        );
        const people = await createUsers(database, 5);
        const owners = new Map<number, number | undefined>(people.map((userId) => [userId, userId]));
        const draws: Told[] = [];
        let nowMs = FROM_MS;
        for (const what of steps) {
          if (Array.isArray(what)) {
            const made = what.map(({ of, who, isFree, hours }): Told => {
              nowMs += Math.round(hours * HOUR_MS);
              const prize = { prizeId: null, isGuarantee: false };
              const pointsCost = isFree ? 0 : 100_00;
              return {
                campaignId: campaignIds[of]!,
                userId: people[who]!,
                ...prize,
                pointsCost,
                timeMs: nowMs,
              };
            });
            for (const campaignId of campaignIds) {
              const after = draws.filter((draw) => draw.campaignId === campaignId).length;
              const some = made.filter((draw) => draw.campaignId === campaignId);
              if (some.length > 0) await storeDraws(database, { campaignId, after }, some);
              draws.push(...some);
            }
          } else if (what === 'fold') await foldAll(services);
          else if (what === 'two folders') await Promise.all([foldAll(services), foldAll(services)]);
          else if (what === 'merge' || what === 'leave') {
            const there = people.filter((userId) => owners.get(userId) === userId);
            if (there.length < 3) continue;
            const [first, second] = there as [number, number];
            if (what === 'merge') await merge(first, second);
            else await leave(first);
            const owner = what === 'merge' ? second : undefined;
            for (const [userId, now] of owners) if (now === first) owners.set(userId, owner);
          } else {
            const campaignId = campaignIds[0]!;
            const to = draws.filter((draw) => draw.campaignId === campaignId).length;
            const [cursor] = await database.currentReader.query(
              'SELECT draw_no FROM lottery_statistics_cursors WHERE campaign_id = ?',
              [campaignId],
            );
            const after = Number(cursor?.draw_no ?? 0);
            if (to === after) continue;
            failCommits(database, [what]);
            await assert.rejects(foldBatch(services, { campaignId, after, to }));
          }
        }
        await foldAll(services);
        const theirs = draws.flatMap((draw) => {
          const userId = owners.get(draw.userId);
          return userId === undefined ? [] : [{ ...draw, userId }];
        });
        assert.deepEqual(await storedOf(people), expectedOf(theirs));
      }),
      { numRuns: 12 },
    );
    const { differences } = await checkProfiles(database, { timezone: ZONE, nowMs: Date.now() });
    assert.deepEqual(differences, []);
  });
});
