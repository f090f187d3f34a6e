import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, it } from 'mocha';
import { EventStreams } from '../../src/events/stream/eventStreams.ts';
import { dropGaps, numberEvents } from '../../src/events/stream/numberEvents.ts';
import { readFrames } from '../../src/events/stream/readStream.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { openDataSources } from '../../src/platform/database/dataSource.ts';
import { Database } from '../../src/platform/database/transaction.ts';
import { emitEvents } from '../../src/platform/events/outbox.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { forEachDatabase, onMariadb, urlOf, type OpenDatabase } from '../support/databases.ts';
import { FrameReader } from './streamClient.ts';

const logger = createLogger('silent');

interface Node {
  streams: EventStreams;
  listen(after?: number): Promise<FrameReader>;
  close(): Promise<void>;
}

/** The streams of a node of its own, with its own connections, and clients that take whatever they are sent. */
async function openNode(url: string): Promise<Node> {
  const database = new Database(await openDataSources({ url, replicaUrls: [], poolSize: 4 }));
  const streams = new EventStreams({ database, clock: systemClock, logger });
  /** As the connections of its clients end. */
  const leaving: (() => void)[] = [];
  return {
    streams,
    listen: async (after) => {
      const reader = new FrameReader();
      const { stream } = await streams.admit({
        callerId: 1,
        types: undefined,
        after,
        check: async () => undefined,
        watch: () => () => undefined,
      });
      leaving.push(
        stream({
          isReady: true,
          send: (text) => reader.read(text),
          whenReady: (listener) => listener(),
          end: () => undefined,
        }),
      );
      return reader;
    },
    close: async () => {
      await streams.close();
      for (const leave of leaving) leave();
      await database.close();
    },
  };
}

const action = (n: number) => ({ type: 'user:action', userId: null, data: { n } }) as const;
const numbersOf = ({ frames }: FrameReader) => frames.map(({ data }) => data.data.n as number);

function numbering(
  title: string,
  define: typeof forEachDatabase,
  suite: (database: () => Database) => void,
): void {
  define(title, (open: OpenDatabase) => {
    let database: Database;
    beforeEach('opens a database', async () => {
      database = await open();
    });
    suite(() => database);
  });
}

numbering('the order of the live stream', forEachDatabase, (database) => {
  const emit = (...ns: number[]) =>
    database().transaction((tx) => emitEvents(tx, ns.map(action), Date.now()));
  const number = () => numberEvents({ database: database(), clock: systemClock });

  it('RE-9 numbers what is committed, each once, without a hole', async () => {
    assert.equal(await number(), 0);
    await emit(1, 2);
    assert.equal(await number(), 2);
    assert.equal(await number(), 2);
    await emit(3);
    assert.equal(await number(), 3);
    const frames = await readFrames(database(), 0, 10);
    assert.deepEqual(
      frames.map(({ streamId }) => streamId),
      [1, 2, 3],
    );
  });

  it('RE-9 several that number at once give each event one number', async () => {
    await emit(...Array.from({ length: 2500 }, (_, n) => n));
    await Promise.all([number(), number(), number(), emit(2500), number()]);
    assert.equal(await number(), 2501);
    const [row] = await database().read<{ events: number | string }>(
      'SELECT COUNT(DISTINCT event_id) AS events FROM event_stream',
    );
    assert.equal(Number(row!.events), 2501);
  });
});

numbering('the live streams of several nodes', onMariadb, (database) => {
  const nodes: Node[] = [];
  const open = async () => {
    const node = await openNode(urlOf(database()));
    nodes.push(node);
    return node;
  };
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.close();
  });
  const emit = (n: number, beforeCommitMs = 0) =>
    database().transaction(async (tx) => {
      await emitEvents(tx, [action(n)], Date.now());
      if (beforeCommitMs > 0) await sleep(beforeCommitMs);
    });
  const headGaps = async () => {
    const [row] = await database().read<{ gaps: string }>('SELECT gaps FROM event_stream_heads');
    return JSON.parse(row!.gaps) as { from: number; to: number }[];
  };

  it('RE-9 tell the same with the same ids, and a client goes on at another node', async () => {
    const [first, second] = [await open(), await open()];
    const [a, b] = [await first.listen(), await second.listen()];
    for (let n = 1; n <= 20; n++) await emit(n);
    await a.until(20);
    await b.until(20);
    assert.deepEqual(a.frames, b.frames);
    await first.close();
    nodes.shift();
    for (let n = 21; n <= 30; n++) await emit(n);
    const moved = await second.listen(a.frames[14]!.id);
    await moved.until(15);
    await b.until(30);
    assert.deepEqual(moved.frames, b.frames.slice(15));
    // On a node that nobody has listened to.
    const third = await (await open()).listen(a.frames[14]!.id);
    await third.until(15);
    assert.deepEqual(third.frames, moved.frames);
  });

  it('RE-1 an event that took a lower id and commits later is told on every node', async function () {
    this.timeout(30_000);
    const [first, second] = [await open(), await open()];
    const [a, b] = [await first.listen(), await second.listen()];
    const late = emit(0, 1500);
    await sleep(100);
    for (let n = 1; n <= 10; n++) await emit(n);
    await a.until(10, 1200);
    assert.equal((await headGaps()).length, 1);
    await late;
    await a.until(11);
    await b.until(11);
    assert.equal(numbersOf(a).at(-1), 0);
    assert.deepEqual(a.frames, b.frames);
    assert.deepEqual(await headGaps(), []);
  });

  it('RE-1 2,000 events of transactions that commit in any order are all told, each once', async function () {
    this.timeout(60_000);
    const [first, second] = [await open(), await open()];
    const [a, b] = [await first.listen(), await second.listen()];
    let next = 0;
    const emitting = Array.from({ length: 8 }, async () => {
      while (next < 2000) {
        const n = next++;
        const isRolledBack = n % 7 === 3;
        await database()
          .transaction(async (tx) => {
            await emitEvents(tx, [action(n)], Date.now());
            if (n % 5 === 0) await sleep(Math.random() * 60);
            if (isRolledBack) throw new Error('rolled back');
          })
          .catch((error: unknown) => assert.ok(isRolledBack, error as Error));
      }
    });
    await Promise.all(emitting);
    const kept = Array.from({ length: 2000 }, (_, n) => n).filter((n) => n % 7 !== 3);
    await a.until(kept.length, 20_000);
    await b.until(kept.length, 20_000);
    await sleep(500);
    assert.deepEqual(
      numbersOf(a).toSorted((x, y) => x - y),
      kept,
    );
    assert.deepEqual(a.frames, b.frames);
    const ids = a.frames.map(({ id }) => id);
    assert.ok(ids.every((id, at) => at === 0 || id === ids[at - 1]! + 1));
  });

  it('RE-10 looks no longer for what was rolled back, but for a transaction that is open, however long that takes', async () => {
    const later = { ...systemClock, nowMs: () => Date.now() + 120_000 };
    const services = { database: database(), clock: systemClock };
    await assert.rejects(
      database().transaction(async (tx) => {
        await emitEvents(tx, [action(1)], Date.now());
        throw new Error('rolled back');
      }),
    );
    let commit = () => undefined as void;
    const stuck = database().transaction(async (tx) => {
      await emitEvents(tx, [action(2)], Date.now());
      await new Promise<void>((resolve) => (commit = resolve));
    });
    await sleep(100);
    await emit(3);
    assert.equal(await numberEvents(services), 1);
    const [both] = await headGaps();
    assert.equal(both!.to - both!.from, 1);
    // The two are one gap: as long as one of them is open, both are looked for.
    await dropGaps({ ...services, clock: later });
    assert.equal((await headGaps()).length, 1);
    commit();
    await stuck;
    assert.equal(await numberEvents(services), 2);
    assert.deepEqual(
      (await headGaps()).map(({ from, to }) => to - from),
      [0],
    );
    await dropGaps(services);
    assert.equal((await headGaps()).length, 1, 'it is too young');
    await dropGaps({ ...services, clock: later });
    assert.deepEqual(await headGaps(), []);
  });
});
