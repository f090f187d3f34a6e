import { LotteryCampaign } from '../../entities/lottery/LotteryCampaign.ts';
import { LotteryPrize } from '../../entities/lottery/LotteryPrize.ts';
import type { Campaign } from '../../src/lottery/campaign.ts';
import { publishCampaign, revealSeed } from '../../src/lottery/pool.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { createCampaign, createUser } from '../support/factories.ts';
import { openCampaign, SEED_KEY } from './playedBooks.ts';

const HOUR_MS = 3_600_000;

export interface PlayedVersions {
  campaignId: number;
  /** In their order: with a fallback, points, the guarantee's, and one that came later. */
  prizeIds: number[];
}

/**
 * A campaign after real draws with everything that they may depend on: levels, periods, pity, a guarantee whose threshold falls and
 * rises, a fallback, prizes that run out, stock that is added and taken away, three versions and several seeds, the last in use.
 */
export async function playVersions(database: Database): Promise<PlayedVersions> {
  const userIds: number[] = [];
  for (let user = 0; user < 4; user++) userIds.push(await createUser(database, { points: 1_000_000_00 }));
  await database.transaction((tx) =>
    tx.execute('UPDATE user_points_accounts SET level = 2 WHERE user_id IN (?)', [userIds.slice(2)]),
  );
  const { campaignId, prizeIds } = await createCampaign(database, {
    campaign: {
      guarantee_threshold: 5,
      pity_steps: [{ after: 2, bonus_bp: 3000 }],
      level_bonus_bp: { '1': 100, '2': 300 },
      seed_rotation_draws: 60,
    },
    prizes: [
      { prize_name: '奖券', prize_type: 'coupon', total_quantity: 3, win_probability: 12_000_000 },
      {
        prize_name: '积分',
        prize_type: 'points',
        prize_value: 5_00,
        total_quantity: 80,
        win_probability: 15_000_000,
      },
      { prize_name: '壁纸', prize_type: 'virtual', total_quantity: null, win_probability: 5_000_000 },
    ],
  });
  const [first, second, third] = prizeIds as [number, number, number];
  const guarantee = { guarantee_prize_id: third };
  await database.transaction(async ({ manager }) => {
    await manager.update(LotteryPrize, first, { fallback_prize_id: second });
    await manager.update(LotteryCampaign, campaignId, guarantee);
  });
  const play = async (round: string, work: (campaign: Campaign) => Promise<void> = async () => {}) => {
    const campaign = await openCampaign(database, campaignId);
    const draws = userIds.flatMap((userId) =>
      [1, 2, 10, 10].map((draw_count, at) =>
        campaign.draw(
          { userId },
          { request_id: `${round}-${at}`, draw_count, client_seed: `${round}_${userId}` },
        ),
      ),
    );
    await Promise.all(draws);
    await work(campaign);
    await campaign.close();
  };
  const actor = { userId: userIds[0]!, ip: '127.0.0.1', requestId: 'r' };
  await play('a', async (campaign) => {
    await campaign.adjustStock({ prizeId: first, delta: 5, actor, key: 'more' });
    // It may be that all of them are won by then.
    await campaign.adjustStock({ prizeId: second, delta: 4, actor, key: 'again' });
    await campaign.adjustStock({ prizeId: second, delta: -1, actor, key: 'less' });
  });
  const period = (bonus_bp: number) => ({
    starts_at: new Date(Date.now() - HOUR_MS).toISOString(),
    ends_at: new Date(Date.now() + HOUR_MS).toISOString(),
    bonus_bp,
  });
  await publishVersion(database, campaignId, async (campaign, rows) => {
    Object.assign(campaign, { guarantee_threshold: 2, bonus_periods: [period(1000), period(500)] });
    const { prize_id: _, ...copied } = rows[0]!;
    rows[1]!.win_probability = 20_000_000;
    const added = {
      prize_name: '茶',
      total_quantity: 50,
      remaining_quantity: 50,
      won_quantity: 0,
      sort_order: -1,
    };
    rows.push({ ...copied, ...added } as LotteryPrize);
  });
  await play('b', (campaign) => campaign.rotateSeed());
  await publishVersion(database, campaignId, async (campaign, rows) => {
    Object.assign(campaign, { guarantee_threshold: 9, pity_steps: [], bonus_periods: [] });
    rows[0]!.fallback_prize_id = rows.at(-1)!.prize_id;
  });
  await play('c');
  const prizes = await database.currentReader.findBy(LotteryPrize, { campaign_id: campaignId });
  return { campaignId, prizeIds: prizes.map(({ prize_id }) => prize_id).sort((a, b) => a - b) };
}

/** Another configuration, with the next seed. */
async function publishVersion(
  database: Database,
  campaignId: number,
  change: (campaign: LotteryCampaign, prizes: LotteryPrize[]) => Promise<void>,
): Promise<void> {
  const seed = { seedKey: SEED_KEY, nowMs: Date.now() };
  await database.transaction(async (tx) => {
    const campaign = await tx.manager.findOneByOrFail(LotteryCampaign, { campaign_id: campaignId });
    const prizes = await tx.manager.find(LotteryPrize, {
      where: { campaign_id: campaignId },
      order: { prize_id: 'ASC' },
    });
    await change(campaign, prizes);
    await tx.manager.save(LotteryPrize, prizes);
    await revealSeed(tx, campaign, seed);
    await publishCampaign(tx, campaign, seed);
    await tx.manager.save(LotteryCampaign, campaign);
  });
}
