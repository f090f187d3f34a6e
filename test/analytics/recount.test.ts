import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, it } from 'mocha';
import { AnalyticsBehavior } from '../../entities/analytics/AnalyticsBehavior.ts';
import { AnalyticsRealtimeStat } from '../../entities/analytics/AnalyticsRealtimeStat.ts';
import { Buckets } from '../../src/analytics/behaviors/buckets.ts';
import { Intake } from '../../src/analytics/behaviors/intake.ts';
import { readDifferences } from '../../src/analytics/behaviors/recount.ts';
import { BEHAVIOR_DAYS } from '../../src/analytics/retention.ts';
import type { Behavior } from '../../src/analytics/behaviors/storeBehaviors.ts';
import { forgetBehaviors } from '../../src/analytics/behaviors/personalBehaviors.ts';
import { AppError } from '../../src/platform/errors.ts';
import { RETENTION } from '../../src/domains.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Forgetting } from '../../src/platform/database/forget.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { LIMITS } from '../../src/platform/limits.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { loginAs } from '../platform/cluster/nodes.ts';
import { runCommand, startServerProcess, type ServerProcess } from '../platform/cluster/serverProcess.ts';
import { forEachDatabase, urlOf } from '../support/databases.ts';
import { createUsers } from '../support/factories.ts';
import { logSearch } from '../support/logs.ts';

const DAY_MS = 86_400_000;
const logger = createLogger('debug', logSearch.destination);
const TIMEZONE = 'Asia/Shanghai';

forEachDatabase('what behaviours come to', (open, openUrl) => {
  let database: Database;
  let people: number[];
  const buckets = new Buckets(TIMEZONE);
  beforeEach('opens a database', async () => {
    database = await open();
    people = await createUsers(database, 5);
  });

  const intakeOf = (of = database) => new Intake({ database: of, clock: systemClock, logger, buckets });
  const differences = (of = database, nowMs = Date.now()) =>
    readDifferences({ query: (sql, parameters) => of.readCurrent(sql, parameters) }, buckets, nowMs);
  let next = 0;
  const some = (userId: number, more: Partial<Behavior> = {}): Behavior => ({
    ...{ userId, visitId: 'visit', eventId: `event-${next++}`, kind: 'dwell', name: `page-${next % 7}` },
    ...{ targetType: null, targetId: null, durationMs: next % 1000, position: null },
    ...{ occurredAtMs: Date.now() - Math.floor(Math.random() * 7 * DAY_MS), receivedAtMs: Date.now() },
    ...more,
  });
  const rows = (of = database) => of.currentReader.count(AnalyticsBehavior);

  it('RS-4 RS-5 two nodes are sent the same at once: each is stored once, and the sums are those of a recount', async function () {
    this.timeout(60_000);
    const other = new Database(await openDataSources({ url: urlOf(database), replicaUrls: [], poolSize: 4 }));
    try {
      const nodes = [intakeOf(), intakeOf(other)];
      const calls = Array.from({ length: 60 }, (_, n) =>
        Array.from({ length: 1 + (n % 40) }, () => some(people[n % people.length]!)),
      );
      const fates = await Promise.all(
        calls.flatMap((call) =>
          nodes.map(async (node) => {
            await sleep(Math.random() * 800);
            return node.take(call[0]!.userId, call);
          }),
        ),
      );
      const total = calls.flat().length;
      const accepted = fates.flat().filter((fate) => fate === 'accepted').length;
      assert.deepEqual([accepted, fates.flat().length, await rows()], [total, 2 * total, total]);
      assert.deepEqual(await differences(), []);
      const [day] = await database.readCurrent<{ n: number | string }>(
        "SELECT SUM(entries) AS n FROM analytics_realtime_stats WHERE period = 'day'",
      );
      assert.equal(Number(day!.n), total);
      for (const node of nodes) await node.close();
    } finally {
      await other.close();
    }
  });

  it('RS-4 a full buffer is answered 429 with the time to wait; what was taken is stored', async function () {
    this.timeout(60_000);
    const crowd = await createUsers(database, LIMITS.waitingBehaviors / LIMITS.behaviorsAtOnce + 1);
    const intake = intakeOf();
    const batch = (userId: number) => Array.from({ length: LIMITS.behaviorsPerCall }, () => some(userId));
    const calls = LIMITS.behaviorsAtOnce / LIMITS.behaviorsPerCall;
    const taken = crowd
      .slice(1)
      .flatMap((userId) => Array.from({ length: calls }, () => intake.take(userId, batch(userId))));
    const refused = await intake.take(crowd[0]!, batch(crowd[0]!)).catch((error: unknown) => error);
    assert.ok(refused instanceof AppError, String(refused));
    assert.deepEqual([refused.code, refused.retryAfterSeconds], ['RATE_LIMITED', 2]);
    const fates = (await Promise.all(taken)).flat();
    assert.ok(fates.every((fate) => fate === 'accepted'));
    assert.deepEqual([fates.length, await rows()], [LIMITS.waitingBehaviors, LIMITS.waitingBehaviors]);
    await intake.take(crowd[0]!, batch(crowd[0]!));
    assert.deepEqual(await differences(), []);
  });

  it('RS-4 while the database is away it is BUSY, and nothing is half written', async function () {
    this.timeout(60_000);
    const away = new Database(await openDataSources({ url: urlOf(database), replicaUrls: [], poolSize: 2 }));
    const intake = intakeOf(away);
    await intake.take(people[0]!, [some(people[0]!)]);
    await away.close();
    const refused = await intake.take(people[0]!, [some(people[0]!)]).catch((error: unknown) => error);
    assert.ok(refused instanceof AppError && refused.code === 'BUSY', String(refused));
    assert.equal(await rows(), 1);
    assert.deepEqual(await differences(), []);
  });

  it('RS-5 RS-14 forgetting, by age and of a person, leaves sums that a recount agrees with', async function () {
    this.timeout(60_000);
    const intake = intakeOf();
    const nowMs = Date.now();
    for (let day = 0; day < 200; day += 3)
      await intake.take(people[day % 5]!, [
        some(people[day % 5]!, { occurredAtMs: nowMs - day * DAY_MS }),
        some(people[day % 5]!, { occurredAtMs: nowMs - day * DAY_MS - 12_345_678 }),
      ]);
    assert.deepEqual(await differences(), []);
    const forgetting = new Forgetting({ database, clock: systemClock, logger }, RETENTION, {
      ...{ batch: 7, pauseMs: 0 },
    });
    const gone = await forgetting.pass();
    assert.ok(gone.get('analytics_behaviors')! > 0 && gone.get('analytics_realtime_stats')! > 0);
    assert.deepEqual(await differences(), []);
    const oldest = await database.currentReader.find(AnalyticsRealtimeStat, {
      where: { period: 'day' },
      order: { starts_at: 'ASC' },
      take: 1,
    });
    assert.ok(oldest[0]!.starts_at.getTime() < nowMs - BEHAVIOR_DAYS * DAY_MS, 'days stay');
    await database.transaction((tx) => forgetBehaviors(tx, [people[0]!, people[3]!]));
    assert.equal(await database.currentReader.countBy(AnalyticsBehavior, { user_id: people[0]! }), 0);
    assert.deepEqual(await differences(), []);
  });

  it('RS-5 the command names what differs and fails, and mends it beside what is told of meanwhile', async function () {
    this.timeout(120_000);
    const intake = intakeOf();
    const told = Array.from({ length: 50 }, () => some(people[0]!));
    await intake.take(people[0]!, told);
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>;
    };
    const file = scripts['analytics:recount']!.split(' ').at(-1)!;
    const run = (...parameters: string[]) =>
      runCommand(file, parameters, { DATABASE_URL: urlOf(database), BUSINESS_TIMEZONE: TIMEZONE });
    await database.transaction((tx) =>
      tx.execute("UPDATE analytics_realtime_stats SET entries = entries + 3 WHERE period = 'day'"),
    );
    const found = await run();
    assert.equal(found.code, 1, found.output);
    assert.match(found.output, /^day \S+ dwell page-\d: \d+ \(\d+ ms\) instead of \d+ \(\d+ ms\)$/m);
    const mended = await run('--mend');
    assert.equal(mended.code, 0, mended.output);
    assert.deepEqual(await differences(), []);
    assert.equal((await run()).code, 0);
  });

  it('RS-4 RS-5 a node that is killed loses nothing that it has answered, and counts nothing twice when all of it is sent again', async function () {
    this.timeout(120_000);
    const url = await openUrl();
    const first = await startServerProcess(url);
    const mobiles = ['13900000001', '13900000002', '13900000003'];
    const tokens = await Promise.all(mobiles.map((mobile) => loginAs([first], mobile)));
    const answered = new Set<string>();
    const sent: { token: string; behaviors: object[] }[] = [];
    let isKilled = false;
    const clients = tokens.map(async (token, client) => {
      for (let n = 0; !isKilled; n++) {
        const behaviors = Array.from({ length: 10 }, (_, at) => ({
          ...{ event_id: `${client}-${n}-${at}`, kind: 'page', name: `page-${at}` },
          at: new Date().toISOString(),
        }));
        sent.push({ token, behaviors });
        if ((await tell(first, token, behaviors)) === 10)
          for (const { event_id } of behaviors) answered.add(event_id);
      }
    });
    await sleep(2000);
    await first.end('SIGKILL');
    isKilled = true;
    await Promise.all(clients);
    assert.ok(answered.size > 0);
    const second = await startServerProcess(url);
    const left = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 2 }));
    try {
      const stored = new Set(
        (await left.currentReader.find(AnalyticsBehavior)).map(({ event_id }) => event_id),
      );
      for (const id of answered) assert.ok(stored.has(id), `${id} was answered and is not there`);
      assert.deepEqual(await differences(left), []);
      for (const { token, behaviors } of sent) await tell(second, token, behaviors);
      assert.equal(await rows(left), sent.length * 10);
      assert.deepEqual(await differences(left), []);
    } finally {
      await left.close();
      await second.end('SIGKILL');
    }
  });
});

/** @returns how many are stored now that are new; undefined: it was not answered */
async function tell(node: ServerProcess, token: string, behaviors: object[]): Promise<number | undefined> {
  try {
    const response = await fetch(`${node.origin}/api/v3/analytics/behaviors`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ sent_at: new Date().toISOString(), visit_id: 'visit', behaviors }),
    });
    const { data } = (await response.json()) as { data: { accepted: number } };
    return data.accepted;
  } catch (error) {
    logger.debug({ err: error }, 'the node is gone');
    return undefined;
  }
}
