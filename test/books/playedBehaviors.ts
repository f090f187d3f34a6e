import { Buckets } from '../../src/analytics/behaviors/buckets.ts';
import { storeBehaviors, type Behavior } from '../../src/analytics/behaviors/storeBehaviors.ts';
import type { Database } from '../../src/platform/database/transaction.ts';

const HOUR_MS = 3_600_000;

/** Of two diners, over two days. */
export async function playBehaviors(database: Database, userIds: readonly number[]): Promise<void> {
  const nowMs = Date.now();
  const behaviors = Array.from({ length: 60 }, (_, n): Behavior => {
    const isDwell = n % 3 === 0;
    return {
      userId: userIds[n % userIds.length]!,
      visitId: 'visit',
      eventId: `event-${n}`,
      kind: isDwell ? 'dwell' : 'page',
      name: n % 2 === 0 ? 'home' : 'shop',
      targetType: null,
      targetId: null,
      durationMs: isDwell ? 1000 + n : null,
      position: null,
      occurredAtMs: nowMs - n * HOUR_MS,
      receivedAtMs: nowMs,
    };
  });
  await storeBehaviors(database, behaviors, new Buckets('Asia/Shanghai'));
}
