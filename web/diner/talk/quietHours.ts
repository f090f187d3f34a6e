import type { Preferences } from './wire.ts';

type QuietHours = NonNullable<Preferences['quiet_hours']>;

/** Whether it is quiet then, by the clock of the restaurants; hours may go over midnight. */
export function isQuietAt({ from, to }: QuietHours, atMs: number, zone: string): boolean {
  const format = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone } as const;
  const now = new Intl.DateTimeFormat('en-GB', format).format(atMs);
  return from < to ? now >= from && now < to : now >= from || now < to;
}
