/** Draws of those who are left out of reports: the figures of campaigns have them, since their prizes are gone (RS-3). */
import { LotteryDraw } from '../../../entities/lottery/LotteryDraw.ts';
import { UNCOUNTED } from '../../identity/people/counted.ts';
import { sqlTime } from '../../platform/database/sqlValues.ts';
import type { Database } from '../../platform/database/transaction.ts';

const MINUTE = 'SUBSTR(drawn.draw_time, 1, 16)';

export interface DrawsOfMinute {
  startMs: number;
  draws: number;
}

/** By minutes, of those few people's own index. @param toMs without it */
export async function readUncountedDraws(
  { currentReader }: Database,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<DrawsOfMinute[]> {
  const rows = await currentReader
    .createQueryBuilder(LotteryDraw, 'drawn')
    .select(MINUTE, 'minute')
    .addSelect('COUNT(*)', 'draws')
    .where(`drawn.user_id IN ${UNCOUNTED} AND drawn.draw_time >= :from AND drawn.draw_time < :to`, {
      from: sqlTime(fromMs),
      to: sqlTime(toMs),
    })
    .groupBy(MINUTE)
    .getRawMany<{ minute: string; draws: number | string }>();
  return rows.map(({ minute, draws }) => ({
    startMs: Date.parse(`${minute.replace(' ', 'T')}Z`),
    draws: Number(draws),
  }));
}
