import type { EntityManager } from 'typeorm';
import { LotteryFairnessEntry } from '../../entities/lottery/LotteryFairnessEntry.ts';
import type { DrawConfig } from '../draw/odds.ts';
import type { PoolPrize } from './pool.ts';

/** Prizes as one configuration has published them: what is won is told by the names of then. */
export type PublishedPrizes = ReadonlyMap<number, Pick<PoolPrize, 'name' | 'type' | 'value'>>;

/**
 * Of every version of a campaign, which never change. Read where a draw is told of again that an older one has decided, and where
 * draws are counted under a version that was not met before; never in a usual batch of draws.
 */
export async function readPublishedPrizes(
  manager: EntityManager,
  campaignId: number,
): Promise<Map<number, PublishedPrizes>> {
  const entries = await manager.findBy(LotteryFairnessEntry, { campaign_id: campaignId, kind: 'config' });
  return new Map(
    entries.map(({ payload }) => {
      const published = JSON.parse(payload) as { table_version: number; config: DrawConfig };
      const prizes = published.config.prizes.map(
        ({ prize_id: prizeId, name, type, value }) =>
          [prizeId, { name, type, value: Math.round(Number(value) * 100) }] as const,
      );
      return [published.table_version, new Map(prizes)];
    }),
  );
}
