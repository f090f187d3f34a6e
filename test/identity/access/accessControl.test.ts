import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, beforeEach, it } from 'mocha';
import { AccessControl } from '../../../src/identity/access/accessControl.ts';
import {
  lockAccess,
  pruneAccessChanges,
  readAccessChanges,
  readAccessVersion,
  recordAccessChanges,
} from '../../../src/identity/access/accessFeed.ts';
import { endLogin } from '../../../src/identity/session/logins.ts';
import { AccessTokens } from '../../../src/identity/session/tokens.ts';
import { identifyBy } from '../../../src/identity/session/identify.ts';
import { localWake } from '../../../src/platform/cluster/wake.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { TestClock } from '../../support/clock.ts';
import { forEachDatabase, onMariadb } from '../../support/databases.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { openLoginDesk, SECRET, type LoginDesk } from '../loginDesk.ts';

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TOKEN_SECONDS = 7200;
const logger = createLogger('silent');

class TestTicks {
  monotonic = 1000;
  wall = 1_000_000;

  monotonicMs() {
    return this.monotonic;
  }

  wallMs() {
    return this.wall;
  }

  pass(ms: number) {
    this.monotonic += ms;
    this.wall += ms;
  }
}

forEachDatabase('access on a node', (open) => {
  let database: Database;
  let clock: TestClock;
  let ticks: TestTicks;
  let desk: LoginDesk;
  /** Where the changes are made; it follows the same database. */
  let other: AccessControl;
  let node: AccessControl;
  let numbers = 0;
  before(async () => {
    database = await open();
  });
  beforeEach(async () => {
    clock = new TestClock();
    ticks = new TestTicks();
    desk = openLoginDesk(database, new TestClock());
    other = await load(database);
    node = await load(database);
  });
  const load = (of: Database) =>
    AccessControl.load({
      database: of,
      clock,
      logger,
      wake: localWake(),
      accessTokenSeconds: TOKEN_SECONDS,
      ticks,
    });
  const logIn = async () => {
    const { user } = await desk.login({ mobile: String(13_300_000_000 + numbers++) });
    const [row] = await database.read<{ id: number }>(
      'SELECT MAX(session_id) AS id FROM customer_sessions WHERE user_id = ?',
      [user.userId],
    );
    return { userId: user.userId, sessionId: Number(row!.id) };
  };
  /** At the other node, by its clock. */
  const end = async (login: { userId: number; sessionId: number }, at = new TestClock()) => {
    assert.equal(await endLogin({ database, clock: at, access: other }, login, 'logout'), 1);
  };
  const pruneAll = () => pruneAccessChanges(database, Date.parse('2030-01-01'));

  it('TIME-1 a node that stood still for longer than any window learns of every login that ended', async () => {
    const logins = [await logIn(), await logIn(), await logIn()];
    await node.changed();
    await end(logins[0]!);
    // The node's own clock goes on, and the change is old when it reads again.
    clock.advance(70 * SECOND_MS);
    ticks.pass(70 * SECOND_MS);
    await end(logins[1]!);
    await node.changed();
    assert.deepEqual(
      logins.map(({ sessionId }) => node.isRevoked(sessionId)),
      [true, true, false],
    );
  });

  for (const [title, stepMs] of [
    ['an hour ahead', HOUR_MS],
    ['an hour behind', -HOUR_MS],
    ['three days ahead', 3 * DAY_MS],
  ] as const) {
    it(`TIME-1 a node whose clock steps ${title} learns of logins that end before and after, and forgets none`, async () => {
      const logins = [await logIn(), await logIn(), await logIn()];
      await end(logins[0]!);
      await node.changed();
      clock.advance(stepMs);
      await end(logins[1]!);
      await node.changed();
      clock.advance(-stepMs);
      await node.changed();
      await end(logins[2]!);
      await node.changed();
      for (const { sessionId } of logins) assert.equal(node.isRevoked(sessionId), true);
    });
  }

  it('TIME-1 an ended login is forgotten by time that has passed, when its last token has long run out', async () => {
    const login = await logIn();
    await end(login);
    await node.changed();
    clock.advance(10 * DAY_MS);
    ticks.pass(DAY_MS + TOKEN_SECONDS * SECOND_MS);
    await node.changed();
    assert.equal(node.isRevoked(login.sessionId), true);
    ticks.pass(1);
    await node.changed();
    assert.equal(node.isRevoked(login.sessionId), false);
  });

  it('TIME-1 a node that could not read for 5 s refuses everything until it has', async () => {
    const { userId, sessionId } = await logIn();
    const tokens = new AccessTokens({ secret: SECRET, lifetimeSeconds: TOKEN_SECONDS, clock });
    const token = tokens.sign({ userId, sessionId, role: 'user', nickname: 'x' });
    const asks: Record<string, () => unknown> = {
      identify: () => identifyBy(tokens, node)(token),
      can: async () => node.can({ userId }, 'users:read'),
      isRevoked: async () => node.isRevoked(sessionId),
      roleOf: async () => node.roleOf(userId),
      isAddressAllowed: async () => node.isAddressAllowed('127.0.0.1'),
      requireCurrent: async () => node.requireCurrent(),
    };
    const answers = () => Promise.all(Object.values(asks).map(async (ask) => ask()));
    ticks.pass(5000);
    await answers();
    for (const [name, ask] of Object.entries(asks)) {
      await until(() => isCurrent(node));
      ticks.pass(5001);
      await assert.rejects(async () => ask(), { code: 'BUSY', retryAfterSeconds: 1 }, name);
    }
    // Whoever asks has it read at once, without waiting for the next poll.
    await until(() => isCurrent(node));
    await answers();
  });

  it('TIME-1 a machine that was suspended is noticed by its wall clock', async () => {
    ticks.wall += 5001;
    assert.equal(isCurrent(node), false);
    await node.changed();
    assert.equal(isCurrent(node), true);
    ticks.wall -= HOUR_MS;
    assert.equal(isCurrent(node), true);
  });

  it('TIME-1 an answer that was on its way while the node stood still does not make it current', async () => {
    const slow = Object.create(database) as Database;
    slow.readCurrent = async (...query) => {
      const rows = await database.readCurrent(...query);
      ticks.pass(70 * SECOND_MS);
      return rows as never;
    };
    const late = await load(slow);
    assert.equal(isCurrent(late), false);
  });

  it('TIME-1 a cursor that is lost has everything read anew, also for sockets that are open for days', async () => {
    const [recent, ancient, staying] = [await logIn(), await logIn(), await logIn()];
    const ended: number[] = [];
    for (const { sessionId } of [ancient, staying]) node.watchLogin(sessionId, () => ended.push(sessionId));
    let told: unknown = 'nothing';
    node.watchPersons((userIds) => (told = userIds));
    const longAgo = new TestClock();
    longAgo.advance(-30 * DAY_MS);
    await end(ancient, longAgo);
    await end(recent);
    await database.transaction((tx) =>
      tx.execute("UPDATE users SET role = 'admin' WHERE user_id = ?", [staying.userId]),
    );
    await pruneAll();
    await node.changed();
    assert.equal(node.isRevoked(recent.sessionId), true);
    assert.deepEqual(ended, [ancient.sessionId]);
    assert.equal(node.roleOf(staying.userId), 'admin');
    assert.equal(told, undefined);
    await end(staying);
    await node.changed();
    assert.deepEqual(ended, [ancient.sessionId, staying.sessionId]);
  });

  it('TIME-1 a database that was set back has everything read anew', async () => {
    const login = await logIn();
    for (let at = 0; at < 3; at++) await end(await logIn());
    await node.changed();
    const version = await readAccessVersion(database);
    await database.transaction(async (tx) => {
      await tx.execute('DELETE FROM access_changes WHERE version > ?', [version - 2]);
      await tx.execute('UPDATE access_version SET version = ?', [version - 2]);
    });
    await end(login);
    await node.changed();
    assert.equal(node.isRevoked(login.sessionId), true);
  });

  it('TIME-1 a change of a kind that only newer builds know has everything read anew', async () => {
    const login = await logIn();
    await database.transaction(async (tx) => {
      await tx.execute("UPDATE users SET role = 'staff' WHERE user_id = ?", [login.userId]);
      await recordAccessChanges(tx, [{ kind: 'else' as never, subjectId: 7 }], clock.nowMs());
    });
    await node.changed();
    assert.equal(node.roleOf(login.userId), 'staff');
  });

  it('TIME-1 more changes than are read at once are all read', async () => {
    const login = await logIn();
    await database.transaction(async (tx) => {
      const many = Array.from(
        { length: 2500 },
        (_, at) => ({ kind: 'login', subjectId: 1_000_000 + at }) as const,
      );
      await recordAccessChanges(tx, many, clock.nowMs());
    });
    await end(login);
    await node.changed();
    for (const id of [1_000_000, 1_002_499, login.sessionId]) assert.equal(node.isRevoked(id), true);
  });

  it('DB-10 old changes are removed, the newest never', async () => {
    await end(await logIn());
    const version = await readAccessVersion(database);
    await pruneAccessChanges(database, 0);
    assert.ok((await readAccessChanges(database, { cursor: version - 1, limit: 9 }))!.length === 1);
    await pruneAll();
    await pruneAll();
    const rows = await database.read<{ version: number | string }>('SELECT version FROM access_changes');
    assert.deepEqual(
      rows.map((row) => Number(row.version)),
      [version],
    );
  });

  it('100 changes at once are read back with a few reads', async () => {
    let tables = 0;
    const counting = Object.create(database) as Database;
    counting.readCurrent = (sql, parameters) => {
      if (sql.includes('FROM role_permissions')) tables += 1;
      return database.readCurrent(sql, parameters);
    };
    const busy = await load(counting);
    tables = 0;
    await database.transaction((tx) =>
      recordAccessChanges(tx, [{ kind: 'tables', subjectId: null }], clock.nowMs()),
    );
    const login = await logIn();
    await end(login);
    await Promise.all(Array.from({ length: 100 }, () => busy.changed()));
    assert.equal(busy.isRevoked(login.sessionId), true);
    assert.ok(tables >= 1 && tables <= 2, `${tables} reads of the tables`);
  });

  it('a database that never answers is given up, and asked anew', async function () {
    this.timeout(20_000);
    let isSilent = false;
    const silent = Object.create(database) as Database;
    silent.readCurrent = (...query) =>
      isSilent ? new Promise<never>(() => undefined) : database.readCurrent(...query);
    const patient = await load(silent);
    isSilent = true;
    await assert.rejects(patient.changed(), { code: 'BUSY' });
    isSilent = false;
    const login = await logIn();
    await end(login);
    await patient.changed();
    assert.equal(patient.isRevoked(login.sessionId), true);
  });
});

onMariadb('changes of access at the same time', (open) => {
  let database: Database;
  const held: (() => void)[] = [];
  before(async () => {
    database = await open();
  });
  afterEach(() => {
    for (const release of held.splice(0)) release();
  });
  after(() => undefined);

  /** A transaction that has recorded a change and is not committed until it is told. */
  const holdChange = async (subjectId: number) => {
    const recorded = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    held.push(released.resolve);
    const committed = database.transaction(async (tx) => {
      await lockAccess(tx);
      await recordAccessChanges(tx, [{ kind: 'login', subjectId }], Date.now());
      recorded.resolve();
      await released.promise;
    });
    await recorded.promise;
    return { commit: released.resolve, committed };
  };

  it('TIME-1 become visible in the order of their numbers, without gaps', async () => {
    const start = await readAccessVersion(database);
    const slow = await holdChange(1);
    let isSecondDone = false;
    const second = database
      .transaction(async (tx) => {
        await lockAccess(tx);
        await recordAccessChanges(tx, [{ kind: 'login', subjectId: 2 }], Date.now());
      })
      .then(() => (isSecondDone = true));
    await sleep(200);
    assert.equal(isSecondDone, false, 'the second waits for the first one');
    assert.deepEqual(await readAccessChanges(database, { cursor: start, limit: 9 }), []);
    slow.commit();
    await Promise.all([slow.committed, second]);
    assert.deepEqual(await readAccessChanges(database, { cursor: start, limit: 9 }), [
      { version: start + 1, kind: 'login', subjectId: 1 },
      { version: start + 2, kind: 'login', subjectId: 2 },
    ]);
  });

  it('a login does not wait for a change of access', async () => {
    const slow = await holdChange(3);
    const desk = openLoginDesk(database, new TestClock());
    assert.equal((await desk.answer({ mobile: '13312345678' })).code, 'OK');
    slow.commit();
    await slow.committed;
  });
});

function isCurrent(access: AccessControl): boolean {
  try {
    access.requireCurrent();
    return true;
  } catch {
    return false;
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    assert.ok(tries < 200, 'it does not come');
    await sleep(20);
  }
}
