/**
 * `npm run demo:fortnight -- [--days 35] [--people 300] [--seed 1] [--until YYYY-MM-DD]`: lives some weeks of the past in the database of
 * a demo, with one evening on which the network is broken, and looks at them. With the settings of the server, which does not run
 * meanwhile. Exit 0: lived; 2: wrong options, or a database that is no demo.
 */
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { createContext } from '../context.ts';
import { live, requireDemo, type MovedClock } from '../demo/fortnight/live.ts';
import { businessDayOf, startOfBusinessDay } from '../platform/clock.ts';
import { createLogger } from '../platform/logger.ts';
import { dayAfter } from '../points/statistics/periods.ts';
import { loadConfig } from '../settings.ts';
import { look } from '../smart/insights/look.ts';

/** So many days before the last one. */
const BROKEN_BEFORE = 4;
const WHOLE = /^[1-9]\d{0,3}$/;

try {
  await run(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

async function run(parameters: string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const options = { days: text, people: text, seed: text, until: text };
  const { days = '35', people = '300', seed = '1', until } = parseArgs({ args: parameters, options }).values;
  if (
    !WHOLE.test(days) ||
    !WHOLE.test(people) ||
    Number(days) < 21 ||
    Number(days) > 120 ||
    Number(people) > 2000
  )
    throw new Error('--days must be 21 to 120, --people 1 to 2000');
  if (until !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(until))
    throw new Error('--until must be YYYY-MM-DD');
  if (process.env['NODE_ENV'] === 'production') throw new Error('a demo is no production');
  const config = loadConfig(process.env);
  const zone = config.businessTimezone;
  const last = until ?? dayAfter(businessDayOf(Date.now(), zone), -1);
  const past = {
    ...{ from: dayAfter(last, 1 - Number(days)), days: Number(days), people: Number(people), seed },
    brokenDay: Number(days) - 1 - BROKEN_BEFORE,
  };
  const clock = movedClock(startOfBusinessDay(past.from, zone));
  // Without rooms there is nobody whom changes could be told to, which is a warning each time.
  const context = await createContext(config, { clock, logger: createLogger('error') });
  try {
    await requireDemo(context);
    const lived = await live({ ...context, clock, config }, past, (line) => console.log(line));
    console.log(JSON.stringify(lived));
    clock.moveTo(startOfBusinessDay(dayAfter(last), zone) + 8 * 3_600_000);
    const { found } = await look(context, { day: last, freshMs: 0 });
    console.log(`${found} insights; the evening of ${dayAfter(last, -BROKEN_BEFORE)} was broken`);
    const { version } = await context.trainer.begin(undefined);
    await context.trainer.settled();
    console.log(`model ${version} has learned from it`);
  } finally {
    await context.close();
  }
}

function movedClock(startMs: number): MovedClock {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => performance.now(),
    moveTo: (timeMs) => (nowMs = Math.max(nowMs, timeMs)),
  };
}
