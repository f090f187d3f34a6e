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

/** A draw that is told of long after it, and the version that its campaign has now. */
export interface ToldDraw {
  campaignId: number;
  version: number;
  presentVersion: number;
}

/**
 * Of draws that the present version has not decided, the prizes of then, by campaign and version. All others won what the rows of
 * prizes say, so that mostly nothing is read.
 */
export async function readPrizesOfThen(
  manager: EntityManager,
  draws: readonly ToldDraw[],
): Promise<ReadonlyMap<number, ReadonlyMap<number, PublishedPrizes>>> {
  const old = draws.filter(({ version, presentVersion }) => version !== presentVersion);
  const campaignIds = [...new Set(old.map(({ campaignId }) => campaignId))];
  const read = campaignIds.map(async (id) => [id, await readPublishedPrizes(manager, id)] as const);
  return new Map(await Promise.all(read));
}
