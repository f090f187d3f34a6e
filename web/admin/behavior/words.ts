/** Figures as people read them. */
import { useI18n } from 'vue-i18n';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function useWords() {
  const { t, n } = useI18n();
  /** Of nobody there is no share. */
  function percent(rate: number | null): string {
    return rate === null ? '–' : `${n(Math.round(rate * 1000) / 10)}%`;
  }
  function duration(seconds: number | null): string {
    if (seconds === null) return '–';
    const [unit, length] =
      seconds < MINUTE
        ? (['seconds', 1] as const)
        : seconds < HOUR
          ? (['minutes', MINUTE] as const)
          : seconds < DAY
            ? (['hours', HOUR] as const)
            : (['days', DAY] as const);
    const count = Math.round((seconds / length) * 10) / 10;
    return t(`behavior.length.${unit}`, { count: n(count) });
  }
  return { percent, duration };
}
