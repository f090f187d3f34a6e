/** How long sessions have taken of the hours in which they are answered, against what is promised (RC-9). */
import type { EntityManager } from 'typeorm';
import type { ServiceSession } from '../../../entities/chat/ServiceSession.ts';
import type { Configuration } from '../../configuration/document.ts';
import { businessMs } from '../../platform/businessTime.ts';
import { readCalendars, type CalendarOf } from '../../restaurants/calendars.ts';
import type { SessionView } from './messages.ts';

export type ServiceConfig = Configuration['service'] & { businessTimezone: string };

type Promised = SessionView['answer'];

/** Those of the restaurant that a session is about, if it has any, else those of the configuration; on days off there are none. */
export class ServiceTimes {
  static async read(
    manager: EntityManager,
    config: ServiceConfig,
    sessions: readonly ServiceSession[],
    nowMs: number,
  ): Promise<ServiceTimes> {
    const restaurantIds = sessions.flatMap(({ restaurant_id: id }) => id ?? []);
    const timesMs = sessions.flatMap(({ created_at, ended_at }) => [
      created_at.getTime(),
      ended_at?.getTime() ?? nowMs,
    ]);
    const calendarOf = await readCalendars(manager, config, { restaurantIds, timesMs });
    return new ServiceTimes(config, calendarOf, nowMs);
  }

  private constructor(
    private readonly config: ServiceConfig,
    private readonly calendarOf: CalendarOf,
    private readonly nowMs: number,
  ) {}

  /** From when it was asked for to the first answer. What the conversation says of itself is none. */
  answerOf(session: ServiceSession): Promised {
    return this.promised(session, session.answered_at, this.config.answer_minutes);
  }

  resolutionOf(session: ServiceSession): Promised {
    const resolved = session.status === 'resolved' ? session.ended_at : null;
    return this.promised(session, resolved, this.config.resolution_minutes);
  }

  /** Nothing counts on after the end. */
  private promised(session: ServiceSession, done: Date | null, minutes: number): Promised {
    const calendar = this.calendarOf(session.restaurant_id);
    const endMs = (done ?? session.ended_at)?.getTime() ?? this.nowMs;
    const elapsed = Math.floor(businessMs(calendar, session.created_at.getTime(), endMs) / 1000);
    const limit = minutes * 60;
    const isLate = elapsed > limit;
    const open = session.ended_at === null ? 'running' : 'stopped';
    const state = isLate ? 'missed' : done === null ? open : 'met';
    return { limit_seconds: limit, elapsed_seconds: elapsed, state };
  }
}
