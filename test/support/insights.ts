import { SmartInsight } from '../../entities/smart/SmartInsight.ts';
import { insertOne } from '../../src/platform/database/bulk.ts';
import type { Database } from '../../src/platform/database/transaction.ts';

/** As a look would have found it. @returns its id */
export async function noteInsight(database: Database): Promise<number> {
  const at = new Date();
  const deviation = { measure: 'draws', part: 'evening', value: 30, expected: 100, size: -0.7, score: -8.2 };
  return database.transaction((tx) =>
    insertOne(tx, SmartInsight, {
      ...{ kind: 'anomaly', severity: 'warning', standing_key: null, restaurant_id: null, day: '2026-03-01' },
      figures: { direction: 'down', deviations: [deviation], restaurant_name: null },
      ...{ dismissed_by: null, dismissed_at: null, created_at: at, seen_at: at },
    }),
  );
}
