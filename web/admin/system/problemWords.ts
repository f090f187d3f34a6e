/** What is wrong with the server, in words. */
import { i18n } from '../../shared/language.ts';
import type { SystemView } from '../dashboard/useDashboard.ts';

export type SystemProblem = SystemView['problems'][number];

const LONG: ReadonlySet<string> = new Set(['events_late', 'ledger_late', 'draws_late']);

/** Milliseconds as people say them. */
export function msWords(value: number | null): string {
  const { t } = i18n.global;
  if (value === null) return '–';
  if (value < 1000) return t('system.ms', { ms: value < 10 ? value.toFixed(1) : Math.round(value) });
  if (value < 120_000) return t('system.seconds', { seconds: (value / 1000).toFixed(1) });
  return t('system.minutes', { minutes: Math.round(value / 60_000).toLocaleString('en') });
}

export function problemWords({ code, value, limit, node_id: node }: SystemProblem): string {
  const isTime = LONG.has(code) || code.endsWith('_slow');
  const words = isTime
    ? { value: msWords(value), limit: msWords(limit) }
    : { value: value.toLocaleString('en'), limit: limit.toLocaleString('en') };
  return i18n.global.t(`system.problem.${code}`, { ...words, node: node ?? '' });
}
