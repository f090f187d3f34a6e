import type { EntityManager } from 'typeorm';
import { AnalyticsSegment } from '../../../entities/analytics/AnalyticsSegment.ts';

/** Whether the members of a segment are worked out of a condition: nobody else puts anybody into it, or takes them out. */
export async function hasCondition(manager: EntityManager, name: string): Promise<boolean> {
  return manager.existsBy(AnalyticsSegment, { name });
}

/** Whoever takes a name for a segment, of either kind, holds this. */
export const NAMES_LOCK = 'kaijiang:segment-names';
