/** Draws of those who are left out of reports: the figures of campaigns have them, since their prizes are gone (RS-3). */
import type { EntityManager } from 'typeorm';
import { LotteryDraw } from '../../../entities/lottery/LotteryDraw.ts';
import { LotteryPackedDiner } from '../../../entities/lottery/LotteryPackedDiner.ts';
import { UNCOUNTED } from '../../identity/people/counted.ts';
import { sqlTime } from '../../platform/database/sqlValues.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { packedOfUsers } from '../archive/packedDraws.ts';

const MINUTE = 'SUBSTR(drawn.draw_time, 1, 16)';

export interface DrawsOfMinute {
  startMs: number;
  draws: number;
}

/** By minutes, of those few people's own index; a minute may come twice. @param toMs without it */
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
  const packed = await readPacked(currentReader, { fromMs, toMs });
  return [
    ...rows.map(({ minute, draws }) => ({
      startMs: Date.parse(`${minute.replace(' ', 'T')}Z`),
      draws: Number(draws),
    })),
    ...[...packed].map(([startMs, draws]) => ({ startMs, draws })),
  ];
}

/** By minute, of what is in packs. */
async function readPacked(
  manager: EntityManager,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<Map<number, number>> {
  const people = await manager
    .createQueryBuilder(LotteryPackedDiner, 'packed')
    .select('packed.user_id', 'user_id')
    .distinct()
    .where(`packed.user_id IN ${UNCOUNTED} AND packed.last_time >= :from`, { from: sqlTime(fromMs) })
    .getRawMany<{ user_id: number }>();
  const userIds = people.map(({ user_id: userId }) => Number(userId));
  const draws = new Map<number, number>();
  for (const { draw_time: time } of await packedOfUsers(manager, { userIds, fromMs, toMs })) {
    const startMs = Math.floor(time.getTime() / 60_000) * 60_000;
    draws.set(startMs, (draws.get(startMs) ?? 0) + 1);
  }
  return draws;
}
