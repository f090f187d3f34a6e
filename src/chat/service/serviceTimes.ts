/** How long sessions have taken of the hours in which they are answered, against what is promised (RC-9). */
import type { EntityManager } from 'typeorm';
import type { ServiceSession } from '../../../entities/chat/ServiceSession.ts';
import type { Configuration } from '../../configuration/document.ts';
import { businessMs, type BusinessCalendar } from '../../platform/businessTime.ts';
import { kindOf, readHolidays, type HolidayYear } from '../../points/holidays/holidays.ts';
import { readOpeningHours } from '../../restaurants/openingHours.ts';
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
    const hours = await readOpeningHours(manager, restaurantIds);
    const years = new Map<number, HolidayYear>();
    for (const year of yearsOf(sessions, nowMs)) years.set(year, await readHolidays(manager, year));
    const dayKind: BusinessCalendar['kindOf'] = (day) => {
      const year = years.get(Number(day.slice(0, 4)));
      if (year === undefined || !year.days.some((one) => one.day === day)) return 'usual';
      return kindOf(day, year).kind === 'holiday' ? 'holiday' : 'workday';
    };
    const usual = { timezone: config.businessTimezone, hours: config.hours, kindOf: dayKind };
    const calendars = new Map(
      [...hours]
        .filter(([, { hours: own }]) => own.length > 0)
        .map(([id, of]) => [id, { timezone: of.timezone, hours: of.hours, kindOf: dayKind }]),
    );
    return new ServiceTimes(config, usual, calendars, nowMs);
  }

  private constructor(
    private readonly config: ServiceConfig,
    private readonly usual: BusinessCalendar,
    private readonly calendars: ReadonlyMap<number, BusinessCalendar>,
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
    const calendar = this.calendars.get(session.restaurant_id ?? 0) ?? this.usual;
    const endMs = (done ?? session.ended_at)?.getTime() ?? this.nowMs;
    const elapsed = Math.floor(businessMs(calendar, session.created_at.getTime(), endMs) / 1000);
    const limit = minutes * 60;
    const isLate = elapsed > limit;
    const open = session.ended_at === null ? 'running' : 'stopped';
    const state = isLate ? 'missed' : done === null ? open : 'met';
    return { limit_seconds: limit, elapsed_seconds: elapsed, state };
  }
}

/** In any time zone. */
function yearsOf(sessions: readonly ServiceSession[], nowMs: number): number[] {
  const times = sessions.flatMap(({ created_at, ended_at }) => [
    created_at.getTime() - 2 * DAY_MS,
    (ended_at?.getTime() ?? nowMs) + DAY_MS,
  ]);
  const years = times.map((timeMs) => new Date(timeMs).getUTCFullYear());
  // As far as time is counted, those in between are not left out either.
  return sessions.length === 0 ? [] : range(Math.min(...years), Math.max(...years));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

const DAY_MS = 86_400_000;
