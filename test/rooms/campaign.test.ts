import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { genesisOf } from '../../src/draw/fairness.ts';
import type { DrawReply } from '../../src/lottery/messages.ts';
import type { DrawnRecord, FairnessView } from '../../src/lottery/views.ts';
import type { Page } from '../../src/platform/shapes.ts';
import { nodeSha256 } from '../../src/lottery/sha256.ts';
import { TestClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import { eventually, type Seat } from '../support/seat.ts';

const DAY_MS = 86_400_000;
const RANGE = 1_000_000_000_000;
const HASH = /^[0-9a-f]{64}$/;

/** The demo's prizes as wire.md has them in the room state. */
const PRIZES = [
  {
    name: '特等奖：双人套餐',
    type: 'physical',
    tier: 'special',
    value: 5000,
    stock: 20,
    probability: 0.0005,
  },
  { name: '一等奖：红酒一瓶', type: 'physical', tier: 'first', value: 2000, stock: 100, probability: 0.003 },
  { name: '二等奖：招牌菜一份', type: 'product', tier: 'second', value: 800, stock: 500, probability: 0.015 },
  { name: '50 元代金券', type: 'coupon', tier: 'third', value: 500, stock: 2000, probability: 0.03 },
  { name: '20 元代金券', type: 'coupon', tier: 'normal', value: 200, stock: 5000, probability: 0.05 },
  { name: '200 积分', type: 'points', tier: 'normal', value: 200, probability: 0.05 },
  { name: '100 积分', type: 'points', tier: 'normal', value: 100, probability: 0.1 },
  { name: '电子贺卡', type: 'virtual', tier: 'normal', value: 10, probability: 0.05 },
].map(({ stock, ...prize }, at) => ({
  prize_id: at + 1,
  ...prize,
  ...(stock === undefined ? {} : { remaining: stock, total: stock }),
}));

type Account = Record<'available_points' | 'total_points', number>;
/** What a reply and the history both tell of a draw. */
type Told = Pick<DrawnRecord, keyof DrawnRecord & keyof DrawReply['draws'][number]>;

/** Where each prize's interval ends, in roll units, for a bonus in 1/10000. */
function upperEnds(bonusBp: number): number[] {
  let sum = 0;
  return PRIZES.map((prize) => (sum += Math.round(prize.probability * 1e8) * (10_000 + bonusBp)));
}

forEachDatabase('campaign room', (_open, openUrl) => {
  const clock = new TestClock();
  let venue: Venue;
  let first: Seat;
  let firstReply: DrawReply;
  before(async () => {
    const environment = { SNAPSHOT_INTERVAL_MS: '100' };
    venue = await openVenue(await openUrl(), { clock, environment });
    first = await venue.sit('13900000001');
  });
  after(() => venue?.close());
  const get = async <Data>(path: string, { token }: { token: string }) => {
    const answer = await venue.api<Data>('GET', path, { token });
    assert.equal(answer.code, 'OK');
    return answer.data;
  };
  const historyOf = async (seat: Seat) =>
    (await get<Page<DrawnRecord>>('/lottery/history?campaign_id=1&limit=100', seat)).items;

  it('ROOM-1 L-8 joinOrCreate of the stock SDK leads to campaign-1 and its whole state', async () => {
    assert.equal(first.room.roomId, 'campaign-1');
    const fairness = await get<FairnessView>('/lottery/campaigns/1/fairness', first);
    assert.match(fairness.chain_head, HASH);
    assert.notEqual(fairness.chain_head, genesisOf(1, nodeSha256));
    const expected = {
      campaign_id: 1,
      name: '开业大抽奖',
      status: 'active',
      starts_at: new Date(clock.nowMs() - DAY_MS).toISOString(),
      ends_at: new Date(clock.nowMs() + 365 * DAY_MS).toISOString(),
      cost_per_draw: 100,
      draw_no: 0,
      participants: 0,
      online: 1,
      prizes: PRIZES,
      leaderboard: [],
      recent_winners: [],
      fairness: {
        epoch: 1,
        server_seed_hash: fairness.epochs[0]!.server_seed_hash,
        chain_head: fairness.chain_head,
      },
      free_draws: 0,
      countdown: { phase: 'end', seconds: 365 * 86_400 },
    };
    await eventually(() => assert.deepEqual(first.shown(), expected));
  });

  it('ROOM-4 L-4 ten draws over the socket are answered in the form of the contract', async () => {
    firstReply = await first.draw({ request_id: 'ten', draw_count: 10, client_seed: 'lucky-7' });
    const { draws, ...rest } = firstReply;
    assert.deepEqual(Object.keys(rest).sort(), [
      'balance',
      'draws_left_today',
      'free_draws_left_today',
      'guarantee_in',
      'replayed',
      'request_id',
      'streak',
    ]);
    assert.deepEqual([rest.request_id, rest.replayed, rest.draws_left_today], ['ten', false, 990]);
    assert.deepEqual(
      draws.map((draw) => [draw.draw_no, draw.client_seed, draw.points_cost, draw.server_seed_hash]),
      draws.map((_, at) => [at + 1, 'lucky-7', 100, first.state().fairness.server_seed_hash]),
    );
    assert.equal(new Set(draws.map((draw) => draw.draw_id)).size, 10);
    const ids = draws.flatMap((draw) => [draw.draw_id, draw.roll, draw.interval.from, draw.interval.to]);
    assert.ok(ids.every(Number.isSafeInteger));
    for (const draw of draws) {
      assert.equal(draw.is_winner, draw.prize !== null);
      const known = draw.prize && PRIZES[draw.prize.prize_id - 1];
      const { prize_id, name, type, value } = known ?? {};
      assert.deepEqual(draw.prize, known && { prize_id, name, type, value });
    }
  });

  it('L-6 each interval is the one the roll falls into, with the pity bonus of the streak', () => {
    let streak = 0;
    for (const { roll, interval, prize, is_guarantee: isGuarantee } of firstReply.draws) {
      const ends = upperEnds(streak >= 5 ? 1000 : 0);
      const at = ends.findIndex((end) => end > roll);
      const expected =
        at === -1 ? { from: ends.at(-1), to: RANGE } : { from: ends[at - 1] ?? 0, to: ends[at] };
      assert.deepEqual(interval, expected);
      assert.equal(isGuarantee, at === -1 && streak === 9);
      assert.equal(prize?.prize_id ?? null, at === -1 ? (isGuarantee ? 7 : null) : at + 1);
      streak = prize === null ? streak + 1 : 0;
    }
    assert.deepEqual([firstReply.streak, firstReply.guarantee_in], [streak, 10 - streak]);
  });

  it('PTS-2 DRAW-8 the balance told is the account and the fold of its rows', async () => {
    const won = firstReply.draws.filter(({ prize }) => prize?.type === 'points');
    const credits = won.reduce((sum, { prize }) => sum + prize!.value, 0);
    assert.equal(firstReply.balance, 10_000 - 1000 + credits);
    const account = await get<Account>('/points/account', first);
    assert.deepEqual(
      [account.available_points, account.total_points],
      [firstReply.balance, firstReply.balance],
    );
    const { items } = await get<Page<{ amount: number; balance_after: number }>>(
      '/points/transactions?limit=100',
      first,
    );
    assert.equal(
      items.reduce((sum, { amount }) => sum + amount, 0),
      firstReply.balance,
    );
    assert.equal(items[0]!.balance_after, firstReply.balance);
    assert.equal(items.length, 2 + won.length);
  });

  it('DRAW-2 L-9 state and history agree with the replies', async () => {
    const { draws } = firstReply;
    const winners = draws.filter((draw) => draw.is_winner);
    await eventually(() => assert.equal(first.state().draw_no, 10));
    const { participants, recent_winners: recent, leaderboard, prizes } = first.shown();
    assert.equal(participants, 1);
    const at = new Date(clock.nowMs()).toISOString();
    const shown = { user_id: first.userId, nickname: '食**号' };
    assert.deepEqual(
      recent,
      winners.map(({ draw_no, prize }) => ({ draw_no, ...shown, prize_name: prize!.name, at })).reverse(),
    );
    const prizeValue = winners.reduce((sum, { prize }) => sum + prize!.value, 0);
    assert.deepEqual(leaderboard, [
      { rank: 1, ...shown, draws: 10, wins: winners.length, prize_value: prizeValue },
    ]);
    for (const { prize_id, remaining, total } of prizes) {
      const won = winners.filter(({ prize }) => prize!.prize_id === prize_id).length;
      assert.equal(remaining, total === undefined ? undefined : total - won);
    }
    const told = ({ draw_id, draw_no, is_winner, is_guarantee, prize, points_cost }: Told) => ({
      draw_id,
      draw_no,
      is_winner,
      is_guarantee,
      prize,
      points_cost,
    });
    assert.deepEqual((await historyOf(first)).map(told), draws.map(told).reverse());
  });

  it('L-8 two diners see the results of each other, and a REST draw lands in the same room', async () => {
    const second = await venue.sit('13900000002');
    await second.draw({ request_id: 'ten', draw_count: 2 });
    const body = { campaign_id: 1, request_id: 'by-rest', draw_count: 3 };
    const answer = await venue.api<DrawReply>('POST', '/lottery/draw', { token: second.token, body });
    assert.deepEqual(Object.keys(answer.data).sort(), Object.keys(firstReply).sort());
    assert.deepEqual(
      answer.data.draws.map((draw) => draw.draw_no),
      [13, 14, 15],
    );
    const repeated = await second.draw({ request_id: 'by-rest', draw_count: 3 });
    assert.deepEqual(repeated, { ...answer.data, replayed: true });
    await first.draw({ request_id: 'one-more' });
    await eventually(() => {
      assert.deepEqual([first.state().draw_no, first.state().participants, first.state().online], [16, 2, 2]);
      assert.deepEqual(first.shown(), second.shown());
    });
  });

  it('L-8 the leaderboard is by prize value, wins, draws, then who came first; `me` tells the own place', async () => {
    for (let diner = 3; diner <= 7; diner++) {
      const seat = await venue.sit(`139000000${String(diner).padStart(2, '0')}`);
      await seat.draw({ request_id: 'r', draw_count: diner % 3 === 0 ? 1 : 2 });
    }
    const scores = await Promise.all(
      venue.seats.map(async (seat) => {
        const draws = await historyOf(seat);
        const won = draws.filter((draw) => draw.prize !== null);
        const firstDrawNo = Math.min(...draws.map((draw) => draw.draw_no));
        const prizeValue = won.reduce((sum, { prize }) => sum + prize!.value, 0);
        return { userId: seat.userId, key: [-prizeValue, -won.length, -draws.length, firstDrawNo] };
      }),
    );
    scores.sort(({ key: a }, { key: b }) => {
      const at = a.findIndex((part, index) => part !== b[index]);
      return a[at]! - b[at]!;
    });
    await eventually(() => {
      const rows = [...first.state().leaderboard];
      assert.deepEqual(
        rows.map((row) => [row.user_id, -row.prize_value, -row.wins, -row.draws]),
        scores.map(({ userId, key }) => [userId, ...key.slice(0, 3)]),
      );
      assert.deepEqual(
        rows.map((row) => row.rank),
        scores.map((_, at) => at + 1),
      );
    });
    for (const seat of venue.seats) {
      const standing = await seat.me();
      const draws = await historyOf(seat);
      assert.deepEqual(standing, {
        balance: (await get<Account>('/points/account', seat)).available_points,
        streak:
          draws.findIndex((draw) => draw.is_winner) === -1
            ? draws.length
            : draws.findIndex((draw) => draw.is_winner),
        guarantee_in: 10 - standing.streak,
        draws_left_today: 1000 - draws.length,
        free_draws_left_today: 0,
        wins: draws.filter((draw) => draw.is_winner).length,
        rank: scores.findIndex(({ userId }) => userId === seat.userId) + 1,
      });
    }
  });

  it('L-8 `me` before the first draw has no rank', async () => {
    const { balance, streak, guarantee_in, draws_left_today, wins, rank } = await (
      await venue.sit('13900000008')
    ).me();
    assert.deepEqual(
      [balance, streak, guarantee_in, draws_left_today, wins, rank],
      [10_000, 0, 10, 1000, 0, null],
    );
  });

  it('A-11 the state has masked nicknames and no mobile', async () => {
    const text = JSON.stringify(first.shown());
    for (const { mobile } of venue.seats) assert.ok(!text.includes(mobile));
    assert.doesNotMatch(text, /食客/);
    assert.deepEqual(new Set([...first.state().leaderboard].map((row) => row.nickname)), new Set(['食**号']));
  });

  it('L-8 figures of the campaign are saved every SNAPSHOT_INTERVAL_MS', async () => {
    await eventually(async () => {
      const [figures] = await venue.context.database.read<Record<string, number>>(
        'SELECT online, online_peak, joins FROM lottery_campaign_figures WHERE campaign_id = 1',
      );
      assert.deepEqual(
        { ...figures },
        { online: venue.seats.length, online_peak: venue.seats.length, joins: venue.seats.length },
      );
    });
  });
});
