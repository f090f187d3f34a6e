/** Between the times of the API and what somebody types: a day and a time of the business's zone, wherever the reader is. */
import { businessZone } from './dates.ts';
import { asWallTime, fromWallTime } from './wallTime.ts';

/** @returns YYYY-MM-DDTHH:mm as an input of type datetime-local has it; '' for no time */
export function toInput(time: string): string {
  return Number.isNaN(Date.parse(time)) ? '' : asWallTime(time, businessZone());
}

/** @returns ISO 8601; '' where nothing is typed in full */
export function fromInput(text: string): string {
  return Number.isNaN(Date.parse(`${text}:00Z`)) ? '' : fromWallTime(text, businessZone());
}
