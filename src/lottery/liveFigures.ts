/** What of a campaign changes with draws, as everybody may see it. */
import { In } from 'typeorm';
import { LotteryCampaignVisitor } from '../../entities/lottery/LotteryCampaignVisitor.ts';
import type { Database, Tx } from '../platform/database/transaction.ts';
import { tellSync } from '../platform/sync.ts';
import { shownStock } from './leftToWin.ts';
import { findPrizes } from './prizeRows.ts';
import { readTopScores } from './standings.ts';

/** Places that are told. */
const LEADERS = 3;

export interface LiveFigures {
  prizes: { prize_id: number; remaining: number | null }[];
  leaders: { rank: number; user_id: number; nickname: string; wins: number; prize_value: number }[];
}

/** Its guests are told of them: each node reads them as they are then. */
export function tellFigures(tx: Pick<Tx, 'topics'>, campaignId: number): void {
  tellSync(tx, { to: { guestsOf: campaignId }, entity: 'stock', id: campaignId, change: null });
}

/** As they are now: three statements. */
export async function readLiveFigures(database: Database, campaignId: number): Promise<LiveFigures> {
  const [prizes, scores] = await Promise.all([
    findPrizes(database.currentReader, campaignId),
    readTopScores(database, campaignId, LEADERS),
  ]);
  return {
    prizes: prizes.map((prize) => ({ prize_id: prize.prize_id, remaining: shownStock(prize).remaining })),
    leaders: scores.map(({ userId, nickname, wins, prizeValue }, at) => ({
      ...{ rank: at + 1, user_id: userId, nickname, wins },
      prize_value: prizeValue / 100,
    })),
  };
}

/** Those of some people who have opened a campaign, or drawn in it. */
export async function guestsAmong(
  { currentReader }: Pick<Database, 'currentReader'>,
  campaignId: number,
  userIds: readonly number[],
): Promise<number[]> {
  if (userIds.length === 0) return [];
  const rows = await currentReader.find(LotteryCampaignVisitor, {
    select: { user_id: true },
    where: { campaign_id: campaignId, user_id: In([...userIds]) },
  });
  return rows.map(({ user_id: userId }) => userId);
}
