/** Between the times of the API and what somebody types: a day and a time of the business's zone, wherever the reader is. */
import { businessZone } from '../../shared/dates.ts';

/** @returns YYYY-MM-DDTHH:mm as an input of type datetime-local has it; '' for no time */
export function toInput(time: string): string {
  const timeMs = Date.parse(time);
  return Number.isNaN(timeMs) ? '' : wall(timeMs).slice(0, 16);
}

/** @returns ISO 8601; '' where nothing is typed in full */
export function fromInput(text: string): string {
  const asUtc = Date.parse(`${text}:00Z`);
  if (Number.isNaN(asUtc)) return '';
  // What the zone is off by depends on the moment, so it is looked up where the first guess falls.
  const guess = asUtc - offsetAt(asUtc);
  return new Date(asUtc - offsetAt(guess)).toISOString();
}

function offsetAt(timeMs: number): number {
  return Date.parse(`${wall(timeMs)}Z`) - Math.floor(timeMs / 1000) * 1000;
}

/** The time on the walls of the business's zone. */
function wall(timeMs: number): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: businessZone(),
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(timeMs);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '00';
  return `${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}:${of('second')}`;
}
