import assert from 'node:assert/strict';
import fc from 'fast-check';
import { before, it } from 'mocha';
import { LotteryPeriod } from '../../../entities/lottery/LotteryPeriod.ts';
import { LotteryPeriodPrize } from '../../../entities/lottery/LotteryPeriodPrize.ts';
import { Campaign } from '../../../src/lottery/campaign.ts';
import { Calendar } from '../../../src/lottery/statistics/calendar.ts';
import { CountedDraws } from '../../../src/lottery/statistics/countedDraws.ts';
import { readFigures } from '../../../src/lottery/statistics/figures.ts';
import { foldAll, foldBatch, type FoldServices } from '../../../src/lottery/statistics/fold.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { createCampaign } from '../../support/factories.ts';
import { failCommits } from '../../support/faults.ts';
import { logSearch } from '../../support/logs.ts';
import { returnedOf, storeDraws, sumsOf, ZONE, type PlayedDraw } from './bruteForce.ts';

const HOUR_MS = 3_600_000;
const FROM_MS = Date.parse('2026-03-01T15:30:00.000Z');
const EVER = { from: '', to: 'z' };

forEachDatabase('the fold of draws', (open) => {
  let database: Database;
  let services: FoldServices;
  const calendar = new Calendar(ZONE);
  before(async () => {
    database = await open();
    services = { database, clock: systemClock, calendar, counted: new CountedDraws(database) };
  });

  const publish = async () => {
    const { campaignId, prizeIds } = await createCampaign(database);
    const logger = createLogger('debug', logSearch.destination);
    const owner = { database, clock: systemClock, logger, seedKey: Buffer.alloc(32, 7) };
    const shop = { businessTimezone: ZONE, drawRatePerSecond: 100 };
    await (await Campaign.open({ ...owner, ...shop }, campaignId)).close();
    const rows = await database.currentReader.query(
      'SELECT prize_id, prize_value FROM lottery_prizes WHERE campaign_id = ?',
      [campaignId],
    );
    const values = new Map<number, number>(
      rows.map((row: { prize_id: number; prize_value: string }) => [
        row.prize_id,
        Math.round(Number(row.prize_value) * 100),
      ]),
    );
    return { campaignId, prizeIds, values };
  };

  const periods = ['hour', 'day', 'week', 'month', 'all'] as const;
  /** Of all periods, as an answer has them. */
  const shown = async (campaignId: number) => {
    const sums = new Map<string, object>();
    const returned = { 1: new Map<string, number>(), 7: new Map<string, number>() };
    const read = (period: (typeof periods)[number]) =>
      readFigures(services, { campaignId, period, ...EVER, hours: 0 });
    for (const period of periods) {
      for (const row of (await read(period)).periods) {
        sums.set(`${period} ${row.starts}`, {
          ...{ draws: row.draws, wins: row.wins, guaranteeWins: row.guarantee_wins },
          ...{ freeDraws: row.free_draws, spent: row.points_spent, given: row.value_given },
          ...{ participants: row.participants, newcomers: row.newcomers },
        });
        if (row.returned_1 > 0) returned[1].set(row.starts, row.returned_1);
        if (row.returned_7 > 0) returned[7].set(row.starts, row.returned_7);
      }
    }
    return { sums, returned, figures: await read('all') };
  };
  const sorted = <Value>(map: ReadonlyMap<string, Value>) =>
    [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => ({ key, value }));

  const drawn = fc.record({
    who: fc.nat({ max: 5 }),
    prize: fc.option(fc.nat({ max: 7 }), { freq: 2 }),
    isGuarantee: fc.boolean(),
    isFree: fc.boolean(),
    /** Clocks step back as well. */
    hours: fc.double({ min: -30, max: 60, noNaN: true }),
  });
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.array(drawn, { minLength: 1, maxLength: 12 }) },
    {
      weight: 5,
      arbitrary: fc.constantFrom('fold', 'two folders', 'a part', 'commit fails', 'answer is lost'),
    },
  );

  it('RL-14 L-10 whatever is folded, crashes or is done twice, every answer is what all draws add up to', async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 14 }), async (steps) => {
        const { campaignId, prizeIds, values } = await publish();
        const draws: PlayedDraw[] = [];
        let nowMs = FROM_MS;
        let folded = 0;
        for (const what of steps) {
          if (Array.isArray(what)) {
            const made = what.map(({ who, prize, isGuarantee, isFree, hours }): PlayedDraw => {
              nowMs += Math.round(hours * HOUR_MS);
              return {
                userId: 1000 + who,
                prizeId: prize === null ? null : prizeIds[prize]!,
                isGuarantee: prize !== null && isGuarantee,
                pointsCost: isFree ? 0 : 100_00,
                timeMs: nowMs,
              };
            });
            await storeDraws(database, { campaignId, after: draws.length }, made);
            draws.push(...made);
          } else if (what === 'fold') await foldAll(services);
          else if (what === 'two folders') await Promise.all([foldAll(services), foldAll(services)]);
          else {
            const to = what === 'a part' ? Math.ceil((folded + draws.length) / 2) : draws.length;
            if (to === folded) continue;
            if (what !== 'a part') failCommits(database, [what]);
            const range = { campaignId, after: folded, to };
            await foldBatch(services, range).then(
              () => assert.equal(what, 'a part'),
              () => assert.notEqual(what, 'a part'),
            );
          }
          const cursors = await database.currentReader.query(
            'SELECT draw_no FROM lottery_statistics_cursors WHERE campaign_id = ?',
            [campaignId],
          );
          folded = Number(cursors[0]?.draw_no ?? 0);
          const { sums, returned, figures } = await shown(campaignId);
          assert.deepEqual(sorted(sums), sorted(sumsOf(draws, values)));
          for (const days of [1, 7] as const)
            assert.deepEqual(sorted(returned[days]), sorted(returnedOf(draws, days)));
          assert.equal(figures.countedTo, draws.length);
          assert.equal(figures.visitors, new Set(draws.map(({ userId }) => userId)).size);
          const winners = draws.filter(({ prizeId }) => prizeId !== null).map(({ userId }) => userId);
          assert.equal(figures.winners, new Set(winners).size);
          for (const prizeId of prizeIds) {
            const wins = draws.filter((draw) => draw.prizeId === prizeId).length;
            const row = figures.prizes.find(({ prize_id: id }) => id === prizeId);
            assert.deepEqual([row?.wins ?? 0, row?.value_given ?? 0], [wins, wins * values.get(prizeId)!]);
          }
        }
        await foldAll(services);
        const counted = await database.currentReader.findBy(LotteryPeriod, { campaign_id: campaignId });
        assert.deepEqual(
          counted.map((row) => `${row.period} ${row.starts} ${row.draws}`).sort(),
          [...sumsOf(draws, values)].map(([key, sum]) => `${key} ${sum.draws}`).sort(),
        );
        const prizes = await database.currentReader.findBy(LotteryPeriodPrize, { campaign_id: campaignId });
        const wins = draws.filter(({ prizeId }) => prizeId !== null).length;
        for (const period of periods) {
          const ofPeriod = prizes.filter((row) => row.period === period);
          assert.equal(
            ofPeriod.reduce((sum, row) => sum + row.wins, 0),
            wins,
          );
        }
      }),
      { numRuns: 8 },
    );
  });
});
