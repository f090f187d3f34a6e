/** Rows that suites start from, written the way the product writes them. */
import type { EntityManager } from 'typeorm';
import { LotteryCampaign } from '../../entities/lottery/LotteryCampaign.ts';
import { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';
import { User, type Role } from '../../entities/identity/User.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { genesisOf } from '../../src/draw/fairness.ts';
import { nodeSha256 } from '../../src/lottery/sha256.ts';
import { openAccount, post } from '../../src/points/ledger.ts';

const DAY_MS = 86_400_000;
/** Test users' numbers start here; each call takes the next one. */
let nextMobile = 15_000_000_000;

export interface UserOverrides {
  role?: Role;
  /** 1/100 points the account starts with. */
  points?: number;
}

/** A user with an account and, when it starts with points, the ledger row that explains them. */
export async function createUser(database: Database, overrides: UserOverrides = {}): Promise<number> {
  const [userId] = await createUsers(database, 1, overrides);
  return userId!;
}

/** As `createUser`, in one transaction. */
export async function createUsers(
  database: Database,
  count: number,
  { role = 'user', points = 0 }: UserOverrides = {},
): Promise<number[]> {
  const now = new Date();
  return database.transaction(async (tx) => {
    const userIds: number[] = [];
    for (let i = 0; i < count; i++) {
      const mobile = String(nextMobile++);
      const { identifiers } = await tx.manager.insert(User, {
        mobile,
        nickname: `Diner ${mobile.slice(-4)}`,
        role,
        registration_date: now,
        created_at: now,
        updated_at: now,
      });
      const { user_id: userId } = identifiers[0] as { user_id: number };
      await openAccount(tx, userId, now.getTime());
      userIds.push(userId);
    }
    const start = { type: 'earn', source: 'test', reason: 'starting points', relatedId: null };
    const entries = userIds.map((userId) => ({ ...start, userId, amountHundredths: points }));
    if (points > 0) await post(tx, entries, now.getTime());
    return userIds;
  });
}

export interface CampaignOverrides {
  campaign?: Partial<LotteryCampaign>;
  /** In place of the eight default prizes; what an entry leaves out comes from the default at its position. */
  prizes?: Partial<LotteryPrize>[];
}

/** A draft with a coupon, whose codes may be uploaded. */
export const COUPONS: CampaignOverrides = {
  campaign: { status: 'draft' },
  prizes: [{ prize_type: 'coupon', win_probability: 1_000_000, code_source: 'pool' }],
};

export interface CreatedCampaign {
  campaignId: number;
  prizeIds: number[];
}

/**
 * An active campaign: 100 points a draw, and after 10 losing draws the guarantee gives the five-yuan coupon (the first
 * prize where prizes are given). `total = remaining + won` holds whichever of the three an override names.
 */
export async function createCampaign(
  database: Database,
  overrides: CampaignOverrides = {},
): Promise<CreatedCampaign> {
  return database.transaction(async ({ manager }) => {
    const campaign = await manager.save(LotteryCampaign, campaignRow(overrides.campaign));
    const campaignId = campaign.campaign_id;
    const prizes = overrides.prizes ?? DEFAULT_PRIZES;
    const rows = prizes.map((prize, index) => prizeRow(campaignId, index, prize));
    const prizeIds: number[] = [];
    for (const row of rows) prizeIds.push((await manager.save(LotteryPrize, row)).prize_id);
    await finishCampaign(manager, { campaignId, prizeIds }, overrides);
    return { campaignId, prizeIds };
  });
}

/** What needs the generated keys: the genesis of the chain and the guarantee prize. */
async function finishCampaign(
  manager: EntityManager,
  { campaignId, prizeIds }: CreatedCampaign,
  { campaign, prizes }: CampaignOverrides,
): Promise<void> {
  const guaranteeIndex = prizes === undefined ? GUARANTEE_PRIZE_INDEX : 0;
  await manager.update(LotteryCampaign, campaignId, {
    chain_head: genesisOf(campaignId, nodeSha256),
    guarantee_prize_id: prizeIds[guaranteeIndex] ?? null,
    ...campaign,
  });
}

function campaignRow(overrides: Partial<LotteryCampaign> = {}): Partial<LotteryCampaign> {
  const now = Date.now();
  return {
    campaign_name: 'Test campaign',
    status: 'active',
    start_time: new Date(now - DAY_MS),
    end_time: new Date(now + 365 * DAY_MS),
    cost_per_draw: 100_00,
    guarantee_threshold: 10,
    pity_steps: [],
    level_bonus_bp: {},
    bonus_periods: [],
    chain_head: '',
    created_at: new Date(now),
    updated_at: new Date(now),
    ...overrides,
  };
}

/** Chances add up to 0.5. */
const DEFAULT_PRIZES: Partial<LotteryPrize>[] = [
  {
    prize_name: 'Tablet',
    prize_type: 'physical',
    tier: 'legendary',
    prize_value: 200_000,
    win_probability: 10_000,
    total_quantity: 1,
  },
  {
    prize_name: 'Dinner for two',
    prize_type: 'product',
    tier: 'epic',
    prize_value: 50_000,
    win_probability: 490_000,
    total_quantity: 10,
  },
  {
    prize_name: '500 points',
    prize_type: 'points',
    tier: 'rare',
    prize_value: 500_00,
    win_probability: 1_500_000,
    total_quantity: 100,
  },
  {
    prize_name: 'Film month',
    prize_type: 'virtual',
    tier: 'rare',
    prize_value: 3_000,
    win_probability: 3_000_000,
    total_quantity: 200,
  },
  {
    prize_name: '20 off',
    prize_type: 'coupon',
    tier: 'normal',
    prize_value: 2_000,
    win_probability: 5_000_000,
    total_quantity: 1_000,
  },
  {
    prize_name: '5 off',
    prize_type: 'coupon',
    tier: 'normal',
    prize_value: 500,
    win_probability: 10_000_000,
    total_quantity: 5_000,
  },
  {
    prize_name: '50 points',
    prize_type: 'points',
    tier: 'normal',
    prize_value: 50_00,
    win_probability: 10_000_000,
    total_quantity: 10_000,
  },
  {
    prize_name: '10 points',
    prize_type: 'points',
    tier: 'normal',
    prize_value: 10_00,
    win_probability: 20_000_000,
    total_quantity: null,
  },
];
const GUARANTEE_PRIZE_INDEX = 5;

function prizeRow(
  campaignId: number,
  index: number,
  overrides: Partial<LotteryPrize>,
): Partial<LotteryPrize> {
  const now = new Date();
  const prize: Partial<LotteryPrize> = {
    ...DEFAULT_PRIZES[index % DEFAULT_PRIZES.length],
    sort_order: index,
    created_at: now,
    updated_at: now,
    ...overrides,
  };
  return { ...prize, campaign_id: campaignId, ...stockOf(prize, overrides) };
}

function stockOf(prize: Partial<LotteryPrize>, overrides: Partial<LotteryPrize>): Partial<LotteryPrize> {
  const won = overrides.won_quantity ?? 0;
  const remaining = overrides.remaining_quantity;
  if (overrides.total_quantity === undefined && remaining !== undefined) {
    return {
      won_quantity: won,
      remaining_quantity: remaining,
      total_quantity: remaining === null ? null : remaining + won,
    };
  }
  const total = prize.total_quantity ?? null;
  return {
    won_quantity: won,
    total_quantity: total,
    remaining_quantity: total === null ? null : total - won,
  };
}

/** The table's next generated key is this one, or the one after it. */
export async function startKeysAt(database: Database, table: string, key: number): Promise<void> {
  if (database.dialect === 'mysql') {
    // Outside of a transaction, which it would end.
    await database.readCurrent(`ALTER TABLE ${table} AUTO_INCREMENT = ${key}`);
    return;
  }
  await database.transaction(async (tx) => {
    await tx.execute('DELETE FROM sqlite_sequence WHERE name = ?', [table]);
    await tx.execute('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)', [table, key]);
  });
}
