/** Days and times as the business counts them: in its time zone, wherever the reader is. */
import { shallowRef } from 'vue';
import { i18n } from './language.ts';

const zone = shallowRef('Asia/Shanghai');

/** @param timezone IANA name, as the server tells it */
export function countDaysIn(timezone: string): void {
  zone.value = timezone;
}

export function businessZone(): string {
  return zone.value;
}

const FORMATS = {
  /** 12月25日 */
  day: { month: 'long', day: 'numeric' },
  /** 2026年12月25日 */
  date: { year: 'numeric', month: 'long', day: 'numeric' },
  /** 20:09 */
  time: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  /** 20:09:31 */
  second: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  /** 12月25日 20:09 */
  moment: { month: 'long', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  /** 2026/12/25 20:09:31 GMT+8 */
  exact: {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

/** Made once each: that takes a hundred times as long as to format with one. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(name: string, locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${name} ${locale} ${options.timeZone!}`;
  const made = formatters.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formatters.set(key, made);
  return made;
}

/** @param time ISO 8601, as the API gives times, or milliseconds */
export function formatTime(time: string | number, format: keyof typeof FORMATS): string {
  // A day of another year is not told by its month alone.
  const isElsewhen = 'month' in FORMATS[format] && yearOf(time) !== yearOf(Date.now());
  const options = {
    ...FORMATS[format],
    ...(isElsewhen && ({ year: 'numeric' } as const)),
    timeZone: zone.value,
  };
  const name = isElsewhen ? `${format} of a year` : format;
  const text = formatterOf(name, i18n.global.locale.value, options).format(new Date(time));
  return format === 'exact' ? `${text} ${zoneName(time)}` : text;
}

function yearOf(time: string | number): string {
  return businessDay(time).slice(0, 4);
}

/** GMT+8: where the zone stands in a time, languages differ. */
function zoneName(time: string | number): string {
  const options = { timeZone: zone.value, timeZoneName: 'short' } as const;
  const parts = formatterOf('zone', 'en', options).formatToParts(new Date(time));
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? zone.value;
}

/**
 * The last moment before an end, in ms: what ends at midnight has its last day before that.
 * @param end ISO 8601: the first moment at which it is over
 */
export function lastMoment(end: string): number {
  const endMs = Date.parse(end);
  return businessDay(endMs - 1) === businessDay(endMs) ? endMs : endMs - 1;
}

const DAY_FORMATS = {
  /** 12月25日 */
  day: { month: 'long', day: 'numeric' },
  /** 2026年12月25日 */
  date: { year: 'numeric', month: 'long', day: 'numeric' },
  /** 12/25 */
  short: { month: 'numeric', day: 'numeric' },
  /** 2026年12月 */
  month: { year: 'numeric', month: 'long' },
  /** 12月 */
  monthName: { month: 'short' },
  /** 三 */
  weekday: { weekday: 'narrow' },
  /** 周三 */
  shortWeekday: { weekday: 'short' },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

/** @param day YYYY-MM-DD, as the business counts: the same day wherever the reader is */
export function formatDay(day: string, format: keyof typeof DAY_FORMATS): string {
  const options = { ...DAY_FORMATS[format], timeZone: 'UTC' };
  const formatter = formatterOf(`day ${format}`, i18n.global.locale.value, options);
  return formatter.format(new Date(`${day}T00:00:00Z`));
}

/** @param day YYYY-MM-DD */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** @returns YYYY-MM-DD of a time */
export function businessDay(time: string | number): string {
  return formatterOf('iso', 'en-CA', { timeZone: zone.value }).format(new Date(time));
}
