import { LotteryCampaign } from '../../entities/lottery/LotteryCampaign.ts';
import { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';
import { User, type Role } from '../../entities/identity/User.ts';
import type { IdentityConfig } from '../identity/settings.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { genesisOf } from '../draw/fairness.ts';
import { nodeSha256 } from '../lottery/sha256.ts';
import { openAccount, post } from '../points/ledger.ts';
import { seedRules } from '../points/rules/ruleBook.ts';
import type { Logger } from '../platform/logger.ts';
import { createRestaurant } from '../restaurants/restaurants.ts';
import type { DemoShopConfig } from './shop.ts';
import { showPast } from './showcase.ts';

const DINERS = 20;
const DINER_POINTS = 10_000_00;
const DAY_MS = 86_400_000;

interface DemoPrize {
  name: string;
  type: LotteryPrize['prize_type'];
  tier: string;
  /** 1/100 points. */
  value: number;
  stock: number | null;
  /** In units of 10⁻⁸. */
  p: number;
}

const PRIZES: DemoPrize[] = [
  { name: '特等奖：双人套餐', type: 'physical', tier: 'special', value: 5000_00, stock: 20, p: 50_000 },
  { name: '一等奖：红酒一瓶', type: 'physical', tier: 'first', value: 2000_00, stock: 100, p: 300_000 },
  { name: '二等奖：招牌菜一份', type: 'product', tier: 'second', value: 800_00, stock: 500, p: 1_500_000 },
  { name: '50 元代金券', type: 'coupon', tier: 'third', value: 500_00, stock: 2000, p: 3_000_000 },
  { name: '20 元代金券', type: 'coupon', tier: 'normal', value: 200_00, stock: 5000, p: 5_000_000 },
  { name: '200 积分', type: 'points', tier: 'normal', value: 200_00, stock: null, p: 5_000_000 },
  { name: '100 积分', type: 'points', tier: 'normal', value: 100_00, stock: null, p: 10_000_000 },
  { name: '电子贺卡', type: 'virtual', tier: 'normal', value: 10_00, stock: null, p: 5_000_000 },
];
/** A prize out of stock passes the draw on to the next cheaper one; 100 points are never out of stock. */
const FALLBACKS = [1, 2, 3, 4, 6, 6, null, null];
const GUARANTEE_PRIZE = 6;
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const RESTAURANTS = [
  {
    name: '外滩店',
    address: '上海市黄浦区中山东一路',
    phone: '',
    timezone: 'Asia/Shanghai',
    hours: [
      { days: EVERY_DAY, from: '11:00', to: '14:00' },
      { days: EVERY_DAY, from: '17:00', to: '22:00' },
    ],
  },
  {
    name: '西湖店',
    address: '杭州市西湖区北山街',
    phone: '',
    timezone: 'Asia/Shanghai',
    hours: [{ days: EVERY_DAY, from: '10:30', to: '21:30' }],
  },
];

export interface DemoServices {
  database: Database;
  config: DemoShopConfig;
  logger: Logger;
}

/** People, points, products and one running campaign for a first look. Does nothing when the database has users already. */
export async function seedDemo({ database, config, logger }: DemoServices, nowMs: number): Promise<void> {
  // Nodes that start together race for the first mobile; the losers look again and find that all is done.
  await database.retryingTransaction(async (tx) => {
    if ((await tx.manager.count(User)) > 0) return;
    await createUser(tx, { mobile: '13800000000', nickname: '超级管理员', role: 'super_admin' }, nowMs);
    await createUser(tx, { mobile: '13800000001', nickname: '管理员', role: 'admin' }, nowMs);
    const staffId = await createUser(
      tx,
      { mobile: '13800000002', nickname: '店员小王', role: 'staff' },
      nowMs,
    );
    const dinerIds: number[] = [];
    for (let i = 1; i <= DINERS; i++) {
      const mobile = `139000000${String(i).padStart(2, '0')}`;
      const userId = await createUser(tx, { mobile, nickname: `食客${i}号`, role: 'user' }, nowMs);
      const entry = { userId, type: 'earn', source: 'demo', reason: '演示积分', relatedId: null };
      await post(tx, [{ ...entry, amountHundredths: DINER_POINTS }], nowMs);
      dinerIds.push(userId);
    }
    await createCampaign(tx, openingOf(nowMs), nowMs);
    await seedRules(tx, true, nowMs);
    const restaurants = [];
    for (const body of RESTAURANTS)
      restaurants.push(await createRestaurant(tx, { actor: undefined, body }, nowMs));
    const { restaurant_id: restaurantId } = restaurants[0]!;
    const shown = { userId: dinerIds.at(-1)!, staffId, restaurantId, leftHundredths: DINER_POINTS };
    await showPast(tx, shown, { config, logger }, nowMs);
  });
}

/** The lines about logins that the start prints; none where there is no universal code or no demo. */
export async function demoLogins({
  config,
  database,
}: {
  config: Pick<IdentityConfig, 'devCode'>;
  database: Database;
}): Promise<string> {
  if (config.devCode === undefined) return '';
  const isDemo = await database.currentReader.existsBy(User, { mobile: '13800000000', role: 'super_admin' });
  if (!isDemo) return '';
  return `Demo logins, code ${config.devCode}:
  13800000000 super admin · 13800000001 admin · 13800000002 staff
  13900000001 … 139000000${DINERS} diners with ${DINER_POINTS / 100} points each
`;
}

async function createUser(
  tx: Tx,
  { mobile, nickname, role }: { mobile: string; nickname: string; role: Role },
  nowMs: number,
): Promise<number> {
  const at = new Date(nowMs);
  const { identifiers } = await tx.manager.insert(User, {
    mobile,
    nickname,
    role,
    registration_date: at,
    created_at: at,
    updated_at: at,
  });
  const userId = (identifiers[0] as { user_id: number }).user_id;
  await openAccount(tx, userId, nowMs);
  return userId;
}

export interface DemoCampaign {
  name: string;
  description: string;
  /** 1/100 points. */
  cost: number;
  startMs: number;
  endMs: number;
}

function openingOf(nowMs: number): DemoCampaign {
  return {
    name: '开业大抽奖',
    description: '每次 100 积分，连续 9 次未中第 10 次必中',
    cost: 100_00,
    startMs: nowMs - DAY_MS,
    endMs: nowMs + 365 * DAY_MS,
  };
}

/** That runs. @returns its id */
export async function createCampaign(tx: Tx, shown: DemoCampaign, nowMs: number): Promise<number> {
  const at = new Date(nowMs);
  const stamps = { created_at: at, updated_at: at };
  const campaign = await tx.manager.save(LotteryCampaign, {
    campaign_name: shown.name,
    description: shown.description,
    status: 'active',
    start_time: new Date(shown.startMs),
    end_time: new Date(shown.endMs),
    cost_per_draw: shown.cost,
    total_draws: null,
    remaining_draws: null,
    draws_per_user_per_day: 1000,
    guarantee_threshold: 10,
    guarantee_prize_id: null,
    pity_steps: [{ after: 5, bonus_bp: 1000 }],
    level_bonus_bp: { '1': 0, '2': 200, '3': 500 },
    bonus_periods: [],
    seed_rotation_draws: 1000,
    chain_head: '',
    ...stamps,
  } satisfies Partial<LotteryCampaign>);
  const campaignId = campaign.campaign_id;
  const prizeIds: number[] = [];
  for (const [sortOrder, prize] of PRIZES.entries()) {
    const saved = await tx.manager.save(LotteryPrize, {
      campaign_id: campaignId,
      prize_name: prize.name,
      prize_type: prize.type,
      tier: prize.tier,
      prize_value: prize.value,
      total_quantity: prize.stock,
      remaining_quantity: prize.stock,
      win_probability: prize.p,
      sort_order: sortOrder,
      ...stamps,
    } satisfies Partial<LotteryPrize>);
    prizeIds.push(saved.prize_id);
  }
  for (const [at_, fallback] of FALLBACKS.entries()) {
    if (fallback === null) continue;
    await tx.manager.update(
      LotteryPrize,
      { prize_id: prizeIds[at_]! },
      { fallback_prize_id: prizeIds[fallback]! },
    );
  }
  await tx.manager.update(
    LotteryCampaign,
    { campaign_id: campaignId },
    { guarantee_prize_id: prizeIds[GUARANTEE_PRIZE]!, chain_head: genesisOf(campaignId, nodeSha256) },
  );
  return campaignId;
}
