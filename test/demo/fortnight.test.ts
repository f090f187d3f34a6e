import assert from 'node:assert/strict';
import { after, before, it } from 'mocha';
import { live, requireDemo, type Lived, type MovedClock, type Past } from '../../src/demo/fortnight/live.ts';
import { createContext, type Context } from '../../src/context.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { loadConfig } from '../../src/settings.ts';
import { insightToWire } from '../../src/smart/insights/messages.ts';
import { readInsights } from '../../src/smart/insights/readInsights.ts';
import { audit } from '../../src/books/audit.ts';
import { startOfBusinessDay } from '../../src/platform/clock.ts';
import { dayAfter } from '../../src/points/statistics/periods.ts';
import { look } from '../../src/smart/insights/look.ts';
import { Trends } from '../../src/smart/trends/trends.ts';
import { answerOf } from '../../src/smart/trends/answer.ts';
import { onSqlite } from '../support/databases.ts';
import { createUser } from '../support/factories.ts';
import { logSearch } from '../support/logs.ts';

const ZONE = 'Asia/Shanghai';
const FROM = '2026-07-06';
const DAYS = 35;
const PAST: Past = { from: FROM, days: DAYS, people: 300, seed: '1', brokenDay: DAYS - 5 };

function movedClock(startMs: number): MovedClock {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => performance.now(),
    moveTo: (timeMs) => (nowMs = Math.max(nowMs, timeMs)),
  };
}

/** As the command opens it: without rooms, which would take the campaign's draws for themselves. */
function openContext(url: string, clock: MovedClock): Promise<Context> {
  const config = loadConfig({
    ...{ DATABASE_URL: url, JWT_SECRET: 'test-secret-of-more-than-thirty-two-bytes' },
    SEED_ENCRYPTION_KEY: '07'.repeat(32),
  });
  // Nobody is there to whom changes could be told, which is a warning each time.
  return createContext(config, { clock, logger: createLogger('error', logSearch.destination) });
}

onSqlite('a past of the demo', (_open, openUrl) => {
  let context: Context;
  let url: string;
  let lived: Lived;
  const clock = movedClock(startOfBusinessDay(FROM, ZONE));
  const last = dayAfter(FROM, DAYS - 1);
  before('lives it', async function () {
    this.timeout(180_000);
    url = await openUrl();
    context = await openContext(url, clock);
    await requireDemo(context);
    lived = await live({ ...context, clock }, PAST, () => undefined);
    clock.moveTo(startOfBusinessDay(dayAfter(last), ZONE) + 8 * 3_600_000);
  });
  after(() => context?.close());

  it('B-6 people have come, paid, drawn and looked at pages, and the books balance, fairness and buckets too', async function () {
    this.timeout(60_000);
    assert.equal(lived.people, PAST.people);
    assert.ok(lived.bills > 1000 && lived.draws > 1500 && lived.pages > 4000, JSON.stringify(lived));
    const lines: string[] = [];
    const { seedKey } = context;
    const code = await audit({ databaseUrl: url, seedKey }, (line) => lines.push(line));
    assert.equal(code, 0, lines.join('\n'));
  });

  it('B-6 RS-13 whoever looks finds the evening on which the network broke, and nothing else', async function () {
    this.timeout(60_000);
    await look(context, { day: last, freshMs: 0 });
    const { items } = await readInsights(context.database, { state: 'open', page: 1, limit: 20 });
    const broken = dayAfter(FROM, PAST.brokenDay);
    assert.deepEqual(
      items.map(insightToWire).map(({ kind, day, figures }: any) => [kind, day, figures.direction]),
      [['anomaly', broken, 'down']],
    );
    const trends = new Trends(context.trends.services);
    const trend = await trends.read({ measure: 'visits', period: 'day', split: 'all', scope: undefined });
    const shown = { period: 'day' as const, from: FROM, to: last, horizon: 7, timezone: ZONE };
    const [series] = answerOf(trend, shown).series;
    assert.equal(series!.forecast.status, 'ok');
    assert.deepEqual(
      series!.history.filter(({ anomaly }) => anomaly !== null).map(({ starts }) => starts),
      [broken],
    );
  });

  it('B-6 it refuses a second time, and a database that has people of its own', async () => {
    await assert.rejects(requireDemo(context), /already/);
    const other = await openContext(await openUrl(), movedClock(Date.now()));
    try {
      await createUser(other.database);
      await assert.rejects(requireDemo(other), /no demo/);
    } finally {
      await other.close();
    }
  });
});
