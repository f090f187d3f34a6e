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

/** @param time ISO 8601, as the API gives times, or milliseconds */
export function formatTime(time: string | number, format: keyof typeof FORMATS): string {
  const formatter = new Intl.DateTimeFormat(i18n.global.locale.value, {
    ...FORMATS[format],
    timeZone: zone.value,
  });
  const text = formatter.format(new Date(time));
  return format === 'exact' ? `${text} ${zoneName(time)}` : text;
}

/** GMT+8: where the zone stands in a time, languages differ. */
function zoneName(time: string | number): string {
  const formatter = new Intl.DateTimeFormat('en', { timeZone: zone.value, timeZoneName: 'short' });
  return (
    formatter.formatToParts(new Date(time)).find(({ type }) => type === 'timeZoneName')?.value ?? zone.value
  );
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
} satisfies Record<string, Intl.DateTimeFormatOptions>;

/** @param day YYYY-MM-DD, as the business counts: the same day wherever the reader is */
export function formatDay(day: string, format: keyof typeof DAY_FORMATS): string {
  const options = { ...DAY_FORMATS[format], timeZone: 'UTC' };
  return new Intl.DateTimeFormat(i18n.global.locale.value, options).format(new Date(`${day}T00:00:00Z`));
}

/** @param day YYYY-MM-DD */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** @returns YYYY-MM-DD of a time */
export function businessDay(time: string | number): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone.value }).format(new Date(time));
}
