/** What the thread of forecasts runs. */
import { forecast, type Asked, type Forecast } from './forecast.ts';
import { giveWay } from '../../platform/giveWay.ts';

giveWay(5);

export function work(asked: readonly Asked[]): Forecast[] {
  return asked.map(forecast);
}
