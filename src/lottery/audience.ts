import { In } from 'typeorm';
import type { Conditions } from '../../entities/lottery/LotteryCampaign.ts';
import { UserSegment } from '../../entities/lottery/UserSegment.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { visitorsOf } from '../points/bills/visits.ts';

/** What a campaign asks of diners that is not in their own rows: those of a batch who meet it. */
export interface Audience {
  /** Absent: it is asked of nobody. */
  inSegments?: ReadonlySet<number>;
  visitors?: ReadonlySet<number>;
}

/** One statement for each of the two that the campaign asks for, and none otherwise. */
export async function findAudience(
  tx: Pick<Tx, 'manager'>,
  { segments, visited_restaurant_ids: restaurantIds }: Conditions,
  userIds: readonly number[],
): Promise<Audience> {
  const [inSegments, visitors] = await Promise.all([
    isNamed(segments) ? membersOf(tx, segments, userIds) : undefined,
    isNamed(restaurantIds) ? visitorsOf(tx, { userIds, restaurantIds }) : undefined,
  ]);
  return { ...(inSegments && { inSegments }), ...(visitors && { visitors }) };
}

function isNamed<Item>(list: readonly Item[] | undefined): list is readonly Item[] {
  return list !== undefined && list.length > 0;
}

async function membersOf(
  tx: Pick<Tx, 'manager'>,
  segments: readonly string[],
  userIds: readonly number[],
): Promise<ReadonlySet<number>> {
  const rows = await tx.manager.find(UserSegment, {
    select: { user_id: true },
    where: { segment: In(segments), user_id: In(userIds) },
  });
  return new Set(rows.map((row) => row.user_id));
}
