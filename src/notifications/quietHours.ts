import type { Preferences } from './inbox.ts';

/** Whether a moment lies in somebody's quiet hours, which may go over midnight. The end belongs to the day again. */
export function isQuiet(
  { quiet_hours: quiet }: Pick<Preferences, 'quiet_hours'>,
  nowMs: number,
  timezone: string,
): boolean {
  if (quiet === null) return false;
  const { from, to } = quiet;
  const format = { timeZone: timezone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const time = new Intl.DateTimeFormat('en-GB', format).format(nowMs);
  return from < to ? time >= from && time < to : time >= from || time < to;
}
