/** Times as clocks on the wall of a zone show them, for fields of forms: YYYY-MM-DDTHH:mm. */

/** @param time ISO 8601 */
export function asWallTime(time: string, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(new Date(time));
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  return `${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}`;
}

/** @returns ISO 8601. What a change to summer time leaves out is taken for the hour after it. */
export function fromWallTime(wall: string, zone: string): string {
  const asUtcMs = Date.parse(`${wall}:00Z`);
  const offset = (atMs: number) => Date.parse(`${asWallTime(new Date(atMs).toISOString(), zone)}:00Z`) - atMs;
  const guess = asUtcMs - offset(asUtcMs);
  return new Date(asUtcMs - offset(guess)).toISOString();
}
