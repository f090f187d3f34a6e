import type { EntityManager, EntityTarget, QueryDeepPartialEntity } from 'typeorm';
import { BusinessEvent } from '../entities/platform/BusinessEvent.ts';
import { LotteryCampaign } from '../entities/lottery/LotteryCampaign.ts';
import { LotteryDraw } from '../entities/lottery/LotteryDraw.ts';
import { LotteryDrawRequest } from '../entities/lottery/LotteryDrawRequest.ts';
import { LotteryPrize } from '../entities/lottery/LotteryPrize.ts';
import { LotteryUserCounter } from '../entities/lottery/LotteryUserCounter.ts';
import { PointsLot } from '../entities/points/PointsLot.ts';
import { PointsTransaction } from '../entities/points/PointsTransaction.ts';
import { UserInventory } from '../entities/inventory/UserInventory.ts';
import { UserPointsAccount } from '../entities/points/UserPointsAccount.ts';
import { businessDayOf } from '../src/platform/clock.ts';
import type { Tx } from '../src/platform/database/transaction.ts';
import { chainHash } from '../src/draw/fairness.ts';
import { levelBonusOf, periodBonusOf, pityBonusOf } from '../src/draw/odds.ts';
import { AppError } from '../src/platform/errors.ts';
import type { DrawReply } from '../src/lottery/messages.ts';
import { toDrawReply } from '../src/lottery/reply.ts';
import { nodeSha256 } from '../src/lottery/sha256.ts';
import { answersTo, findRequests, keyOf, type Answer } from '../src/lottery/drawRequests.ts';
import { drawIdOf } from '../src/lottery/drawIds.ts';
import { Sums, type OpenSums } from '../src/points/statistics/sums.ts';
import {
  drawRow,
  ledgerRows,
  lotRow,
  requestRow,
  type Decided,
  type DrawContext,
  type Locked,
} from './baselineRows.ts';

/** One draw of the baseline, in a transaction of its own. */
export class BaselineDraw {
  private readonly manager: EntityManager;

  /** @param context its pool gives what never changes while the baseline runs: name, cost, engine, seed */
  constructor(
    private readonly tx: Tx,
    private readonly context: DrawContext,
  ) {
    this.manager = tx.manager;
  }

  async run(): Promise<DrawReply> {
    const { tx, context } = this;
    const { pool, key } = context;
    const known = await findRequests(tx, pool.campaignId, [key]);
    const answer = (await answersTo(tx, pool, known)).get(keyOf(key));
    if (answer !== undefined) return toDrawReply(answer, pool, { replayed: true });
    const decided = this.decide(await this.lock());
    const made = await this.insert(decided);
    await this.update(decided);
    return toDrawReply(made, pool, { replayed: false });
  }

  /** The diner's own rows first: the campaign's row, which all draws share, is held for as short as possible. */
  private async lock(): Promise<Locked> {
    const { manager } = this;
    const { pool, key } = this.context;
    const { campaignId } = pool;
    const lock = this.tx.dialect === 'mysql' ? { lock: { mode: 'pessimistic_write' as const } } : {};
    const account = await manager.findOne(UserPointsAccount, { where: { user_id: key.userId }, ...lock });
    if (account === null) throw new AppError('NOT_FOUND');
    const counter = await manager.findOne(LotteryUserCounter, {
      where: { campaign_id: campaignId, user_id: key.userId },
      ...lock,
    });
    const campaign = await manager.findOneOrFail(LotteryCampaign, {
      where: { campaign_id: campaignId },
      ...lock,
    });
    const prizes = await manager.find(LotteryPrize, {
      where: { campaign_id: campaignId },
      order: { prize_id: 'ASC' },
      ...lock,
    });
    return { account, campaign, prizes, counter: counter ?? this.newCounter() };
  }

  private decide({ account, campaign, prizes, counter }: Locked): Decided {
    const { pool, key } = this.context;
    if (campaign.status !== 'active') throw new AppError('CAMPAIGN_NOT_ACTIVE');
    if (account.available_points < pool.costPerDraw) throw new AppError('POINTS_INSUFFICIENT');
    const { config } = pool.engine;
    const bonuses = {
      level_bp: levelBonusOf(config, account.level),
      period_bp: periodBonusOf(config, this.context.now.getTime()),
      pity_bp: pityBonusOf(config, counter.streak),
    };
    const roll = pool.seed.roller.roll({
      campaignId: pool.campaignId,
      drawNo: campaign.draw_no + 1,
      userId: key.userId,
      clientSeed: String(key.userId),
    });
    const stock = new Map(prizes.map((prize) => [prize.prize_id, prize.remaining_quantity]));
    const decision = pool.engine.decide({ roll, bonuses, streak: counter.streak, stock });
    const prize = prizes.find(({ prize_id }) => prize_id === decision.prizeId);
    const gained = prize?.prize_type === 'points' ? prize.prize_value : 0;
    const balance = account.available_points - pool.costPerDraw + gained;
    campaign.draw_no += 1;
    campaign.log_no += 1;
    if (counter.draws === 0) campaign.participants += 1;
    return { account, campaign, prizes, counter, bonuses, roll, decision, prize, balance };
  }

  private async insert(decided: Decided): Promise<Answer> {
    const { campaign, prize } = decided;
    this.appendToChain(decided);
    const draw = drawRow(this.context, decided);
    await this.add(LotteryDraw, draw);
    const drawId = drawIdOf(this.context.pool.campaignId, campaign.draw_no);
    this.count(decided);
    const request = requestRow(this.context, decided);
    await this.add(LotteryDrawRequest, request);
    await this.add(PointsTransaction, ledgerRows(this.context, decided, drawId));
    if (prize !== undefined && prize.prize_type !== 'points') {
      await this.add(UserInventory, {
        user_id: this.context.key.userId,
        source: 'lottery',
        item_type: prize.prize_type,
        item_name: prize.prize_name,
        item_value: prize.prize_value,
        campaign_id: this.context.pool.campaignId,
        prize_id: prize.prize_id,
        draw_id: drawId,
        status: 'unclaimed',
        created_at: this.context.now,
      });
    }
    if (prize?.prize_type === 'points') await this.add(PointsLot, lotRow(this.context, decided, drawId));
    await this.add(BusinessEvent, {
      event_type: 'lottery:draw_completed',
      user_id: this.context.key.userId,
      event_data: JSON.stringify({
        campaign_id: this.context.pool.campaignId,
        user_id: this.context.key.userId,
        request_id: this.context.key.requestId,
        draws: [
          { draw_id: drawId, prize_id: prize?.prize_id ?? null, is_guarantee: decided.decision.isGuarantee },
        ],
      }),
      created_at: this.context.now,
    });
    return { request, draws: [draw], serverSeedHash: this.context.pool.seed.serverSeedHash };
  }

  /** Writes the sums of what was earned, and of a day or source that has ended. @returns what is open in the account */
  private async addUp(account: UserPointsAccount, gained: number): Promise<Partial<UserPointsAccount>> {
    const { key, now, pool } = this.context;
    const sums = new Sums();
    const day = this.tx.dayOf(now.getTime());
    const shared = { userId: key.userId, source: 'lottery' };
    let open: OpenSums = {
      openDay: account.open_day,
      openSource: account.open_source,
      openIncome: account.open_income,
      openExpense: account.open_expense,
      openEarned: account.open_earned,
    };
    open = sums.count(day, { ...shared, type: 'lottery_draw', amountHundredths: -pool.costPerDraw }, open);
    if (gained > 0)
      open = sums.count(day, { ...shared, type: 'lottery_prize', amountHundredths: gained }, open);
    open = sums.countEarned(key.userId, open);
    await sums.store(this.tx);
    return {
      open_day: open.openDay,
      open_source: open.openSource,
      open_income: open.openIncome,
      open_expense: open.openExpense,
      open_earned: open.openEarned,
    };
  }

  private async update({ account, campaign, counter, prize, balance }: Decided): Promise<void> {
    const { manager } = this;
    const { now } = this.context;
    const gained = prize?.prize_type === 'points' ? prize.prize_value : 0;
    const open = await this.addUp(account, gained);
    await manager.update(UserPointsAccount, account.account_id, {
      ...open,
      spent_total: account.spent_total + this.context.pool.costPerDraw,
      available_points: balance,
      total_points: balance + account.frozen_points,
      history_total_points: account.history_total_points + gained,
      updated_at: now,
    });
    if (prize !== undefined) {
      await manager.update(LotteryPrize, prize.prize_id, {
        remaining_quantity: prize.remaining_quantity === null ? null : prize.remaining_quantity - 1,
        won_quantity: prize.won_quantity + 1,
        updated_at: now,
      });
    }
    counter.updated_at = now;
    if (counter.draws === 1) await this.add(LotteryUserCounter, counter);
    else
      await manager.update(
        LotteryUserCounter,
        { campaign_id: counter.campaign_id, user_id: counter.user_id },
        counter,
      );
    const { draw_no, log_no, chain_head, participants } = campaign;
    await manager.update(LotteryCampaign, campaign.campaign_id, {
      ...{ draw_no, log_no, chain_head, participants },
      updated_at: now,
    });
  }

  /** A plain insert; `manager.insert` would read the columns with defaults back, which nobody needs here. */
  private async add<Row extends object>(
    target: EntityTarget<Row>,
    rows: QueryDeepPartialEntity<Row> | QueryDeepPartialEntity<Row>[],
  ): Promise<void> {
    await this.manager.createQueryBuilder().insert().into(target).values(rows).updateEntity(false).execute();
  }

  private newCounter(): LotteryUserCounter {
    return Object.assign(new LotteryUserCounter(), {
      campaign_id: this.context.pool.campaignId,
      user_id: this.context.key.userId,
      streak: 0,
      draws: 0,
      wins: 0,
      prize_value: 0,
      business_day: businessDayOf(this.context.now.getTime(), 'Asia/Shanghai'),
      draws_today: 0,
      free_today: 0,
      first_draw_no: 0,
    });
  }

  private appendToChain({ campaign, counter, bonuses, roll, decision }: Decided): void {
    const { pool, key } = this.context;
    campaign.chain_head = chainHash(
      campaign.chain_head,
      {
        kind: 'draw',
        draw_no: campaign.draw_no,
        user_id: key.userId,
        client_seed: String(key.userId),
        epoch: pool.seed.epoch,
        table_version: pool.tableVersion,
        ...bonuses,
        streak_before: counter.streak,
        roll,
        prize_id: decision.prizeId,
        is_guarantee: decision.isGuarantee,
      },
      nodeSha256,
    );
  }

  /** The diner's counter after the draw. */
  private count({ campaign, counter, prize }: Decided): void {
    const today = businessDayOf(this.context.now.getTime(), 'Asia/Shanghai');
    counter.draws_today = (counter.business_day === today ? counter.draws_today : 0) + 1;
    counter.business_day = today;
    if (counter.draws === 0) counter.first_draw_no = campaign.draw_no;
    counter.draws += 1;
    counter.streak = prize === undefined ? counter.streak + 1 : 0;
    if (prize === undefined) return;
    counter.wins += 1;
    counter.prize_value += prize.prize_value;
  }
}
