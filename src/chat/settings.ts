import { z } from 'zod';
import type { WeekHours } from '../platform/businessTime.ts';
import { LIMITS } from '../platform/limits.ts';
import { list, whole } from '../platform/settings/settingShapes.ts';
import { inCode, settingsGroup, type ConfigOf } from '../platform/settings/settingsGroup.ts';

const HOURS = /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/;
const hoursShape = list
  .pipe(z.array(z.string().regex(HOURS, 'must be HH:mm-HH:mm')).min(1).max(LIMITS.openingHours))
  .transform(hoursOf);

function hoursOf(texts: readonly string[]): WeekHours[] {
  return texts.map((text) => ({ days: [1, 2, 3, 4, 5, 6, 7], from: text.slice(0, 5), to: text.slice(6) }));
}

export const chatSettings = settingsGroup({
  prefixes: ['CHAT'],
  settings: {
    /** Messages that one connection may send. */
    CHAT_RATE_PER_SECOND: whole(1, 1_000_000).default(3),
    /** When diners are served who ask about no restaurant, every day: `09:00-12:00,13:30-21:00`. */
    CHAT_SERVICE_HOURS: hoursShape.default(() => hoursOf(['09:00-21:00'])),
    /** Of those hours, until somebody answers, and until it is resolved. */
    CHAT_ANSWER_MINUTES: whole(1, 100_000).default(5),
    CHAT_RESOLUTION_MINUTES: whole(1, 100_000).default(240),
  },
  read: (values) => inCode(values),
});

export type ChatConfig = ConfigOf<typeof chatSettings>;
