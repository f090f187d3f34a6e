/** How long people have waited until somebody answered, for reports. */
import { In, type EntityManager } from 'typeorm';
import { ServiceSession } from '../../../entities/chat/ServiceSession.ts';
import { ServiceTimes, type ServiceConfig } from './serviceTimes.ts';

export interface AnswerTime {
  restaurantId: number | null;
  /** Of the hours in which people are answered. */
  seconds: number;
  isLate: boolean;
}

/** By opening, of those that are answered. */
export async function readAnswerTimes(
  manager: EntityManager,
  config: ServiceConfig,
  { openingIds, nowMs }: { openingIds: readonly number[]; nowMs: number },
): Promise<Map<number, AnswerTime>> {
  const sessions = await manager.findBy(ServiceSession, { opening_id: In([...openingIds]) });
  const times = await ServiceTimes.read(manager, config, sessions, nowMs);
  return new Map(
    sessions
      .filter(({ answered_at }) => answered_at !== null)
      .map((session) => {
        const { elapsed_seconds: seconds, state } = times.answerOf(session);
        const restaurantId = session.restaurant_id;
        return [session.opening_id, { restaurantId, seconds, isLate: state === 'missed' }];
      }),
  );
}
