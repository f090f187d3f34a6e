/** What the thread of forecasts runs. */
import { setPriority } from 'node:os';
import { forecast, type Asked, type Forecast } from './forecast.ts';

/** Live draws come first. */
const NICENESS = 5;

// Of this thread alone, which only Linux knows; elsewhere it would be the server's.
if (process.platform === 'linux') setPriority(NICENESS);

export function work(asked: readonly Asked[]): Forecast[] {
  return asked.map(forecast);
}
