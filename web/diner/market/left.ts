/** How long something lasts still, as people say it: in days, in hours, and at last in minutes and seconds. */
import { useI18n } from 'vue-i18n';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export function useLeft(): (endsAt: string, now: number) => string {
  const { t, n } = useI18n();
  const two = (count: number) => String(count).padStart(2, '0');
  return (endsAt, now) => {
    const ms = Math.max(0, Date.parse(endsAt) - now);
    if (ms >= 2 * DAY_MS) return t('left.days', { days: n(Math.floor(ms / DAY_MS)) });
    const hours = Math.floor(ms / HOUR_MS);
    const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
    if (hours > 0) return t('left.hours', { hours: n(hours), minutes: n(minutes) });
    return t('left.clock', { time: `${two(minutes)}:${two(Math.floor((ms % MINUTE_MS) / 1000))}` });
  };
}
