/** Opening hours as lines that people type: `1-5 10:00-22:00`, Monday is 1. */
import type { Restaurant } from '../redemption/wire.ts';

export type Hours = Restaurant['hours'];

export function hoursText(hours: Hours): string {
  return hours.map(({ days, from, to }) => `${daysText(days)} ${from}-${to}`).join('\n');
}

/** @returns undefined where a line cannot be read */
export function hoursOf(text: string): Hours | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const hours = lines.map((line) => {
    const parts = /^([1-7](?:[-,][1-7])*) +(\d\d:\d\d)-(\d\d:\d\d)$/.exec(line);
    return parts === null ? undefined : { days: daysOf(parts[1]!), from: parts[2]!, to: parts[3]! };
  });
  return hours.every((one) => one !== undefined) ? (hours as Hours) : undefined;
}

export function daysText(days: number[]): string {
  const sorted = [...days].sort((a, b) => a - b);
  const isRun = sorted.length > 1 && sorted.every((day, at) => day === sorted[0]! + at);
  return isRun ? `${sorted[0]!}-${sorted[sorted.length - 1]!}` : sorted.join(',');
}

function daysOf(text: string): number[] {
  const days = text.split(',').flatMap((part) => {
    const [from, to = from] = part.split('-').map(Number);
    return Array.from({ length: to! - from! + 1 }, (_, at) => from! + at);
  });
  return [...new Set(days)];
}
