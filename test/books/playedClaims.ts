import { Review } from '../../entities/reviews/Review.ts';
import { claimSpend } from '../../src/reviews/claims/claims.ts';
import { claimKind } from '../../src/reviews/claims/claimKind.ts';
import { systemClock as clock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { createRestaurant } from '../../src/restaurants/restaurants.ts';
import { addPicture } from './playedImages.ts';
import { POINTS_CONFIG } from '../points/servedPoints.ts';

/** A diner claims one bill twice with the same photo: one claim is approved by somebody else, the other refused. */
export async function playClaims(
  database: Database,
  { dinerId, deciderId }: { dinerId: number; deciderId: number },
): Promise<void> {
  const nowMs = clock.nowMs();
  const hours = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '23:59' }];
  const body = { name: 'Claims', address: 'x', phone: '', timezone: 'Asia/Shanghai', hours };
  const { restaurant_id: restaurantId } = await database.transaction((tx) =>
    createRestaurant(tx, { actor: undefined, body }, nowMs),
  );
  const policy = { hours: { hours, businessTimezone: 'Asia/Shanghai' }, limitMinutes: 60 };
  const picture = { key: 'c1'.repeat(16), userId: dinerId };
  const imageId = await database.transaction((tx) => addPicture(tx, picture, nowMs));
  const bill = { restaurantId, billNo: 'claimed', amount: 88_00, paidAtMs: nowMs };
  const claim = { userId: dinerId, ...bill, imageId };
  const ids = [];
  for (let count = 0; count < 2; count++)
    ids.push((await database.transaction((tx) => claimSpend(tx, claim, policy, nowMs))).reviewId);
  const kind = claimKind({ database, clock, config: POINTS_CONFIG });
  for (const [at, reviewId] of ids.entries()) {
    const decision = at === 0 ? ('approve' as const) : ('reject' as const);
    const actor = { userId: deciderId, ip: '', requestId: 'r' };
    const review = await database.currentReader.findOneByOrFail(Review, { review_id: reviewId });
    await kind.decide(review, { actor, decision, reason: 'r' });
  }
}
