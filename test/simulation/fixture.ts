import { LotteryCampaign } from '../../entities/lottery/LotteryCampaign.ts';
import { LotteryCoupon } from '../../entities/lottery/LotteryCoupon.ts';
import { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';
import { User } from '../../entities/identity/User.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { genesisOf } from '../../src/draw/fairness.ts';
import { nodeSha256 } from '../../src/lottery/sha256.ts';
import { openAccount, post } from '../../src/points/ledger.ts';
import type { Random } from './random.ts';

export const CAMPAIGN_ID = 1;
export const SEED_KEY = Buffer.alloc(32, 7);
/** When every run begins: two seconds before midnight, so that clocks that differ and step are on both sides of it. */
export const START_MS = Date.parse('2026-03-01T15:59:58.000Z');
export const TIMEZONE = 'Asia/Shanghai';
const DAY_MS = 86_400_000;

export interface Fixture {
  userIds: number[];
  /** Prizes whose stock is counted. */
  limitedPrizeIds: number[];
  /** A coupon, whose codes run out. */
  couponId: number;
}

/**
 * A campaign whose stock, points, draws and seeds run out within one run. Guarantee and fallback share scarce prizes, so
 * that a wrong copy of the stock shows in what is drawn.
 */
export async function createFixture(database: Database, random: Random): Promise<Fixture> {
  const userIds = await createDiners(database, random);
  const limits = limitsOf(random.branch());
  await database.transaction(async ({ manager }) => {
    const campaign = await manager.save(LotteryCampaign, { ...campaignRow(random), ...limits });
    const prizes = PRIZES.map((prize, index) => ({
      ...prizeRow(prize, index),
      total_quantity: stockOf(index, random),
    }));
    for (const prize of prizes) {
      await manager.save(LotteryPrize, {
        ...prize,
        remaining_quantity: prize.total_quantity,
        won_quantity: 0,
      });
    }
    await manager.update(LotteryPrize, { prize_id: 1 }, { fallback_prize_id: 2 });
    const codes = [1, 2, 3].map((no) => ({
      prize_id: 4,
      coupon_no: no,
      code_hash: `${no}`,
      sealed_code: '',
      created_at: new Date(START_MS),
    }));
    await manager.insert(LotteryCoupon, codes);
    await manager.update(LotteryPrize, { prize_id: 4 }, { code_source: 'pool', codes_total: codes.length });
    await manager.update(LotteryCampaign, campaign.campaign_id, {
      chain_head: genesisOf(campaign.campaign_id, nodeSha256),
      guarantee_prize_id: 2,
    });
  });
  return { userIds, limitedPrizeIds: [1, 2, 3], couponId: 4 };
}

async function createDiners(database: Database, random: Random): Promise<number[]> {
  const now = new Date(START_MS);
  const times = { created_at: now, updated_at: now };
  return database.transaction(async (tx) => {
    const userIds: number[] = [];
    for (let at = 0; at < 4; at++) {
      const diner = { mobile: String(15_000_000_000 + at), nickname: `Diner ${at}`, role: 'user' as const };
      const { identifiers } = await tx.manager.insert(User, { ...diner, ...times, registration_date: now });
      const { user_id: userId } = identifiers[0] as { user_id: number };
      await openAccount(tx, userId, START_MS);
      const points = random.pick([500_00, 5_000_00, 100_000_00]);
      const entry = { type: 'earn', source: 'sim', reason: 'starting points', relatedId: null };
      await post(tx, [{ ...entry, userId, amountHundredths: points }], START_MS);
      userIds.push(userId);
    }
    return userIds;
  });
}

function campaignRow(random: Random): Partial<LotteryCampaign> {
  const totalDraws = random.pick([null, 60, 2000]);
  return {
    campaign_name: 'Simulated',
    status: 'active',
    start_time: new Date(START_MS - DAY_MS),
    // Some end by the clock in the middle of a run, on some nodes earlier than on others.
    end_time: new Date(START_MS + random.pick([30 * DAY_MS, 30 * DAY_MS, 30 * DAY_MS, 4_000])),
    cost_per_draw: 100_00,
    total_draws: totalDraws,
    remaining_draws: totalDraws,
    draws_per_user_per_day: random.pick([null, 4, 8, 40]),
    guarantee_threshold: random.pick([2, 5]),
    seed_rotation_draws: random.pick([1, 5, 17, 1000]),
    pity_steps: [],
    level_bonus_bp: {},
    bonus_periods: [],
    chain_head: '',
    created_at: new Date(START_MS),
    updated_at: new Date(START_MS),
  };
}

/** What some runs ask of diners to draw: more than some have at first. */
const HISTORY_POINTS = 1_000;

/** What a diner may, in some runs. */
function limitsOf(random: Random): Partial<LotteryCampaign> {
  return {
    free_draws_per_day: random.pick([0, 0, 3]),
    wins_per_user: random.pick([null, null, null, null, null, 8]),
    conditions: random.pick([null, null, null, null, null, { min_history_points: HISTORY_POINTS }]),
  };
}

const PRIZES: Partial<LotteryPrize>[] = [
  {
    prize_name: 'Tablet',
    prize_type: 'physical',
    tier: 'legendary',
    prize_value: 2_000_00,
    win_probability: 20_000_000,
  },
  {
    prize_name: 'Dinner',
    prize_type: 'product',
    tier: 'epic',
    prize_value: 500_00,
    win_probability: 15_000_000,
  },
  {
    prize_name: '150 points',
    prize_type: 'points',
    tier: 'rare',
    prize_value: 150_00,
    win_probability: 20_000_000,
  },
  {
    prize_name: '5 off',
    prize_type: 'coupon',
    tier: 'normal',
    prize_value: 5_00,
    win_probability: 10_000_000,
  },
];

function prizeRow(prize: Partial<LotteryPrize>, index: number): Partial<LotteryPrize> {
  const now = new Date(START_MS);
  return { ...prize, campaign_id: CAMPAIGN_ID, sort_order: index, created_at: now, updated_at: now };
}

function stockOf(index: number, random: Random): number | null {
  return index === PRIZES.length - 1 ? null : random.pick([2, 10, 40]);
}
