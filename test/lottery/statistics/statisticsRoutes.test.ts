import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { LotteryStatisticsCursor } from '../../../entities/lottery/LotteryStatisticsCursor.ts';
import { AdminAuditLog } from '../../../entities/admin/AdminAuditLog.ts';
import type { DrawReply } from '../../../src/lottery/messages.ts';
import { foldAll } from '../../../src/lottery/statistics/fold.ts';
import type { CampaignStatistics, PublicStatistics } from '../../../src/lottery/statistics/views.ts';
import type { CampaignDetail } from '../../../src/lottery/views.ts';
import { TestClock } from '../../support/clock.ts';
import { forEachDatabase } from '../../support/databases.ts';
import { createCampaign } from '../../support/factories.ts';
import { startServer, type RunningServer } from '../../support/server.ts';
import { dayOf } from './bruteForce.ts';

const DINERS = ['13900000001', '13900000002', '13900000003'];
const HOUR_MS = 3_600_000;

forEachDatabase('statistics of a campaign', (_open, openUrl) => {
  /** Noon in Shanghai. */
  const clock = new TestClock(Math.floor(Date.now() / 86_400_000) * 86_400_000 + 4 * HOUR_MS);
  let server: RunningServer;
  let admin: string;
  let campaignId: number;
  let seatLess: string;
  const drawn: DrawReply['draws'] = [];

  const report = async (query = '') => {
    const path = `/admin/campaigns/${campaignId}/statistics${query}`;
    return (await server.api<CampaignStatistics>('GET', path, { token: admin })).data;
  };
  const foldNow = () => foldAll({ ...server.context.figures, clock: server.context.clock });

  before(async function () {
    this.timeout(60_000);
    server = await startServer(await openUrl(), { clock });
    const { database } = server.context;
    ({ campaignId } = await createCampaign(database, {
      campaign: { guarantee_threshold: 3, cost_per_draw: 10_00 },
      prizes: [
        {
          prize_type: 'coupon',
          prize_name: '=HYPERLINK("x")',
          win_probability: 30_000_000,
          total_quantity: 1000,
        },
        {
          prize_type: 'points',
          prize_name: '-5 points',
          prize_value: 5_00,
          win_probability: 30_000_000,
          total_quantity: null,
        },
      ],
    }));
    admin = (await server.login('13800000001')).token;
    for (const [at, mobile] of DINERS.entries()) {
      const { token } = await server.login(mobile);
      seatLess = token;
      const body = { campaign_id: campaignId, request_id: `r-${at}`, draw_count: 10 };
      if (at === 2) break;
      const { data } = await server.api<DrawReply>('POST', '/lottery/draw', { token, body });
      drawn.push(...data.draws);
    }
    // The last one looks and does not draw.
    await server.api('GET', `/lottery/campaigns/${campaignId}`, { token: seatLess });
    await server.context.visitors.save();
  });
  after(() => server?.close());

  it('RL-14 L-10 draws, wins and people are those of the campaign at any moment, and today is incomplete', async () => {
    const wins = drawn.filter(({ is_winner }) => is_winner).length;
    const today = dayOf(clock.nowMs());
    for (const isFolded of [false, true]) {
      if (isFolded) await foldNow();
      const { data: campaign } = await server.api<CampaignDetail>('GET', `/lottery/campaigns/${campaignId}`, {
        token: seatLess,
      });
      const { draws, participants, ...found } = await report();
      assert.deepEqual([draws, found.wins, participants], [20, wins, 2]);
      assert.deepEqual(
        [campaign.statistics.draws, campaign.statistics.wins, campaign.statistics.participants],
        [draws, found.wins, participants],
      );
      assert.deepEqual([found.win_rate, found.is_behind, found.counted_to], [wins / 20, false, 20]);
      const days = found.periods.map(({ starts, draws: of, is_complete }) => [starts, of, is_complete]);
      assert.deepEqual(days, [[today, 20, false]]);
      assert.deepEqual(found.economics.income, 200);
      const points = drawn.filter(({ prize }) => prize?.type === 'points').length;
      assert.equal(found.economics.cost, points * 5);
    }
    const { database } = server.context;
    const cursor = await database.currentReader.findOneBy(LotteryStatisticsCursor, {
      campaign_id: campaignId,
    });
    assert.deepEqual([cursor!.draw_no, cursor!.visitors], [20, 3]);
  });

  it('RL-14 each stage of the funnel names whom its rate is of', async () => {
    const { database } = server.context;
    const items = drawn.filter(({ prize }) => prize?.type === 'coupon');
    assert.ok(items.length >= 2);
    await database.transaction(async (tx) => {
      await tx.execute(`UPDATE user_inventories SET status = 'claimed' WHERE draw_id = ?`, [
        items[0]!.draw_id,
      ]);
      await tx.execute(`UPDATE user_inventories SET status = 'redeemed', rating = 4 WHERE draw_id = ?`, [
        items.at(-1)!.draw_id,
      ]);
    });
    const owners = await database.readCurrent<{ draw_id: number; user_id: number }>(
      `SELECT draw_id, user_id FROM user_inventories WHERE campaign_id = ?`,
      [campaignId],
    );
    const people = (rows: typeof owners) => new Set(rows.map(({ user_id: id }) => id)).size;
    const done = owners.filter(({ draw_id: id }) =>
      [items[0]!.draw_id, items.at(-1)!.draw_id].includes(Number(id)),
    );
    const { funnel, satisfaction } = await report();
    assert.deepEqual(
      funnel.map(({ stage, people: of, of: whom, of_people }) => [stage, of, whom, of_people]),
      [
        ['seen', 3, null, null],
        ['drew', 2, 'seen', 3],
        ['won', 2, 'drew', 2],
        ['claimed', people(done), 'won_to_claim', people(owners)],
        ['redeemed', 1, 'claimed', people(done)],
      ],
    );
    assert.deepEqual(
      funnel.map(({ items: of }) => of),
      [undefined, 20, drawn.filter(({ is_winner }) => is_winner).length, 2, 1],
    );
    for (const { people: part, of_people: whole, rate } of funnel.slice(1)) assert.equal(rate, part / whole!);
    assert.deepEqual(satisfaction, { mean: 4, ratings: 1, rate: 1 });
  });

  it('L-10 says how fast a prize goes, when it is gone, and how many more it takes', async () => {
    const { prizes, consumption } = await report();
    const [coupon, points] = prizes;
    assert.equal(consumption!.hours, 1);
    assert.equal(coupon!.per_hour, coupon!.wins);
    assert.equal(coupon!.hours_left, coupon!.remaining! / coupon!.per_hour);
    assert.ok(coupon!.restock! > 0);
    assert.deepEqual([points!.remaining, points!.hours_left, points!.restock], [null, null, null]);
  });

  it('L-10 a draw at midnight belongs to the day that begins, and who comes back is known the day after', async () => {
    const first = dayOf(clock.nowMs());
    clock.advance(12 * HOUR_MS - 1);
    const drawAt = async (requestId: string) => {
      const body = { campaign_id: campaignId, request_id: requestId, draw_count: 1 };
      const { token } = await server.login(DINERS[0]!);
      assert.equal((await server.api('POST', '/lottery/draw', { token, body })).code, 'OK');
    };
    await drawAt('before-midnight');
    clock.advance(1);
    await drawAt('midnight');
    const second = dayOf(clock.nowMs());
    assert.notEqual(first, second);
    admin = (await server.login('13800000001')).token;
    const { periods, retention } = await report();
    assert.deepEqual(
      periods.map(({ starts, draws, participants, newcomers, returned_1, is_complete }) => [
        ...[starts, draws, participants, newcomers, returned_1, is_complete],
      ]),
      [
        [first, 21, 2, 2, 1, true],
        [second, 1, 1, 0, 0, false],
      ],
    );
    // The second day is not over: nobody knows yet who comes back on it.
    assert.deepEqual(retention!.day_1, { newcomers: 0, returned: 0, rate: null });
    const hours = (await report('?period=hour')).periods.map(({ draws, is_complete }) => [
      draws,
      is_complete,
    ]);
    assert.deepEqual(hours, [
      [20, true],
      [1, true],
      [1, false],
    ]);
    clock.advance(24 * HOUR_MS);
    admin = (await server.login('13800000001')).token;
    assert.deepEqual((await report()).retention!.day_1, { newcomers: 2, returned: 1, rate: 0.5 });
  });

  it('L-10 diners are told what is public, and themselves', async () => {
    const { token } = await server.login(DINERS[1]!);
    const tell = (period: string) =>
      server.api<PublicStatistics>('GET', `/lottery/statistics?campaign_id=${campaignId}&period=${period}`, {
        token,
      });
    const all = (await tell('all')).data;
    assert.deepEqual([all.draws, all.participants, all.me.draws, all.is_complete], [22, 2, 10, false]);
    assert.deepEqual((await tell('day')).data.draws, 0);
    assert.ok(!JSON.stringify(all).includes('points_spent'));
    const path = `/admin/campaigns/${campaignId}/statistics`;
    assert.equal((await server.api('GET', path, { token })).code, 'FORBIDDEN');
    const staff = await server.login('13800000002');
    assert.equal((await server.api('GET', path, { token: staff.token })).code, 'FORBIDDEN');
  });

  it('L-10 W2 bad spans and unknown campaigns are refused', async () => {
    const ask = async (path: string) => (await server.api('GET', path, { token: admin })).code;
    const path = `/admin/campaigns/${campaignId}/statistics`;
    assert.equal(await ask(`${path}?from=2026-03-02&to=2026-03-01`), 'VALIDATION_FAILED');
    assert.equal(await ask(`${path}?period=hour&from=2026-01-01&to=2026-03-01`), 'VALIDATION_FAILED');
    assert.equal(await ask(`${path}?period=minute`), 'VALIDATION_FAILED');
    assert.equal(await ask('/admin/campaigns/2147483647/statistics'), 'NOT_FOUND');
    assert.equal(await ask('/lottery/statistics?campaign_id=2147483647'), 'NOT_FOUND');
  });

  it('RA-6 CSV has its mark, numbers as numbers, and no formulas; taking it is in the log', async () => {
    const csv = async (table: string) => {
      const path = `/api/v3/admin/campaigns/${campaignId}/statistics?format=csv&table=${table}`;
      const response = await fetch(`${server.origin}${path}`, {
        headers: { authorization: `Bearer ${admin}` },
      });
      assert.equal(response.headers.get('content-type'), 'text/csv; charset=utf-8');
      assert.match(
        response.headers.get('content-disposition')!,
        /^attachment; filename="campaign-\d+-\w+\.csv"$/,
      );
      return Buffer.from(await response.arrayBuffer());
    };
    const prizes = await csv('prizes');
    assert.deepEqual([...prizes.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
    const lines = prizes.toString('utf8').split('\r\n');
    assert.match(lines[0]!, /prize_id,name,type,wins,win_rate,value_given,remaining,total,per_hour,/);
    assert.match(lines[1]!, /^\d+,"'=HYPERLINK\(""x""\)",coupon,\d+,/);
    assert.match(lines[2]!, /^\d+,'-5 points,points,\d+,[\d.]+,\d+,,,/);
    const periods = (await csv('periods')).toString('utf8').split('\r\n');
    const { periods: rows } = await report();
    assert.equal(periods.length, rows.length + 2);
    assert.ok(
      periods[1]!.startsWith(`${rows[0]!.starts},${rows[0]!.starts_at},${rows[0]!.ends_at},true,21,`),
    );
    const { database } = server.context;
    const action = 'campaign.statistics_export';
    assert.equal(await database.currentReader.countBy(AdminAuditLog, { action }), 2);
  });
});
